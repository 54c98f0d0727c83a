import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PendingOperation } from "./checkpoint";
import type { Failure, StepEvent } from "./deploymentEvents";
import {
  processOfOneRun,
  type EngineProcesses,
  type EngineRunner,
  type OutputListener,
} from "./engineProcess";
import type { Order, Report } from "./messages";
import type { Properties } from "./properties";
import { lockStack } from "./stackLock";
import type { StackState } from "./stackState";

/** Something worth showing while a run goes on. Never holds a secret. */
export type EngineEvent =
  | { readonly kind: "step"; readonly step: StepEvent }
  | { readonly kind: "failure"; readonly failure: Failure }
  /** What the program printed. */
  | { readonly kind: "output"; readonly stream: "stdout" | "stderr"; readonly text: string }
  /** A run was killed in the middle of these; what became of them is unknown. */
  | { readonly kind: "interrupted"; readonly operations: readonly PendingOperation[] };

export interface DeployOptions {
  /** Folder of the project: holds `node_modules` and the program. */
  readonly projectDir: string;
  /** The program's main file, relative to `projectDir`. Default `infra/index.ts`. */
  readonly program?: string;
  /** Holds project and stack name, and remembers what the run does. */
  readonly state: StackState;
  /** Full keys, such as `azure-native:location`; structured values as JSON. */
  readonly config: Readonly<Record<string, string>>;
  readonly secretConfigKeys?: readonly string[];
  /** The whole environment of the run. It has to point at the emulated Azure. */
  readonly environment: NodeJS.ProcessEnv;
  /** Tells what would happen and changes nothing. */
  readonly preview?: boolean;
  /** Deletes everything instead of running the program. */
  readonly destroy?: boolean;
  /** Looks at every resource first, as `pulumi up --refresh` does. */
  readonly refresh?: boolean;
  /** Patterns of URNs, as of `pulumi up --exclude`: what they match is neither made, changed, looked at nor deleted. */
  readonly exclude?: readonly string[];
  /** Where to write the outputs of a successful run, as `pulumi stack output --json` does. */
  readonly outputsFile?: string;
  readonly onEvent?: (event: EngineEvent) => void;
  /** The engine's bundle. Default: `inlineUp.js` beside the running one. */
  readonly entry?: string;
  /** Where the engine works. Default: in a process that ends with the run. */
  readonly processes?: Pick<EngineProcesses, "runner">;
  /** Ends the run at once, as a kill does. */
  readonly signal?: AbortSignal;
  /** Works instead of a process of its own. */
  readonly runner?: EngineRunner;
}

/** How many resources, without components. */
export type ChangeCounts = Record<StepEvent["operation"], number>;

export interface DeployResult {
  readonly ok: boolean;
  /** Of a successful run; secret ones are masked. */
  readonly outputs: Properties;
  readonly changes: ChangeCounts;
  readonly failures: readonly Failure[];
}

/**
 * Runs the Pulumi program once with the inline engine, in a process of its own. State is kept here, step by step,
 * so that a run which fails or is killed loses nothing of what it did.
 *
 * @throws {EmulatorError} `STACK_LOCKED` while another run works on the same stack.
 */
export async function deploy(options: DeployOptions): Promise<DeployResult> {
  const { state, preview = false } = options;
  // A preview changes nothing, so it may run while another run holds the lock.
  const unlock = preview || state.file === undefined ? undefined : lockStack(state.file);
  try {
    return await deployAlone(options);
  } finally {
    unlock?.();
  }
}

async function deployAlone(options: DeployOptions): Promise<DeployResult> {
  const { state, onEvent = () => undefined, preview = false } = options;
  const checkpoint = state.checkpoint();
  if (checkpoint.pending.length > 0) {
    onEvent({ kind: "interrupted", operations: checkpoint.pending });
    if (!preview) state.forgetPending();
  }
  const changes: ChangeCounts = { create: 0, update: 0, same: 0, import: 0, delete: 0, forget: 0 };
  const failures: Failure[] = [];
  let end: Extract<Report, { kind: "end" }> | undefined;

  const take = (report: Report): void => {
    switch (report.kind) {
      case "change":
        state.record(report.change);
        return;
      case "step":
        if (report.step.status === "done") changes[report.step.operation] += 1;
        onEvent(report);
        return;
      case "failure":
        failures.push(report.failure);
        onEvent(report);
        return;
      case "end":
        end = report;
    }
  };
  const onOutput: OutputListener = (stream, text) => {
    onEvent({ kind: "output", stream, text });
  };
  const runner =
    options.runner ??
    options.processes?.runner(options, onOutput) ??
    processOfOneRun(options, onOutput, options.entry);
  const ending = await runner(orderOf(options), take);
  if (!preview) state.save();
  if (end === undefined) {
    const failure = { message: `The engine's process ended before its work did (${ending}). Run it again.` };
    failures.push(failure);
    onEvent({ kind: "failure", failure });
  }
  const outputs = end?.outputs;
  const ok = outputs !== undefined && failures.length === 0;
  if (ok && !preview && options.outputsFile !== undefined) writeOutputs(options.outputsFile, outputs);
  return { ok, outputs: ok ? outputs : {}, changes, failures };
}

function orderOf(options: DeployOptions): Order {
  const { state } = options;
  return {
    projectDir: options.projectDir,
    program: options.program ?? join("infra", "index.ts"),
    project: state.project,
    stack: state.stack,
    config: options.config,
    secretConfigKeys: options.secretConfigKeys ?? [],
    preview: options.preview ?? false,
    destroy: options.destroy ?? false,
    refresh: options.refresh ?? false,
    exclude: options.exclude ?? [],
    checkpoint: state.checkpoint(),
    key: state.key.toString("base64"),
  };
}

function writeOutputs(file: string, outputs: Properties): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(outputs, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}
