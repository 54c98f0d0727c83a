import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { deploy, type DeployResult, type EngineEvent } from "../../emulator/pulumi/inline";
import type { SignIn } from "../../emulator/server/environment";
import { openStackState, type StackState } from "../../emulator/pulumi/stackState";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { azure } from "../../emulator/server/azure";
import { startTenant, type EmulatedTenant } from "../../emulator/startTenant";
import { servedEngine, type ServedEngine } from "./servedEngine";

/** One run of the real program against the emulated tenant. */
export interface ProgramRun extends DeployResult {
  /** What the program and its engine said. */
  readonly said: string;
  /** Steps that changed something, such as `create CopilotAPIAuth-1`. */
  readonly steps: readonly string[];
}

export interface UpOptions {
  /** Default: the deployer, by its secret. */
  readonly signIn?: SignIn;
  /** Patterns of URNs that the run leaves alone. */
  readonly exclude?: readonly string[];
}

/** The project's own program, deployed by the inline engine into a tenant of its own. */
export interface TestStack {
  readonly emulated: EmulatedTenant;
  readonly engine: ServedEngine;
  readonly state: StackState;
  up(
    settings: Readonly<Record<string, unknown>>,
    environment?: Readonly<Record<string, string>>,
    options?: UpOptions,
  ): Promise<ProgramRun>;
  close(): Promise<void>;
}

/** Settings of a trial: nothing waits. */
export const quickRotation = { verification: { tokens: 2, overSeconds: 0 } };

export async function testStack(): Promise<TestStack> {
  const projectDir = resolve(".");
  const emulated = await startTenant({
    projectDir,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
  });
  const engine = await servedEngine(azure(emulated.tenant));
  const state = openStackState({
    project: "copilot-token",
    stack: "test",
    passphrase: randomBytes(16).toString("hex"),
  });
  return {
    emulated,
    engine,
    state,
    up: async (settings, environment = {}, options = {}) => {
      const { signIn = emulated.tenant.identities.deployer, exclude = [] } = options;
      const events: EngineEvent[] = [];
      const given = { ...engine.environmentOf(emulated.tenant, signIn), ...environment };
      const config = Object.entries({ rotation: quickRotation, protect: false, ...settings }).map(
        ([key, value]) => [`copilot-token:${key}`, JSON.stringify(value)] as const,
      );
      const result = await deploy({
        projectDir: engine.folder,
        state,
        config: { "azure-native:location": "westeurope", ...Object.fromEntries(config) },
        environment: given,
        processes: engine.processes,
        exclude,
        onEvent: (event) => events.push(event),
      });
      const said = [
        ...events.map((event) => (event.kind === "output" ? event.text : "")),
        ...result.failures.map(({ name, message }) => `${name ?? ""}: ${message}`),
      ].join("\n");
      const steps = events.flatMap((event) =>
        event.kind === "step" && event.step.status === "done" && event.step.operation !== "same"
          ? [`${event.step.operation} ${event.step.name}`]
          : [],
      );
      return { ...result, said, steps };
    },
    close: async () => {
      engine.giveBack();
      await emulated.close();
    },
  };
}

/** The outputs of a run that succeeded; fails the test with what was said otherwise. */
export function outputsOf(run: ProgramRun): StackOutputs {
  if (!run.ok) throw new Error(`the run failed: ${run.said}`);
  return readStackOutputs(run.outputs);
}
