import type { ErrorCode } from "../errorCodes";
import type { Fault } from "../errors";
import { commandFix, onStack, personFix, type Fix, type StackName } from "../fix";
import { quoted, shellWord } from "../sinks";

/** Prefix of every setting: the project's name. */
export const settingsNamespace = "copilot-token";

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
  return `pulumi config set --path ${quoted(configKey(path, namespace))} ${shellWord(value)}`;
}

/** The command that takes a setting out. */
export function removeCommand(path: Path, namespace = settingsNamespace): string {
  return `pulumi config rm --path ${quoted(configKey(path, namespace))}`;
}

/** What to do about a fault, on the stack whose settings have it. */
export function faultFixes({ repair, alternative, fixes }: Fault, stack: StackName): readonly Fix[] {
  if (fixes !== undefined) return fixes;
  const named = (commands: string): string =>
    commands
      .split(/ && (?=pulumi config )/)
      .map((command) => onStack(command, stack))
      .join(" && ");
  return [
    /^pulumi config (?:set|rm) /.test(repair)
      ? commandFix("settings.set", "", named(repair))
      : personFix("settings.edit", repair),
    ...(alternative === undefined
      ? []
      : [commandFix("settings.delegated", "Or act as the user who is signed in", named(alternative))]),
  ];
}

/**
 * Puts removals from lists last, each list from its end: so the printed commands are right one after the other,
 * since a removal moves what stands behind it. What else is wrong with an element that goes is left out.
 */
export function inRunnableOrder(faults: readonly Fault[]): Fault[] {
  const removals = new Map<string, Removal>();
  for (const fault of faults) {
    const removal = removalIn(fault);
    if (removal !== undefined && !removals.has(removal.element)) removals.set(removal.element, removal);
  }
  const last = [...removals.values()].sort((left, right) =>
    left.list === right.list ? right.index - left.index : left.list < right.list ? -1 : 1,
  );
  const settled = ({ key }: Fault): boolean =>
    last.some(
      ({ element }) => key === element || key.startsWith(`${element}.`) || key.startsWith(`${element}[`),
    );
  return [...faults.filter((fault) => !settled(fault)), ...last.map(({ fault }) => fault)];
}

/** A fault whose repair takes an element out of a list. */
interface Removal {
  readonly fault: Fault;
  readonly list: string;
  readonly index: number;
  /** Key of the element. */
  readonly element: string;
}

function removalIn(fault: Fault): Removal | undefined {
  const [, list, index] = /pulumi config rm --path '(.*)\[(\d+)\]'$/.exec(fault.repair) ?? [];
  if (list === undefined || index === undefined) return undefined;
  return { fault, list, index: Number(index), element: `${list}[${index}]` };
}

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
  code: ErrorCode = "SETTING_INVALID",
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

/** Items with a key that an earlier one has, each with the first that has it. */
export function repeats<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | undefined,
): { readonly item: Item; readonly index: number; readonly first: Item; readonly firstIndex: number }[] {
  const firsts = new Map<string, { readonly first: Item; readonly firstIndex: number }>();
  return items.flatMap((item, index) => {
    const key = keyOf(item);
    if (key === undefined) return [];
    const found = firsts.get(key);
    if (found !== undefined) return [{ item, index, ...found }];
    firsts.set(key, { first: item, firstIndex: index });
    return [];
  });
}

/**
 * A fault for each element of a list that repeats an earlier one, and goes.
 *
 * @param list As given: what is no list has another fault.
 * @param keyOf What two elements must not share; undefined for an element that has another fault.
 * @param reason By the first element's index, and itself.
 */
export function repeatedFaults(
  path: Path,
  list: unknown,
  given: unknown,
  keyOf: (item: unknown) => string | undefined,
  reason: (firstIndex: number, first: unknown) => string,
): Fault[] {
  return repeats<unknown>(Array.isArray(list) ? list : [], keyOf).map(({ index, firstIndex, first }) => {
    const at = [...path, index];
    return faultAt(at, given, reason(firstIndex, first), removeCommand(at));
  });
}

/** A text without regard to case and surrounding blanks; undefined for anything else. */
export function plainText(item: unknown): string | undefined {
  return typeof item === "string" ? item.trim().toLowerCase() : undefined;
}

/** What stands at `path`; undefined where nothing does. */
export function valueAt(path: Path, given: unknown): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, part)
        ? (inner as Record<PropertyKey, unknown>)[part]
        : undefined,
    given,
  );
}

/** An app's key in the settings and the outputs: a word in every place where it is shown, commands of a shell among them. */
export const appNamePattern = /^[A-Za-z][A-Za-z0-9._-]{0,99}$/;
