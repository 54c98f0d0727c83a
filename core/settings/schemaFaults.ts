import type { z } from "zod";
import type { ErrorCode } from "../errorCodes";
import type { Fault } from "../errors";
import { nearestNames } from "../permissions/nearestNames";
import { readWrittenPermission } from "../permissions/permissionAdvice";
import { configKey, faultAt, removeCommand, setCommand, valueAt, type Path } from "./settingsFaults";

/** What errors need to know of a Pulumi project's settings. */
export interface SettingsProject {
  /** Prefix of every setting. */
  readonly namespace: string;
  /** Kinds of settings that are maps by a key of the operator's own. */
  readonly maps: readonly string[];
  /**
   * A value that works, for each kind of setting; `*` is any key of a map, `[]` any index. An entry for a named key takes
   * precedence.
   */
  readonly examples: Readonly<Record<string, string>>;
}

/** Whether a value at `path` would be valid together with everything else that was given. */
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
 * @param project Whose settings they are.
 */
export function faultsOfIssue(
  issue: z.core.$ZodIssue,
  given: unknown,
  accepts: Accepts,
  project: SettingsProject,
): Fault[] {
  const { namespace } = project;
  const value = valueAt(issue.path, given);
  const own = (choices?: readonly unknown[]): string | undefined =>
    ownValue(issue.path, value, project, accepts, choices);
  const fault = (path: Path, reason: string, repair: string, code?: ErrorCode): Fault =>
    faultAt(path, given, reason, repair, code, namespace);

  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => {
        const meant = renamed(issue.path, key, given, accepts, project);
        return fault(
          [...issue.path, key],
          `This setting does not exist${issue.path.length === 0 ? "" : ` in ${configKey(issue.path, namespace)}`}` +
            (meant === undefined ? "." : `; it is called "${meant.key}".`),
          meant?.command ?? removeCommand([...issue.path, key], namespace),
          "SETTING_UNKNOWN",
        );
      });
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
        // The command that moves a wrongly named one there is enough.
        if (isRenamedTo(issue.path, given, accepts, project)) return [];
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
      return [
        fault(
          issue.path,
          issue.message,
          apart(issue.path, value, given, project) ?? own() ?? repairOf(issue.path, value, project),
        ),
      ];
  }
}

const typeNames: Readonly<Record<string, string>> = { object: "a map", record: "a map", array: "a list" };

/** By a value that works, which for a list is one with a single element; else out with it. */
function repairOf(path: Path, value: unknown, { namespace, maps, examples }: SettingsProject): string {
  const kind = kindOf(path, maps);
  // No example may grant a permission that was not requested.
  const permission = "<permission>";
  if (kind === "apps")
    return setCommand([...path, "CopilotAPIAuth", "permissions", 0], permission, namespace);
  const lists = ["apps.*.permissions", "apps.*.delegated", "apps.*.apis.*"];
  if (lists.includes(kind)) return setCommand([...path, 0], permission, namespace);
  if (lists.some((list) => kind === `${list}[]`)) return setCommand(path, permission, namespace);
  if (kind === "protect") return setCommand(path, "<true or false>", namespace);
  const exampleOf = (one: string) => (Object.hasOwn(examples, one) ? examples[one] : undefined);
  const example = exampleOf(kindOf(path, [])) ?? exampleOf(kind);
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
 * The command that sets what was probably meant: the same value without a typing error. Undefined where there is no such
 * value, or it would not be valid there.
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
    ...truthOf(value),
    ...permissionIn(path, value),
  ];
  const meant = candidates.find((text) => accepts(path, asCliTakesIt(text)));
  return meant === undefined ? undefined : setCommand(path, meant, namespace);
}

/**
 * The commands that give each of several permissions in one text a place of its own. Undefined for one permission, and after
 * another such text of the same list, whose commands append to it too.
 */
