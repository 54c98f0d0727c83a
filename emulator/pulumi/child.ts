import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { sealerWith } from "./sealing";
import type { Change, ResourceState } from "./checkpoint";
import { Deployment } from "./deployment";
import type { Order, Report } from "./messages";
import { InlineMonitor } from "./monitor";
import { loadPulumi } from "./loadPulumi";
import { bundleProgram, loadProgram } from "./program";
import { isSecret, mapValues, type Properties } from "./properties";
import { providerRegistry } from "./providers/registry";
import { reportProgramErrors } from "./programErrors";
import { refreshResources } from "./refresh";
import { transformCaller } from "./transforms";
import { urnMatcher } from "./urn";

/** How an order went. */
export interface CarriedOut {
  readonly ok: boolean;
  /** Whether this process is as it was: the program has ended, and every error of it was its own end or a provider's. */
  readonly reusable: boolean;
}

/**
 * Carries out one order in this process: runs the program, makes what it registers, deletes what it no longer does.
 *
 * @param send Tells the parent; resolves when it has taken the message.
 * @param bundle Replaced by a process that carries out several orders and knows that the program stays as it is.
 */
export async function carryOut(
  order: Order,
  send: (report: Report) => Promise<void>,
  bundle = bundleProgram,
): Promise<CarriedOut> {
  const sealer = sealerWith(Buffer.from(order.key, "base64"));
  const resources = order.checkpoint.resources.map((resource) => sealer.open(resource) as ResourceState);
  const sending: Promise<void>[] = [];
  const tell = (report: Report): void => {
    sending.push(send(report));
  };
  const providers = providerRegistry(order.projectDir, order.project, order.config, process.env);
  const record = (change: Change): void => {
    tell({ kind: "change", change: sealer.seal(change) as typeof change });
  };
  const isExcluded = urnMatcher(order.exclude);
  const olds = order.refresh
    ? await refreshResources(resources, {
        isExcluded,
        record: order.preview ? () => undefined : record,
        providerOf: (packageName, explicit) => providers.providerOf(packageName, explicit),
      })
    : resources;
  const deployment = new Deployment({
    project: order.project,
    stack: order.stack,
    preview: order.preview,
    isExcluded,
    olds: new Map(olds.map((resource) => [resource.urn, resource])),
    oldOutputs: sealer.open(order.checkpoint.outputs) as Properties | undefined,
    providerOf: (packageName, explicit) => providers.providerOf(packageName, explicit),
    record,
    recorded: async () => {
      await Promise.all(sending);
    },
    onStep: (step) => {
      tell({ kind: "step", step });
    },
    onFailure: (failure) => {
      tell({ kind: "failure", failure });
    },
  });

  let reusable = true;
  if (order.destroy) await deployment.destroy();
  else reusable = await runProgram(order, deployment, bundle);
  const outputs = deployment.outputs ?? {};
  tell(deployment.failed ? { kind: "end" } : { kind: "end", outputs: masked(outputs) });
  await Promise.all(sending);
  return { ok: !deployment.failed, reusable };
}

/** @returns Whether the program left nothing behind. */
async function runProgram(
  order: Order,
  deployment: Deployment,
  bundle: typeof bundleProgram,
): Promise<boolean> {
  const { projectDir, program, project, stack, preview } = order;
  process.chdir(projectDir);
  const bundling = bundle(projectDir, program);
  // Loading Pulumi takes longer than bundling, which meanwhile goes on in esbuild's own process.
  const bundled = Promise.allSettled([bundling]);
  const pulumi = loadPulumi(projectDir);
  const errors = reportProgramErrors(deployment);
  const transforms = transformCaller(join(projectDir, "package.json"));
  try {
    await bundled;
    const { run, sourceStack } = loadProgram(projectDir, program, await bundling);
    errors.sourceStack = sourceStack;
    pulumi.runtime.setMockOptions(
      new InlineMonitor(deployment, transforms),
      project,
      stack,
      preview,
      "organization",
    );
    pulumi.runtime.setAllConfig({ ...order.config }, [...order.secretConfigKeys]);
    await Promise.race([
      pulumi.runtime.runInPulumiStack(run).then(() => pulumi.runtime.disconnect()),
      errors.stuck,
    ]);
    // Node tells of a rejection that nothing handles only once nothing else is ready.
    await setImmediate();
    // What the program logged as an error has been printed; it fails the run, as it does under the CLI.
    if (pulumi.log.hasErrors() && !deployment.failed)
      deployment.fail({ message: "The program logged an error." });
  } catch (error) {
    errors.report(error);
    await deployment.idle();
  }
  await deployment.finish();
  transforms.close();
  errors.stop();
  // The SDK counts logged errors for as long as it is loaded.
  return !errors.leftBehind() && !pulumi.log.hasErrors();
}

function masked(outputs: Properties): Properties {
  return mapValues(outputs, (value) => (isSecret(value) ? { to: "[secret]" } : undefined)) as Properties;
}
