import { basename, resolve } from "node:path";
import { build } from "esbuild";
import { carryOut } from "../../emulator/pulumi/child";
import { EngineProcesses, type EngineRunner } from "../../emulator/pulumi/engineProcess";
import {
  deploy,
  type DeployOptions,
  type DeployResult,
  type EngineEvent,
} from "../../emulator/pulumi/inline";
import { openStackState, type StackState } from "../../emulator/pulumi/stackState";

const entries = new Map<string, Promise<string>>();

/** Bundles one of emulator/bin as the build does, from the source as it stands; once a test file. */
export function bundledEntry(name: "inlineUp" | "serveProvider"): Promise<string> {
  return bundledFile(`emulator/bin/${name}.ts`);
}

/** Bundles a program of Node as the build does; once a test file. */
export function bundledFile(path: string): Promise<string> {
  const entry = entries.get(path) ?? bundleEntry(path);
  entries.set(path, entry);
  return entry;
}

/** The inline engine's process, for `deploy`. */
export function inlineEntry(): Promise<string> {
  return bundledEntry("inlineUp");
}

let processes: Promise<EngineProcesses> | undefined;

/** The inline engine's processes of a test file, which save each run after the first one a second. */
export function engineProcesses(): Promise<EngineProcesses> {
  processes ??= inlineEntry().then((entry) => new EngineProcesses(entry));
  return processes;
}

/** Ends those that {@link engineProcesses} left waiting for the next run. */
export async function endEngineProcesses(): Promise<void> {
  (await processes)?.close();
}

async function bundleEntry(path: string): Promise<string> {
  // Within node_modules, so that the bundle finds the packages that it leaves out.
  const outfile = resolve(`node_modules/.cache/copilot-token/${basename(path, ".ts")}-${process.pid}.js`);
  await build({
    entryPoints: [resolve(path)],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["@pulumi/*", "esbuild"],
    logLevel: "error",
  });
  return outfile;
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
  return await run(program, state, { processes: await engineProcesses(), ...options });
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
