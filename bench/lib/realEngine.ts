import { resolve } from "node:path";
import type { PulumiCli } from "../../scripts/shared/engines/pulumiCli";
import type { EngineRun } from "../../scripts/shared/engines/stackEngine";
import { processWorld } from "../../scripts/shared/processWorld";
import { startEmulatedStack } from "../../scripts/shared/emulated/pulumiStack";
import { startTenant } from "../../emulator/startTenant";
import { configOf } from "./deployedApps";
import { watchTree } from "./processTree";

/** Runs of one stack by the Pulumi CLI, in seconds: first `up`, then without a change. */
export interface MeasuredStack {
  readonly first: number;
  readonly preview: number;
  readonly again: number;
  /** Most memory of all processes together, in MB. */
  readonly peakMegabytes: number;
  /** Which resource providers worked, for people. */
  readonly providers: string;
}

/**
 * With more apps than this, the first `up` writes the state once, at its end. The engine writes all of it at each step of a backend in
 * files: a minute of processor time for 100 apps, and a hundred times that for 1,000. Runs without a change write none.
 */
const manyApps = 100;
const oneWrite = { PULUMI_SKIP_CHECKPOINTS: "true" };

/** A program of this project, from its folder. */
export const bareProgram = "bench/plain/bare.cjs";

/**
 * Deploys `count` apps by the Pulumi CLI, into a new tenant, then previews and deploys them once more. What is measured
 * is the CLI, the program and the resource providers; not the emulated Azure, which is this process.
 *
 * @param main Default: the project's program.
 * @throws {Error} when a run fails: a figure of a failure is no figure.
 */
export async function measureStack(cli: PulumiCli, count: number, main?: string): Promise<MeasuredStack> {
  const emulated = await startTenant({ projectDir: resolve("."), env: process.env });
  const world = processWorld();
  try {
    const { deployer, verifier } = emulated.tenant.identities;
    const stack = await startEmulatedStack(world, {
      cli,
      reason: "to be measured",
      stack: "bench",
      ...(main === undefined ? {} : { main }),
      config: configOf(count, verifier.objectId),
      environment: { ...emulated.environmentOf(deployer), ...(count > manyApps ? oneWrite : {}) },
    });
    try {
      const watch = watchTree();
      const first = await secondsOf(() => stack.engine.up());
      const preview = await secondsOf(() => stack.engine.preview());
      const again = await secondsOf(() => stack.engine.up());
      return { first, preview, again, peakMegabytes: await watch.stop(), providers: stack.providers };
    } finally {
      await stack.close();
    }
  } finally {
    world.close();
    await emulated.close();
  }
}

async function secondsOf(work: () => Promise<EngineRun>): Promise<number> {
  const startedAt = performance.now();
  const { ok, failures } = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  if (ok) return seconds;
  throw new Error(failures.map(({ resource, message }) => `${resource ?? ""}: ${message}`).join("\n"));
}
