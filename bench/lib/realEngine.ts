import { resolve } from "node:path";
import type { PulumiCli } from "../../scripts/shared/engines/pulumiCli";
import { processWorld } from "../../scripts/shared/processWorld";
import { startEmulatedStack } from "../../scripts/shared/emulated/pulumiStack";
import { startTenant } from "../../emulator/startTenant";
import { configOf } from "./deployedApps";
import { watchTree } from "./processTree";
import type { Measured } from "./processes";

/** One `up` of a new stack by the Pulumi CLI. */
export interface MeasuredUp extends Measured {
  /** Which resource providers worked, for people. */
  readonly providers: string;
}

/**
 * Deploys `count` apps by the Pulumi CLI, into a new tenant. What is measured is one `up`: the CLI, the program, the
 * resource providers; not the emulated Azure, which is this process.
 *
 * @throws {Error} when the run fails: a figure of a failure is no figure.
 */
export async function measureUp(cli: PulumiCli, count: number): Promise<MeasuredUp> {
  const emulated = await startTenant({ projectDir: resolve("."), env: process.env });
  const world = processWorld();
  try {
    const { deployer, verifier } = emulated.tenant.identities;
    const stack = await startEmulatedStack(world, {
      cli,
      reason: "to be measured",
      stack: "bench",
      config: configOf(count, verifier.objectId),
      environment: emulated.environmentOf(deployer),
    });
    try {
      const watch = watchTree();
      const startedAt = performance.now();
      const run = await stack.engine.up();
      const seconds = (performance.now() - startedAt) / 1000;
      const peakMegabytes = await watch.stop();
      if (run.ok) return { seconds, peakMegabytes, providers: stack.providers };
      throw new Error(
        run.failures.map(({ resource, message }) => `${resource ?? ""}: ${message}`).join("\n"),
      );
    } finally {
      await stack.close();
    }
  } finally {
    world.close();
    await emulated.close();
  }
}
