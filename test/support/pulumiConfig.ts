/** A stack's settings, decoded: what stands under `copilot-token:`. */
export type Config = Record<string, unknown>;

/**
 * Carries out `pulumi config set --path …` or `pulumi config rm --path …` on decoded settings, as the CLI does,
 * so that a test can follow the advice in a message instead of comparing its text.
 *
 * @param command As a user would paste it into a POSIX shell.
 * @returns The settings after it; `config` is left alone.
 * @throws {Error} Whatever the CLI or the shell would refuse.
 * @see https://github.com/pulumi/pulumi/blob/v3.260.0/sdk/go/common/resource/config/object.go (read 2026-11)
 */
export function runConfigCommand(command: string, config: Config): Config {
  return runConfigWords(shellWords(command), config);
}

/** As {@link runConfigCommand}, of words that a shell has read. */
export function runConfigWords(words: readonly string[], config: Config): Config {
  const [pulumi, noun, verb, flag, key, ...values] = words;
  if (pulumi !== "pulumi" || noun !== "config" || flag !== "--path" || key === undefined) {
    throw new Error(`not a config command: ${words.join(" ")}`);
  }
  const [first, ...rest] = parsePropertyPath(key);
  if (typeof first !== "string" || !first.startsWith("copilot-token:")) throw new Error(`not ours: ${key}`);
  const path = [first.slice("copilot-token:".length), ...rest];
  const after = structuredClone(config);
  if (verb === "rm" && values.length === 0) remove(after, path);
  else if (verb === "set" && values.length === 1) set(after, path, typedValue(values[0] ?? ""));
  else throw new Error(`not a config command: ${words.join(" ")}`);
  return after;
}

type Step = string | number;

function set(container: unknown, path: readonly Step[], value: unknown, depth = 0): void {
  const [step, ...rest] = path;
  if (Array.isArray(container)) {
    if (typeof step !== "number") throw new Error("key for an array must be an int");
    if (step > container.length) throw new Error("array index out of range");
    container[step] = inner(container[step], rest, value, depth);
  } else {
    if (typeof step !== "string") throw new Error("key for a map must be a string");
    const map = container as Config;
    map[step] = inner(map[step], rest, value, depth);
  }
}

function inner(old: unknown, rest: readonly Step[], value: unknown, depth: number): unknown {
  if (rest.length === 0) return value;
  const emptyContainer = typeof rest[0] === "number" ? [] : {};
  let container: unknown = old ?? emptyContainer;
  if (typeof container !== "object") {
    // Only a setting's outermost value may be replaced by a container.
    if (depth > 0) throw new Error(`expected ${typeof rest[0] === "number" ? "an array" : "a map"}`);
    container = emptyContainer;
  }
  set(container, rest, value, depth + 1);
  return container;
}

function remove(container: unknown, path: readonly Step[]): void {
  const [step, ...rest] = path;
  if (Array.isArray(container)) {
    if (typeof step !== "number" || step >= container.length) return;
    if (rest.length === 0) container.splice(step, 1);
    else remove(container[step], rest);
  } else if (typeof container === "object" && container !== null && typeof step === "string") {
    const map = container as Config;
    if (rest.length === 0) Reflect.deleteProperty(map, step);
    else remove(map[step], rest);
  }
}

/** With `--path`, the CLI takes what looks like a whole number or a boolean to be one. */
function typedValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : text;
}

/** @see https://github.com/pulumi/pulumi/blob/v3.260.0/sdk/go/common/resource/properties_path.go (read 2026-11) */
function parsePropertyPath(text: string): Step[] {
  const steps: Step[] = [];
  const element = /\["((?:\\"|[^"])*)"\]|\[(\d+)\]|\.?([^.[]+)/y;
  while (element.lastIndex < text.length) {
    const from = element.lastIndex;
    const match = element.exec(text);
    if (match === null) throw new Error(`no property path from character ${from}: ${text}`);
    const [, quoted, index, bare] = match;
    if (quoted !== undefined) steps.push(quoted.replaceAll('\\"', '"'));
    else if (index !== undefined) steps.push(Number(index));
    else steps.push(bare ?? "");
  }
  return steps;
}

function shellWords(line: string): string[] {
  const words: string[] = [];
  const word = /\s*((?:'[^']*'|\\.|[^\s'"\\$`<>|&;()*?[\]#~!])+)/y;
  while (word.lastIndex < line.trimEnd().length) {
    const match = word.exec(line);
    if (match?.[1] === undefined) throw new Error(`a shell would not take this as it stands: ${line}`);
    words.push(match[1].replaceAll(/'([^']*)'|\\(.)/g, (_all, quoted, escaped) => String(quoted ?? escaped)));
  }
  return words;
}
