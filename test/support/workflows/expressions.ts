import { data, Evaluator, Lexer, Parser } from "@actions/expressions";

type FunctionDefinition =
  NonNullable<ConstructorParameters<typeof Evaluator>[2]> extends Map<string, infer F> ? F : never;

/** What `${{ }}` may name at one place of a workflow: `vars`, `inputs`, `matrix` and the like, as plain values. */
export type Contexts = Readonly<Record<string, unknown>>;

/** What the functions that depend on the run answer. */
export interface RunStatus {
  readonly failed: boolean;
  /** Whether a file of this name is in the workspace. */
  readonly hasFile: (name: string) => boolean;
}

const passing: RunStatus = { failed: false, hasFile: () => false };
const statusFunctions = ["success", "failure", "always", "cancelled"];

/** Evaluates one expression as GitHub does, by GitHub's own library; a context that is not given is an error. */
export function evaluate(expression: string, contexts: Contexts, status = passing): unknown {
  const functions = functionsFor(status);
  const { tokens } = new Lexer(expression).lex();
  const tree = new Parser(tokens, Object.keys(contexts), [...functions.values()]).parse();
  const values = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  const result = new Evaluator(tree, values, functions).evaluate();
  const text = JSON.stringify(result, data.replacer) as string | undefined;
  return text === undefined ? null : (JSON.parse(text) as unknown);
}

/** Puts the values of its `${{ }}` into a text; a text that is one expression becomes its value. */
export function interpolate(value: unknown, contexts: Contexts, status = passing): unknown {
  if (typeof value !== "string") return value;
  const whole = /^\$\{\{((?:(?!\}\}).)*)\}\}$/s.exec(value)?.[1];
  if (whole !== undefined) return evaluate(whole, contexts, status);
  return value.replace(/\$\{\{(.*?)\}\}/gs, (_all, expression: string) =>
    textOf(evaluate(expression, contexts, status)),
  );
}

/** {@link interpolate}, as text: what an environment variable or an input gets. */
export function interpolateText(value: unknown, contexts: Contexts, status = passing): string {
  return textOf(interpolate(value, contexts, status));
}

/** Whether an `if:` lets its step or job run: without a function of the status, only while all is well. */
export function holds(condition: string | undefined, contexts: Contexts, status = passing): boolean {
  if (condition === undefined) return !status.failed;
  const expression = condition.replace(/^\$\{\{(.*)\}\}$/s, "$1");
  const asksStatus = statusFunctions.some((name) => new RegExp(`\\b${name}\\s*\\(`).test(expression));
  if (!asksStatus && status.failed) return false;
  const value = evaluate(expression, contexts, status);
  return value !== null && value !== false && value !== "" && value !== 0;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function functionsFor({ failed, hasFile }: RunStatus): Map<string, FunctionDefinition> {
  const constant = (name: string, value: boolean): FunctionDefinition => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(value),
  });
  const hashFiles: FunctionDefinition = {
    name: "hashFiles",
    minArgs: 1,
    maxArgs: 1,
    call: (...[file]) => new data.StringData(hasFile(file?.coerceString() ?? "") ? "a-hash" : ""),
  };
  const all = [
    constant("success", !failed),
    constant("failure", failed),
    constant("always", true),
    constant("cancelled", false),
    hashFiles,
  ];
  // The evaluator looks functions up in lower case.
  return new Map(all.map((definition) => [definition.name.toLowerCase(), definition]));
}
