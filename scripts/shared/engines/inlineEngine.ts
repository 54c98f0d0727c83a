import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../../../core/errors";
import { fixLine } from "../../../core/fix";
import { shortStackName } from "../../../core/stackName";
import type { EngineProcesses } from "../../../emulator/pulumi/engineProcess";
import {
  deploy,
  type DeployOptions,
  type DeployResult,
  type EngineEvent,
} from "../../../emulator/pulumi/inline";
import { keptReaderVariable } from "../../../emulator/server/environment";
import { unlockStack } from "../../../emulator/pulumi/stackLock";
import { openStackState, type StackState } from "../../../emulator/pulumi/stackState";
import { withVaultReader } from "../emulated/vaultReader";
import { demandReadable, programFile, readStackFile } from "../stackFile";
import { inlineOutputsFile } from "../stackOutputs";
import { parentTypeIn } from "./pulumiEvents";
import { unlockFix } from "./pulumiFailure";
import type {
  EngineFailure,
  EngineOptions,
  EngineRun,
  EngineStep,
  RunRequest,
  StackEngine,
} from "./stackEngine";

/** Whether the environment leads to the Azure that this project emulates. */
export function isEmulated(environment: EngineOptions["environment"]): boolean {
  return (environment["COPILOT_TOKEN_EMULATOR"] ?? "") !== "";
}

/** Where the inline engine keeps a stack. */
export function checkpointFile(projectDir: string, stack = defaultStack): string {
  return join(projectDir, ".copilot-token", `${shortStackName(stack)}.checkpoint.json`);
}

const defaultStack = "dev";

/** Additional options of a local run. */
export interface InlineOptions extends EngineOptions {
  /** Full keys; default: what `Pulumi.yaml` and `Pulumi.<stack>.yaml` say. */
  readonly config?: Readonly<Record<string, string>>;
  /** Default: the file of {@link checkpointFile}, under `PULUMI_CONFIG_PASSPHRASE`. */
  readonly state?: StackState;
  /** Processes that stay for the next run. Default: one for each run. */
  readonly processes?: Pick<EngineProcesses, "runner">;
  /** Told of everything, for tests and for those who show more. */
  readonly onEvent?: (event: EngineEvent) => void;
}

/**
 * The engine that needs only Node. Apart from `local` and `tenant`, only this file knows the emulator's folder. The engine
 * runs in a process of its own and refuses to work on Azure itself.
 *
 * @throws {OperatorError} `EMULATOR_REQUIRED`, `STATE_PASSPHRASE_MISSING`.
 */
