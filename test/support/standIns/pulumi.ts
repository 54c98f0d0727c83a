import { inlineEngine } from "../../../scripts/shared/engines/inlineEngine";
import type { EngineRun } from "../../../scripts/shared/engines/stackEngine";

// Stands in for the Pulumi CLI where there is none: hands the few commands that the workflows use to the inline engine,
// so that they really deploy. Any other command, and any flag that it does not know, is an error.

const ownFlags: Readonly<Record<string, readonly string[]>> = {
  up: ["--yes", "--non-interactive", "--continue-on-error"],
  preview: ["--diff", "--non-interactive"],
  "stack output": ["--json"],
};

void main(process.argv.slice(2)).then(
  (exitCode) => (process.exitCode = exitCode),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 255;
  },
);

async function main(words: readonly string[]): Promise<number> {
  const command = words[0] === "stack" ? words.slice(0, 2).join(" ") : (words[0] ?? "");
  const flags = words.slice(command.split(" ").length);
  const known = ownFlags[command];
  const at = flags.indexOf("--stack");
  const stack = flags[at + 1];
  const others = flags.filter((_flag, index) => index !== at && index !== at + 1);
  const strange = others.filter((flag) => known?.includes(flag) !== true);
  if (known === undefined || at < 0 || stack === undefined || strange.length > 0) {
    throw new Error(`the stand-in for pulumi does not know: pulumi ${words.join(" ")}`);
  }
  if (command !== "stack output" && !others.includes("--non-interactive")) {
    throw new Error("error: a workflow has nobody to ask: --non-interactive is missing");
  }
  const engine = inlineEngine("a stand-in for the Pulumi CLI", {
    projectDir: process.cwd(),
    environment: process.env,
    stack,
  });
  if (command === "stack output") {
    console.log(JSON.stringify((await engine.outputs()) ?? {}, undefined, 2));
    return 0;
  }
  const run = command === "up" ? await engine.up() : await engine.preview();
  tell(run);
  return run.ok ? 0 : 255;
}

function tell({ steps, failures }: EngineRun): void {
  for (const { operation, type, name } of steps) console.log(`${operation} ${type} ${name}`);
  for (const { resource, message } of failures) console.error(`error: ${resource ?? "program"}: ${message}`);
}
