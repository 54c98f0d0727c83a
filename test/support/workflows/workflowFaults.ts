import { createRequire } from "node:module";
import { resolve } from "node:path";
import { build } from "esbuild";

type Parser = Pick<typeof import("@actions/workflow-parser"), "parseWorkflow" | "NoOperationTraceWriter">;

let loading: Promise<Parser> | undefined;

/** The package imports JSON in a way that Node 20 does not take: bundled, it does without. */
async function loadParser(): Promise<Parser> {
  const outfile = resolve(`node_modules/.cache/copilot-token/workflowParser-${process.pid}.cjs`);
  await build({
    stdin: { contents: 'export * from "@actions/workflow-parser";', resolveDir: resolve(".") },
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "error",
  });
  return createRequire(outfile)(outfile) as Parser;
}

/** What GitHub's own parser finds wrong with a workflow: its keys, and the expressions in it. */
export async function workflowFaults(name: string, content: string): Promise<string[]> {
  loading ??= loadParser();
  const { parseWorkflow, NoOperationTraceWriter } = await loading;
  const { context } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  return context.errors.getErrors().map(({ message }) => message);
}