export function inlineEngine(why: string, options: InlineOptions): StackEngine {
  const { projectDir } = options;
  const stack = shortStackName(options.stack ?? defaultStack);
  if (!isEmulated(options.environment)) {
    throw new OperatorError(
      "EMULATOR_REQUIRED",
      "The inline engine works with the emulated tenant only, and COPILOT_TOKEN_EMULATOR is not set. " +
        'Install the Pulumi CLI to use Azure, or run this with npm run tenant -- --exec "npm run rotate".',
    );
  }
  let opened: Promise<StackState> | undefined;
  const openState = (): Promise<StackState> => (opened ??= openStackFile(options, stack));

  const outputsFile = join(projectDir, inlineOutputsFile);
  const run = async (mode: RunMode, request: RunRequest): Promise<EngineRun> => {
    const config = options.config ?? (await stackConfig(options, stack));
    // Another run may have changed the state since it was last read.
    opened = undefined;
    const seen = runRecord(request, options.onEvent);
    const state = await openState();
    const outputsBefore = state.checkpoint().outputs;
    const result = await deployUnlocked(stack, {
      projectDir,
      // Settings from elsewhere are of the project's own program.
      ...(options.config === undefined ? { program: await programFile(projectDir) } : {}),
      state,
      config,
      environment: withRequest(options.environment, request),
      preview: mode === "preview" || mode === "previewDestroy",
      ...(mode === "up" ? { outputsFile } : {}),
      ...(request.exclude === undefined ? {} : { exclude: request.exclude }),
      ...(request.refresh === true ? { refresh: true } : {}),
      ...(mode === "destroy" || mode === "previewDestroy" ? { destroy: true } : {}),
      onEvent: seen.onEvent,
      ...(options.processes === undefined ? {} : { processes: options.processes }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    if (mode === "destroy" && result.ok) removeOutputs(outputsFile, outputsBefore);
    const failures = result.failures.map(({ name, message }): EngineFailure =>
      name === undefined ? { message } : { resource: name, message },
    );
    return { ok: result.ok, outputs: result.ok ? result.outputs : undefined, steps: seen.steps, failures };
  };
  return {
    name: "inline",
    why,
    stack,
    outputs: async () => {
      const { outputs = {} } = (await openState()).checkpoint();
      return Object.keys(outputs).length === 0 ? undefined : outputs;
    },
    resources: async () => {
      const { resources } = (await openState()).checkpoint();
      return resources
        .filter(({ custom, type }) => custom && !type.startsWith("pulumi:"))
        .map(({ urn, type, name, id, protect, retainOnDelete }) => ({
          type,
          name,
          parentType: parentTypeIn(urn),
          id: id ?? "",
          isProtected: protect === true,
          isRetained: retainOnDelete === true,
        }));
    },
    up: (request = {}) => run("up", request),
    preview: (request = {}) => run("preview", request),
    destroy: (request = {}) => run("destroy", request),
    previewDestroy: (request = {}) => run("previewDestroy", request),
    unlock: () => {
      const file = checkpointFile(projectDir, stack);
      unlockStack(file);
      return Promise.resolve(`Stack ${stack} is free: no lock is left on ${file}.`);
    },
  };
}

/** @throws {OperatorError} `STACK_LOCKED`, with the command that lifts the lock of this stack. */
async function deployUnlocked(stack: string, options: DeployOptions): Promise<DeployResult> {
  try {
    return await deploy(options);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "STACK_LOCKED")) throw error;
    const message = `${error.message} ${fixLine(unlockFix(stack))}`;
    throw new OperatorError("STACK_LOCKED", message, { cause: error });
  }
}

type RunMode = "up" | "preview" | "destroy" | "previewDestroy";

/** The settings of the stack's file, with the reader that a local run with `--keep` has added. */
async function stackConfig(
  { projectDir, environment }: InlineOptions,
  stack: string,
): Promise<Readonly<Record<string, string>>> {
  const file = await readStackFile(projectDir, stack);
  demandReadable(file);
  return withVaultReader(file.values, environment[keptReaderVariable]);
}

/** The file tells of one stack: another's outputs, written since, stay. */
function removeOutputs(file: string, outputs: unknown): void {
  if (!existsSync(file)) return;
  if (readFileSync(file, "utf8") === `${JSON.stringify(outputs, undefined, 2)}\n`) rmSync(file);
}

async function openStackFile(options: InlineOptions, stack: string): Promise<StackState> {
  if (options.state !== undefined) return options.state;
  const passphrase = options.environment["PULUMI_CONFIG_PASSPHRASE"];
  if (passphrase === undefined) {
    throw new OperatorError(
      "STATE_PASSPHRASE_MISSING",
      "PULUMI_CONFIG_PASSPHRASE is not set; it encrypts the secrets in the inline engine's state. Set it to the passphrase of the last run.",
    );
  }
  const { project } = await readStackFile(options.projectDir, stack);
  return openStackState({ project, stack, passphrase, file: checkpointFile(options.projectDir, stack) });
}

/** The variable holds for one run: what the shell has set counts only where the command asks for nothing. */
function withRequest(
  environment: EngineOptions["environment"],
  { rotate }: RunRequest,
): Record<string, string | undefined> {
  return rotate === undefined ? { ...environment } : { ...environment, COPILOT_TOKEN_ROTATE: rotate };
}

function runRecord(
  { onProgress }: RunRequest,
  also: InlineOptions["onEvent"],
): { readonly steps: EngineStep[]; readonly onEvent: (event: EngineEvent) => void } {
  const steps: EngineStep[] = [];
  return {
    steps,
    onEvent: (event) => {
      also?.(event);
      if (event.kind !== "step") return;
      const { operation, status, type, name } = event.step;
      if (status === "begun") onProgress?.(`${operation} ${name}`);
      if (status === "done" && operation !== "same") steps.push({ operation, type, name });
    },
  };
}
