import { existsSync, readFileSync } from "node:fs";
import { parseJson } from "../../../azure/serviceRefusal";
import { MisuseError } from "../command";
import type { World } from "../world";
import { checkpointFile, inlineEngine, isEmulated } from "./inlineEngine";
import { findPulumiCli, missingCli } from "./pulumiCli";
import { pulumiEngine } from "./pulumiEngine";
import type { EngineOptions, StackEngine } from "./stackEngine";

export const engineChoices = ["auto", "pulumi", "inline"] as const;
export type EngineChoice = (typeof engineChoices)[number];

/** Reads `--engine`. @throws {MisuseError} for anything else. */
export function readEngineChoice(text: string | undefined): EngineChoice {
  const choice = engineChoices.find((known) => known === (text ?? "auto"));
  if (choice === undefined)
    throw new MisuseError(`--engine ${text ?? ""}: it is one of ${engineChoices.join(", ")}.`);
  return choice;
}

/**
 * Takes an engine: the Pulumi CLI where it is installed. The inline engine serves the emulated Azure alone, where the
 * stack is its own already or there is no CLI.
 *
 * @throws {OperatorError} `PULUMI_MISSING`, `PULUMI_TOO_OLD`, `EMULATOR_REQUIRED`, and what each engine asks for.
 */
export async function chooseEngine(
  choice: EngineChoice,
  world: World,
  options: EngineOptions,
): Promise<StackEngine> {
  const { projectDir, environment } = options;
  if (choice === "inline") return inlineEngine("asked for by --engine", options);
  const emulated = isEmulated(environment);
  const state = checkpointFile(projectDir, options.stack);
  if (choice === "auto" && emulated && holdsStack(state)) {
    return inlineEngine(`Azure is emulated, and this stack's state is ${state}`, options);
  }
  const cli = await findPulumiCli(world, projectDir);
  if (cli !== undefined) {
    return pulumiEngine(cli, choice === "pulumi" ? "asked for by --engine" : `found ${cli.place}`, options);
  }
  if (choice === "auto" && emulated) {
    return inlineEngine("Azure is emulated, and there is no Pulumi CLI", options);
  }
  return missingCli();
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
