import type { z } from "zod";
import type { ErrorCode } from "../errorCodes";
import type { Fault } from "../errors";
import {
  configKey,
  faultAt,
  removeCommand,
  setCommand,
  settingsNamespace,
  valueAt,
  type Path,
} from "./settingsFaults";

/** A Pulumi project's settings, as far as faults in them have to be named. */
export interface SettingsProject {
  /** Prefix of every setting. */
  readonly namespace: string;
  /** Kinds of settings that are maps by a key of the operator's own. */
  readonly maps: readonly string[];
  /**
   * A value that works, for each kind of setting; `*` stands for any key of a map, `[]` for any index. One for a key by
   * name comes first.
   */
  readonly examples: Readonly<Record<string, string>>;
}

/** Whether a value could stand at `path`, judged within all that was given. */
export type Accepts = (path: Path, value: unknown) => boolean;

/** Asks a schema about single values. */
export function acceptedBy(schema: z.ZodType, given: unknown): Accepts {
  return (path, value) => {
    const { error } = schema.safeParse(withValueAt(path, given, value));
    const isThere = (issue: { readonly path: Path }): boolean =>
      path.every((part, index) => issue.path[index] === part);
    return error?.issues.some(isThere) !== true;
  };
}

function withValueAt([first, ...rest]: Path, given: unknown, value: unknown): unknown {
  if (first === undefined) return value;
  const inner = withValueAt(rest, valueAt([first], given), value);
  return Array.isArray(given)
    ? given.map((item: unknown, index) => (index === first ? inner : item))
    : { ...(given as object), [first]: inner };
}

/**
 * The faults behind one complaint of the schema.
 *
 * @param accepts Of the same schema: repairs name the operator's own value where it could stand.
 * @param project Whose settings they are. Default: the stack's.
 */
export function faultsOfIssue(
  issue: z.core.$ZodIssue,
  given: unknown,
  accepts: Accepts,
  project: SettingsProject = stackSettings,
): Fault[] {
  const { namespace } = project;
  const value = valueAt(issue.path, given);
  const own = (choices?: readonly unknown[]): string | undefined =>
    ownValue(issue.path, value, project, accepts, choices);
  const fault = (path: Path, reason: string, repair: string, code?: ErrorCode): Fault =>
    faultAt(path, given, reason, repair, code, namespace);

  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) =>
        fault(
          [...issue.path, key],
          `This setting does not exist${issue.path.length === 0 ? "" : ` in ${configKey(issue.path, namespace)}`}.`,
          removeCommand([...issue.path, key], namespace),
          "SETTING_UNKNOWN",
        ),
      );
    case "invalid_key":
      return [
        fault(
          issue.path,
          issue.issues[0]?.message ?? issue.message,
          `Rename it: ${removeCommand(issue.path, namespace)}`,
        ),
      ];
    case "invalid_type": {
      if (value === undefined) {
        return [fault(issue.path, "This setting is required.", repairOf(issue.path, value, project))];
      }
      const reason = issue.message.startsWith("Invalid input")
        ? `Expected ${typeNames[issue.expected] ?? `a ${issue.expected}`}.`
        : issue.message;
      const repair =
        issue.expected in typeNames
          ? (wrapped(issue.path, value, project, accepts) ?? removeCommand(issue.path, namespace))
          : (own() ?? repairOf(issue.path, value, project));
      return [fault(issue.path, reason, repair)];
    }
    case "invalid_value":
      return [fault(issue.path, issue.message, own(issue.values) ?? repairOf(issue.path, value, project))];
    case "too_big":
      return [
        fault(
          issue.path,
          issue.message,
          issue.origin === "array" ? "Name fewer." : repairOf(issue.path, value, project),
        ),
      ];
    default:
      return [fault(issue.path, issue.message, own() ?? repairOf(issue.path, value, project))];
  }
}

const typeNames: Readonly<Record<string, string>> = { object: "a map", record: "a map", array: "a list" };