function apart(
  path: Path,
  value: unknown,
  given: unknown,
  { namespace }: SettingsProject,
): string | undefined {
  const list = valueAt(path.slice(0, -1), given);
  const names = severalPermissions(path, value);
  if (names === undefined || !Array.isArray(list)) return undefined;
  const earlier = list.slice(0, Number(path.at(-1)));
  if (earlier.some((one: unknown) => severalPermissions(path, one) !== undefined)) return undefined;
  return names
    .map((name, index) => {
      const place = index === 0 ? path : [...path.slice(0, -1), list.length + index - 1];
      return setCommand(place, name, namespace);
    })
    .join(" && ");
}

/** Names as documents list them: separated by blanks, commas or semicolons. */
function severalPermissions(path: Path, value: unknown): string[] | undefined {
  if (!isPermission(path) || typeof value !== "string") return undefined;
  const names = value.split(/[\s,;]+/).filter((name) => name !== "");
  return names.length > 1 && names.every((name) => /^\w+(?:\.\w+)+$/.test(name)) ? names : undefined;
}

function isPermission(path: Path): boolean {
  return path[0] === "apps" && ["permissions", "delegated"].includes(String(path.at(-2)));
}

/** A truth in other words; anything else is no truth, and not to be guessed. */
function truthOf(value: string): string[] {
  if (/^\s*(?:no|n|off|false|disabled?|0)\s*$/i.test(value)) return ["false"];
  return /^\s*(?:yes|y|on|true|enabled?|1)\s*$/i.test(value) ? ["true"] : [];
}

/** A permission of Microsoft Graph without what portals and documents write around it. */
function permissionIn(path: Path, value: string): string[] {
  if (!isPermission(path) || severalPermissions(path, value) !== undefined) return [];
  const written = readWrittenPermission(value);
  return written.kind === "name" ? [written.name] : [];
}

/** With `--path`, the CLI takes what looks like a whole number or a boolean to be one. */
function asCliTakesIt(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : text;
}

/** Settings of earlier releases, by kind, and what they are called now. */
const formerNames: Readonly<Record<string, string>> = { "rotation.proof": "verification" };

/** What an unknown key is called in truth, and the command that moves its value there. */
function renamed(
  path: Path,
  key: string,
  given: unknown,
  accepts: Accepts,
  { namespace, maps, examples }: SettingsProject,
): { readonly key: string; readonly command: string } | undefined {
  const kind = kindOf(path, maps);
  const prefix = kind === "" ? "" : `${kind}.`;
  const siblings = Object.keys(examples)
    .filter((one) => one.startsWith(prefix))
    .map((one) => /^[a-zA-Z]+/.exec(one.slice(prefix.length))?.[0] ?? "")
    .filter((one) => one !== "" && valueAt([...path, one], given) === undefined);
  const former = siblings.find((one) => one === formerNames[`${prefix}${key}`]);
  const [right] = former === undefined ? nearestNames(key, new Set(siblings), 1) : [former];
  if (right === undefined) return undefined;
  const value = valueAt([...path, key], given);
  const moved = [value, [value]].find((one) => accepts([...path, right], one));
  const leaves = moved === undefined ? undefined : leavesOf(moved);
  if (leaves === undefined) return undefined;
  const sets = leaves.map(([rest, text]) => setCommand([...path, right, ...rest], text, namespace));
  return { key: right, command: [...sets, removeCommand([...path, key], namespace)].join(" && ") };
}

function isRenamedTo(path: Path, given: unknown, accepts: Accepts, project: SettingsProject): boolean {
  const parent = path.slice(0, -1);
  const siblings = valueAt(parent, given);
  if (typeof siblings !== "object" || siblings === null || Array.isArray(siblings)) return false;
  return Object.keys(siblings).some(
    (key) => renamed(parent, key, given, accepts, project)?.key === path.at(-1),
  );
}

/** Every value in a structure as the CLI would take it again; undefined where it could not be written so. */
function leavesOf(value: unknown, path: Path = []): [Path, string][] | undefined {
  if (typeof value === "object" && value !== null) {
    const entries = Array.isArray(value)
      ? value.map((one, index) => [index, one] as const)
      : Object.entries(value);
    const inner = entries.map(([key, one]) => leavesOf(one, [...path, key]));
    return inner.length > 0 && inner.every((one) => one !== undefined) ? inner.flat() : undefined;
  }
  return asCliTakesIt(String(value)) === value ? [[path, String(value)]] : undefined;
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
