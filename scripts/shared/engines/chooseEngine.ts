import { existsSync, readFileSync } from "node:fs";
import { shortStackName } from "../../../core/stackName";
import { parseJson } from "../../../azure/json";
import { UsageError } from "../command";
import { selectedStack, findPulumiCli, missingCli } from "./pulumiCli";
import type { World } from "../world";
import { checkpointFile, inlineEngine, isEmulated } from "./inlineEngine";
import { pulumiEngine } from "./pulumiEngine";
import type { EngineOptions, StackEngine } from "./stackEngine";

export const engineChoices = ["auto", "pulumi", "inline"] as const;
export type EngineChoice = (typeof engineChoices)[number];

/** Reads `--engine`. @throws {UsageError} for anything else. */
export function readEngineChoice(text: string | undefined): EngineChoice {
  const choice = engineChoices.find((known) => known === (text ?? "auto"));
  if (choice === undefined)
    throw new UsageError(`--engine ${text ?? ""}: it is one of ${engineChoices.join(", ")}.`);
  return choice;
}

/**
 * Chooses an engine: the Pulumi CLI where it is installed. The inline engine works only with the emulated Azure. It is used
 * if there is no CLI, or if the stack is in its state already; without a stack name, the stack that the user has selected
 * in Pulumi comes first.
 *
 * @param openPulumi How the engine of the CLI is opened; default: by its Automation API.
 * @throws {OperatorError} `PULUMI_MISSING`, `PULUMI_TOO_OLD`, `EMULATOR_REQUIRED`, and what each engine asks for.
 */
export async function chooseEngine(
  choice: EngineChoice,
  world: World,
  options: EngineOptions,
  openPulumi: typeof pulumiEngine = pulumiEngine,
): Promise<StackEngine> {
  if (choice === "inline") return inlineEngine("chosen by --engine", options);
  const held = choice === "auto" ? heldInline(options) : undefined;
  if (held !== undefined && options.stack !== undefined) return held;
  const cli = await findPulumiCli(world, options.projectDir);
  if (cli === undefined) {
    if (held !== undefined) return held;
    if (choice === "pulumi" || !isEmulated(options.environment)) return missingCli();
    return inlineEngine("Azure is emulated, and no Pulumi CLI was found", options);
  }
  const found = choice === "pulumi" ? "chosen by --engine" : `found ${cli.place}`;
  if (held === undefined) return openPulumi(cli, found, options);
  const selected = await selectedStack(world, cli.command);
  if (selected === undefined) return held;
  const reason = `${found}, which has stack ${shortStackName(selected)} selected; for the inline engine's ${held.stack}: --stack ${held.stack}`;
  return openPulumi(cli, reason, options);
}

/**
 * The inline engine where Azure is emulated and it holds the stack already.
 *
 * @throws {OperatorError} what {@link inlineEngine} throws.
 */
export function heldInline(options: EngineOptions): StackEngine | undefined {
  if (!isEmulated(options.environment)) return undefined;
  const state = checkpointFile(options.projectDir, options.stack);
  if (!holdsStack(state)) return undefined;
  return inlineEngine(`Azure is emulated, and this stack's state is ${state}`, options);
}

/** A run that changed nothing leaves an empty state behind: that is no stack. */
function holdsStack(file: string): boolean {
  if (!existsSync(file)) return false;
  const state = parseJson(readFileSync(file, "utf8"));
  const isEmpty =
    typeof state === "object" &&
    state !== null &&
    "resources" in state &&
    Array.isArray(state.resources) &&
    state.resources.length === 0;
  return !isEmpty;
}
