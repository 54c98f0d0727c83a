import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Checkpoint } from "../../../emulator/pulumi/checkpoint";
import { checkpointFile, inlineEngine } from "../../../scripts/shared/engines/inlineEngine";
import type { EngineRun } from "../../../scripts/shared/engines/stackEngine";
import type { World } from "../../../scripts/shared/world";
import { runConfigWords } from "../pulumiConfig";

interface Shell extends Pick<World, "directory" | "env" | "print" | "tell"> {
  /** Whether the program's own output is shown. Default false. */
  readonly isTelling?: boolean;
}

/** Flags beside `--stack`. */
const ownFlags: Readonly<Record<string, readonly string[]>> = {
  up: ["--yes", "--non-interactive", "--continue-on-error", "--refresh"],
  preview: ["--diff", "--non-interactive"],
  refresh: ["--yes", "--clear-pending-creates"],
  "stack export": [],
  "stack output": ["--json"],
};

/**
 * The few commands of the Pulumi CLI that the workflows use and that fixes suggest, handed to the inline engine, so that
 * they really deploy. Any other command, and any flag that it does not know, is an error.
 *
 * @returns The exit code.
 */
export async function pulumiStandIn(words: readonly string[], shell: Shell): Promise<number> {
  try {
    return words[0] === "config" ? configure(words, shell) : await operate(words, shell);
  } catch (error) {
    shell.tell(error instanceof Error ? error.message : String(error));
    return 255;
  }
}

async function operate(
  words: readonly string[],
  { directory, env, print, tell, isTelling = false }: Shell,
): Promise<number> {
  const command = words[0] === "stack" ? words.slice(0, 2).join(" ") : (words[0] ?? "");
  const flags = words.slice(command.split(" ").length);
  const known = ownFlags[command];
  const at = flags.indexOf("--stack");
  const stack = at < 0 ? env["PULUMI_STACK"] : flags[at + 1];
  const others = flags.filter((_flag, index) => at < 0 || (index !== at && index !== at + 1));
  const strange = others.filter((flag) => known?.includes(flag) !== true);
  if (known === undefined || stack === undefined || strange.length > 0) {
    throw new Error(`the stand-in for pulumi does not know: pulumi ${words.join(" ")}`);
  }
  // A person at a terminal is asked, and says yes.
  const isAsked = env["PULUMI_SKIP_CONFIRMATIONS"] === "true";
  if (!command.startsWith("stack ") && !isAsked && !others.includes("--non-interactive")) {
    throw new Error("error: a workflow cannot answer questions: --non-interactive is missing");
  }
  const engine = inlineEngine("a stand-in for the Pulumi CLI", {
    projectDir: directory,
    environment: env,
    stack,
    onEvent: (event) => {
      if (isTelling && event.kind === "output") tell(event.text);
    },
  });
  if (command === "stack output") {
    print(JSON.stringify((await engine.outputs()) ?? {}, undefined, 2));
    return 0;
  }
  if (command === "stack export") {
    const file = checkpointFile(directory, stack);
    const { pending } = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as Checkpoint)
      : { pending: [] };
    const operations = pending.map(({ urn }) => ({ type: "creating", resource: { urn } }));
    print(JSON.stringify({ deployment: { pending_operations: operations } }));
    return 0;
  }
  // The inline engine forgets what was pending in every run.
  const refresh = command === "refresh" || others.includes("--refresh");
  const { ok, steps, failures }: EngineRun =
    command === "preview" ? await engine.preview() : await engine.up({ refresh });
  for (const { operation, type, name } of steps) print(`${operation} ${type} ${name}`);
  for (const { resource, message } of failures) tell(`error: ${resource ?? "program"}: ${message}`);
  return ok ? 0 : 255;
}

/** `pulumi config set|rm`, on the stack's file. */
function configure(words: readonly string[], { directory }: Shell): number {
  const at = words.indexOf("--stack");
  if (at < 0) throw new Error(`the stand-in for pulumi wants --stack: pulumi ${words.join(" ")}`);
  const file = join(directory, `Pulumi.${words[at + 1] ?? ""}.yaml`);
  const given = ["pulumi", ...words.filter((_word, index) => index !== at && index !== at + 1)];
  const document = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  const [, , verb, key = "", value] = given;
  const own = "copilot-token:";
  if (given.includes("--path")) {
    const settings = Object.entries(document.config).filter(([name]) => name.startsWith(own));
    const before = Object.fromEntries(settings.map(([name, one]) => [name.slice(own.length), one]));
    const after = runConfigWords(given, before);
    for (const [name] of settings) Reflect.deleteProperty(document.config, name);
    for (const [name, one] of Object.entries(after)) document.config[`${own}${name}`] = one;
  } else if (verb === "rm") Reflect.deleteProperty(document.config, key);
  else document.config[key] = value;
  writeFileSync(file, stringify(document));
  return 0;
}
