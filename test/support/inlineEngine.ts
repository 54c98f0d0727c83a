import { basename, resolve } from "node:path";
import { carryOut } from "../../emulator/pulumi/child";
import { EngineProcesses, type EngineRunner } from "../../emulator/pulumi/engineProcess";
import {
  deploy,
  type DeployOptions,
  type DeployResult,
  type EngineEvent,
} from "../../emulator/pulumi/inline";
import { openStackState, type StackState } from "../../emulator/pulumi/stackState";
import { bundled } from "./built";

/** Bundles one of emulator/bin as the build does, from the source as it stands. */
export function bundledEntry(name: "inlineUp" | "serveProvider"): string {
  return bundledFile(`emulator/bin/${name}.ts`);
}

/** Bundles a program of Node as the build does. */
export function bundledFile(path: string): string {
  return bundled(`${basename(path, ".ts")}.js`, {
    entryPoints: [resolve(path)],
    external: ["@pulumi/*", "esbuild"],
  });
}

/** How vitest.config.mts told this process to use memory. */
const v8Options = process.execArgv.filter((option) => /^--m(in|ax)-semi-space-size=/.test(option));

/** Processes of the inline engine in which the time of a run can pass faster. */
export function hurriedProcesses(): EngineProcesses {
  return new EngineProcesses(bundledFile("test/support/engineWorker.ts"), v8Options);
}

let processes: EngineProcesses | undefined;

/** The inline engine's processes of a test file, which save each run after the first one a second. */
export function engineProcesses(): EngineProcesses {
  processes ??= new EngineProcesses(bundledEntry("inlineUp"), v8Options);
  return processes;
}

/** Ends those that {@link engineProcesses} left waiting for the next run. */
export function endEngineProcesses(): void {
  processes?.close();
}

/** A stack for a test program, in memory. */
export function testStack(file?: string): StackState {
  return openStackState({
    project: "copilot-token",
    stack: "test",
    passphrase: "correct horse",
    ...(file === undefined ? {} : { file }),
  });
}

/** Runs the engine in the test's own process, which saves a second a run. Programs that go wrong need their own. */
const runHere: EngineRunner = async (order, take) => {
  await carryOut(order, (report) => {
    // What goes between processes is a copy.
    take(structuredClone(report));
    return Promise.resolve();
  });
  return "here";
};

export interface TestRun extends DeployResult {
  readonly events: readonly EngineEvent[];
  /** What the program printed. */
  readonly printed: string;
}

/** Runs a program of test/emulator/pulumi/programs as users do, in another process. */
export async function runProgram(
  program: string,
  state: StackState,
  options: Partial<DeployOptions> = {},
): Promise<TestRun> {
  return await run(program, state, { processes: engineProcesses(), ...options });
}

/** Runs a program of test/emulator/pulumi/programs, which must not fail by itself, in the test's own process. */
export async function runProgramHere(
  program: string,
  state: StackState,
  options: Partial<DeployOptions> = {},
): Promise<TestRun> {
  return await run(program, state, { runner: runHere, ...options });
}

async function run(program: string, state: StackState, options: Partial<DeployOptions>): Promise<TestRun> {
  const events: EngineEvent[] = [];
  const result = await deploy({
    projectDir: resolve("."),
    program: `test/emulator/pulumi/programs/${program}.ts`,
    state,
    config: {},
    environment: { PATH: process.env["PATH"] },
    onEvent: (event) => events.push(event),
    ...options,
  });
  const printed = events.map((event) => (event.kind === "output" ? event.text : "")).join("");
  return { ...result, events, printed };
}

/** The steps of a run that ended, such as `create web`. */
export function stepsOf({ events }: TestRun): string[] {
  return events.flatMap((event) =>
    event.kind === "step" && event.step.status === "done"
      ? [`${event.step.operation} ${event.step.name}`]
      : [],
  );
}
