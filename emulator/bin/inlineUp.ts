import { carryOut } from "../pulumi/child";
import { sendToParent } from "../pulumi/acknowledged";
import { enterEnvironment, type Assignment } from "../pulumi/engineProcess";
import type { Report } from "../pulumi/messages";
import { bundleProgram } from "../pulumi/program";

// The inline engine's process: started by emulator/pulumi/engineProcess.ts, which sends one order after another.
const send = sendToParent<Report | "over">();

const bundles = new Map<string, Promise<string>>();
const bundledOnce: typeof bundleProgram = (projectDir, entry) => {
  const key = JSON.stringify([projectDir, entry]);
  const bundle = bundles.get(key) ?? bundleProgram(projectDir, entry);
  bundles.set(key, bundle);
  return bundle;
};

async function work({ order, environment, stays }: Assignment): Promise<void> {
  enterEnvironment(environment);
  const { ok, reusable } = await carryOut(order, send, bundledOnce).catch(async (error: unknown) => {
    const failure =
      error instanceof Error && error.stack !== undefined
        ? { message: error.message, stack: error.stack }
        : { message: String(error) };
    await send({ kind: "failure", failure });
    await send({ kind: "end" });
    return { ok: false, reusable: false };
  });
  if (!stays || !reusable) process.exit(ok ? 0 : 1);
  await Promise.all([written(process.stdout), written(process.stderr)]);
  await send("over");
}

/** Resolves when all that was printed has left the process. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => {
      resolve();
    });
  });
}

process.on("message", (message: Assignment | string) => {
  if (typeof message === "object") void work(message);
});
