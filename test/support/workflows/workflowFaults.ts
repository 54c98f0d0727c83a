import { createRequire } from "node:module";
import { resolve } from "node:path";
import { bundled } from "../built";

type Parser = Pick<typeof import("@actions/workflow-parser"), "parseWorkflow" | "NoOperationTraceWriter">;

let parser: Parser | undefined;

/** The package imports JSON in a way that Node 20 does not take: bundled, it does without. */
function loadParser(): Parser {
  const file = bundled("workflowParser.cjs", {
    stdin: { contents: 'export * from "@actions/workflow-parser";', resolveDir: resolve(".") },
  });
  return createRequire(file)(file) as Parser;
}

/** What GitHub's own parser finds wrong with a workflow: its keys, and the expressions in it. */
export function workflowFaults(name: string, content: string): string[] {
  parser ??= loadParser();
  const { parseWorkflow, NoOperationTraceWriter } = parser;
  const { context } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  return context.errors.getErrors().map(({ message }) => message);
}
