import type { z } from "zod";
import type { Fault } from "./errors";

/** Prefix of every setting: the project's name. */
export const settingsNamespace = "copilot-token";

/** A Pulumi project's settings, as far as faults in them have to be named. */
export interface SettingsProject {
  /** Prefix of every setting. */
  readonly namespace: string;
  /** Settings that are maps by a key of the operator's own. */
  readonly maps: readonly string[];
  /** A value that works, for each kind of setting; `*` stands for any key of a map, `[]` for any index. */
  readonly examples: Readonly<Record<string, string>>;
}

/** Where in the settings, from the key after the prefix inwards. */
export type Path = readonly PropertyKey[];

/** The full key of a setting, as `pulumi config set --path` wants it. */
export function configKey(path: Path, namespace = settingsNamespace): string {
  const [first, ...rest] = path;
  const outermost = `${namespace}:${String(first)}`;
  const steps = rest.map((part) => {
    if (typeof part === "number") return `[${part}]`;
    return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(String(part)) ? `.${String(part)}` : quotedStep(String(part));
  });
  return `${/[.["]/.test(outermost) ? quotedStep(outermost) : outermost}${steps.join("")}`;
}

function quotedStep(text: string): string {
  return `["${text.replaceAll('"', '\\"')}"]`;
}

/** The command that repairs a setting, for a POSIX shell. */
export function setCommand(path: Path, value: string, namespace = settingsNamespace): string {
  return `pulumi config set --path ${quoted(configKey(path, namespace))} ${/^[\w.:/-]+$/.test(value) ? value : quoted(value)}`;
}

/** The command that takes a setting out. */
export function removeCommand(path: Path, namespace = settingsNamespace): string {
  return `pulumi config rm --path ${quoted(configKey(path, namespace))}`;
}

/** One word of a command for a POSIX shell, whatever stands in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Puts removals from lists last, each list from its end: so the printed commands are right one after the other,
 * since a removal moves what stands behind it.
 */
export function inRunnableOrder(faults: readonly Fault[]): Fault[] {
  const removal = (fault: Fault): { list: string; index: number } | undefined => {
    const match = /^pulumi config rm --path '(.*)\[(\d+)\]'$/.exec(fault.repair);
    return match === null ? undefined : { list: match[1] ?? "", index: Number(match[2]) };
  };
  const removals = faults.flatMap((fault) => {
    const found = removal(fault);
    return found === undefined ? [] : [{ fault, ...found }];
  });
  removals.sort((left, right) =>
    left.list === right.list ? right.index - left.index : left.list < right.list ? -1 : 1,
  );
  return [...faults.filter((fault) => removal(fault) === undefined), ...removals.map(({ fault }) => fault)];
}

const examples: Readonly<Record<string, string>> = {
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
const stackSettings: SettingsProject = { namespace: settingsNamespace, maps: ["apps"], examples };

function repairOf(path: Path, { namespace, maps, examples }: SettingsProject): string {
  const kind = path
    .map((part, index) => {
      if (typeof part === "number") return "[]";
      if (index === 1 && maps.includes(String(path[0]))) return ".*";
      return index === 0 ? String(part) : `.${String(part)}`;
    })
    .join("");
  if (kind === "apps") return setCommand(["apps", "CopilotAPIAuth", "permissions", 0], "User.Read.All");
  if (kind === "apps.*.permissions") return setCommand([...path, 0], "User.Read.All");
  const example = examples[kind];
  return example === undefined ? removeCommand(path, namespace) : setCommand(path, example, namespace);
}

const typeNames: Readonly<Record<string, string>> = { object: "a map", record: "a map", array: "a list" };

/**
 * A fault with the value that stands at `path`.
 *
 * @param code Default `SETTING_INVALID`.
 */
export function faultAt(
  path: Path,
  given: unknown,
  reason: string,
  repair: string,
  code = "SETTING_INVALID",
  namespace = settingsNamespace,
): Fault {
  const value = valueAt(path, given);
  return {
    code,
    key: configKey(path, namespace),
    value: value === undefined ? "(absent)" : JSON.stringify(value),
    reason,
    repair,
  };
}

function valueAt(path: Path, given: unknown): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[part] : undefined,
    given,
  );
}

/**
 * The faults behind one complaint of the schema.
 *
 * @param project Whose settings they are. Default: the stack's.
 */
export function faultsOfIssue(
  issue: z.core.$ZodIssue,
  given: unknown,
  project: SettingsProject = stackSettings,
): Fault[] {
  const { namespace } = project;
  const fault = (path: Path, reason: string, repair: string, code?: string): Fault =>
    faultAt(path, given, reason, repair, code, namespace);

  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) =>
        fault(
          [...issue.path, key],
          `There is no such setting${issue.path.length === 0 ? "" : ` in ${configKey(issue.path, namespace)}`}.`,
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
      if (valueAt(issue.path, given) === undefined) {
        return [fault(issue.path, "It is needed, and missing.", repairOf(issue.path, project))];
      }
      const reason = issue.message.startsWith("Invalid input")
        ? `Expected ${typeNames[issue.expected] ?? `a ${issue.expected}`}.`
        : issue.message;
      const repair =
        issue.expected in typeNames ? removeCommand(issue.path, namespace) : repairOf(issue.path, project);
      return [fault(issue.path, reason, repair)];
    }
    default:
      return [fault(issue.path, issue.message, repairOf(issue.path, project))];
  }
}