/** A value that works, for each setting of a stack: for fixes and for docs/settings.md. */
export const settingExamples: Readonly<Record<string, string>> = {
  "apps.*.displayName": "CopilotAPIAuth",
  "apps.*.permissions[]": "User.Read.All",
  "apps.*.readers[].id": "<object ID>",
  "apps.*.readers[].type": "ServicePrincipal",
  "apps.*.adopt": "<application object ID>",
  "apps.*.credential": "secret",
  "apps.*.identity": "agent",
  "granter.clientId": "<client ID>",
  "apps.*.logicApp.callers[]": "<client ID>",
  "apps.*.logicApp.users[]": "<object ID>",
  "apps.*.logicApp.allowedIpRanges[]": "203.0.113.0/24",
  "apps.*.logicApp.requests.*.path": "/v1.0/users",
  "apps.*.logicApp.requests.*.field": "displayName",
  "rotation.everyDays": "60",
  "rotation.keepDays": "60",
  "rotation.graceDays": "14",
  "rotation.proof.tokens": "10",
  "rotation.proof.overSeconds": "10",
  "vault.name": "copilot-token-prod",
  "vault.adopt":
    "/subscriptions/<subscription>/resourceGroups/copilot-token-<…>/providers/Microsoft.KeyVault/vaults/<name>",
  "vault.retentionDays": "90",
  "vault.sku": "standard",
  "vault.readers[].id": "<object ID>",
  "vault.readers[].type": "ServicePrincipal",
  "vault.allowedIpRanges[]": "203.0.113.0/24",
  "owners[]": "<object ID>",
  protect: "true",
  "alerts.email": "admin@example.com",
  "powerPlatform.environmentId": "<environment ID>",
  "powerPlatform.agents[]": "contoso_helpdesk",
  "powerPlatform.publisherPrefix": "contoso",
  "powerPlatform.importers[].id": "<object ID>",
  "powerPlatform.importers[].type": "User",
  "powerPlatform.virtualAgentsServiceObjectId": "<object ID>",
};

/** The stack's own settings. */
const stackSettings: SettingsProject = {
  namespace: settingsNamespace,
  maps: ["apps", "identities", "apps.*.logicApp.requests"],
  examples: settingExamples,
};

/** By a value that works, which for a list is one with a single element; else out with it. */
function repairOf(path: Path, value: unknown, { namespace, maps, examples }: SettingsProject): string {
  const kind = kindOf(path, maps);
  if (kind === "apps") return setCommand(["apps", "CopilotAPIAuth", "permissions", 0], "User.Read.All");
  const example = examples[kindOf(path, [])] ?? examples[kind];
  if (example !== undefined) return setCommand(path, example, namespace);
  const first = examples[`${kind}[]`];
  if (first !== undefined) return setCommand([...path, 0], first, namespace);
  const removal = removeCommand(path, namespace);
  // No single command corrects a map in a list.
  const isMapInList = typeof path.at(-1) === "number" && typeof value === "object";
  return isMapInList ? `Correct it, or remove it: ${removal}` : removal;
}

function kindOf(path: Path, maps: readonly string[]): string {
  return path.reduce<string>((kind, part) => {
    if (typeof part === "number") return `${kind}[]`;
    if (maps.includes(kind)) return `${kind}.*`;
    return kind === "" ? String(part) : `${kind}.${String(part)}`;
  }, "");
}

/**
 * The command that sets what was probably meant, the same without a slip of writing; undefined where there is no such
 * value, or none that could stand there.
 *
 * @param choices Of which the value has to be one, where it has.
 */
function ownValue(
  path: Path,
  value: unknown,
  { namespace }: SettingsProject,
  accepts: Accepts,
  choices: readonly unknown[] = [],
): string | undefined {
  if (typeof value !== "string") return undefined;
  const bare = (text: unknown): string =>
    String(text)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, "");
  const candidates = [
    ...choices.filter((choice) => bare(choice) === bare(value)).map(String),
    value.trim().replace(/^\{(.*)\}$/, "$1"),
  ];
  const meant = candidates.find((text) => accepts(path, asCliTakesIt(text)));
  return meant === undefined ? undefined : setCommand(path, meant, namespace);
}

/** With `--path`, the CLI takes what looks like a whole number or a boolean to be one. */
function asCliTakesIt(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : text;
}

/** Puts a lone text where a list is expected into one; undefined where that is none of the list's elements. */
function wrapped(
  path: Path,
  value: unknown,
  { namespace }: SettingsProject,
  accepts: Accepts,
): string | undefined {
  if (typeof value !== "string" || !accepts(path, [value])) return undefined;
  const element = setCommand([...path, 0], value, namespace);
  // Only a setting's outermost value may be replaced by a list.
  return path.length === 1 ? element : `${removeCommand(path, namespace)} && ${element}`;
}
