import { sendToParent } from "../../emulator/pulumi/acknowledged";
import { carryOut } from "../../emulator/pulumi/child";
import type { Order, Report } from "../../emulator/pulumi/messages";
import { bundleProgram } from "../../emulator/pulumi/program";

/** One run for {@link worker}; `environment` comes on top of the process's own. */
export interface WorkerOrder {
  readonly order: Order;
  readonly environment: Readonly<Record<string, string>>;
  /** How often faster than the machine's the run takes its time to pass, so that no one sits out what it waits. */
  readonly speed: number;
}

export type WorkerReport = Report | { readonly kind: "over" };

// The inline engine's process for one run after the other, which saves a second a run.
const send = sendToParent<WorkerReport>();

const bundles = new Map<string, Promise<string>>();
const bundledOnce: typeof bundleProgram = (projectDir, entry) => {
  const bundle = bundles.get(entry) ?? bundleProgram(projectDir, entry);
  bundles.set(entry, bundle);
  return bundle;
};

const { setTimeout: wait } = globalThis;
const elapsed = performance.now.bind(performance);

function hurry(speed: number): void {
  performance.now = () => elapsed() * speed;
  // Longer ones are limits, not pauses.
  const hurried = (work: (given?: unknown) => void, milliseconds = 0, given?: unknown): NodeJS.Timeout =>
    wait(work, milliseconds > 10_000 ? milliseconds : milliseconds / speed, given);
  globalThis.setTimeout = (speed === 1 ? wait : hurried) as typeof wait;
}

async function work({ order, environment, speed }: WorkerOrder): Promise<void> {
  hurry(speed);
  const own = { ...process.env };
  Object.assign(process.env, environment);
  try {
    await carryOut(order, send, bundledOnce);
  } catch (error) {
    await send({
      kind: "failure",
      failure: { message: error instanceof Error ? (error.stack ?? "") : String(error) },
    });
    await send({ kind: "end" });
  }
  for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, own);
  await send({ kind: "over" });
}

process.on("message", (message: WorkerOrder | string) => {
  if (typeof message === "object") void work(message);
});
