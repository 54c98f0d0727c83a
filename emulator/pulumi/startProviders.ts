import { fork } from "node:child_process";
import { join } from "node:path";
import { EmulatorError } from "../errors";
import type { ServedPackage } from "./serve/serveProviders";

export interface ServedProviders {
  /** For the CLI's `PULUMI_DEBUG_PROVIDERS`, such as `azure-native:41234,azuread:41235`. */
  readonly debugProviders: string;
  /** Ends the providers' process; afterwards nothing of it is left. */
  close(): Promise<void>;
}

/** What the providers' process tells. */
export type ServedMessage =
  { readonly ports: Record<string, number> } | { readonly refusal: { code: string; message: string } };

/**
 * Serves the project's own resource providers to a Pulumi CLI that has no plugins, in a process of their own.
 *
 * @param packages Which to serve; the CLI takes its own plugins for all others.
 * @param environment Has to point at the emulated Azure.
 * @param entry The process's bundle. Default: `serveProvider.js` beside the running one.
 * @throws {EmulatorError} `EMULATOR_REQUIRED`; `PROVIDERS_NOT_SERVED` when the process ends.
 */
export async function startProviders(
  packages: readonly ServedPackage[],
  environment: NodeJS.ProcessEnv,
  entry: string = join(__dirname, "serveProvider.js"),
): Promise<ServedProviders> {
  const child = fork(entry, [...packages], {
    env: environment,
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = new Promise<void>((resolve) =>
    child.once("close", () => {
      resolve();
    }),
  );
  const message = await new Promise<ServedMessage | undefined>((resolve) => {
    child.once("message", (received: ServedMessage) => {
      resolve(received);
    });
    void ended.then(() => {
      resolve(undefined);
    });
  });
  if (message === undefined || "refusal" in message) {
    await ended;
    const { code, message: reason } = message?.refusal ?? {
      code: "PROVIDERS_NOT_SERVED",
      message: "The process that serves the project's resource providers ended before it began.",
    };
    throw new EmulatorError(code, reason);
  }
  return {
    debugProviders: Object.entries(message.ports)
      .map(([name, port]) => `${name}:${port}`)
      .join(","),
    close: async () => {
      child.kill();
      await ended;
    },
  };
}
