import * as pulumi from "@pulumi/pulumi";
import { AsyncLocalStorage } from "node:async_hooks";

/** One call of the engine's; the first error ends it. */
interface Call {
  state: "running" | "answered" | "failed";
  readonly reject: (error: unknown) => void;
}

const calls = new AsyncLocalStorage<Call>();

/** Answers a call of the engine's, which fails by whatever goes wrong in what it has begun. */
export function ownCall<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call: Call = { state: "running", reject };
    calls.run(call, () => {
      work().then(
        (answer) => {
          if (call.state === "running") call.state = "answered";
          resolve(answer);
        },
        (error: unknown) => {
          fail(call, error);
        },
      );
    });
  });
}

/**
 * An error of a component comes by each of its outputs, mostly where nothing awaits it. Pulumi's own handlers fail every call that is
 * under way, show the error three times, and first inspect it with colours, which takes Node 20 and 22 a minute over a stack that
 * runs through node_modules/@pulumi. This one fails the call that the error belongs to.
 *
 * @see https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/provider/server.ts (read 2026-11) `uncaughtHandler`
 */
export function failCallsByTheirOwnErrors(): void {
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.removeAllListeners(event);
    process.on(event, (error: unknown) => {
      fail(calls.getStore(), error);
    });
  }
}

function fail(call: Call | undefined, error: unknown): void {
  if (call?.state === "running") {
    call.reject(error);
  } else if (call?.state !== "failed") {
    // Told as an error, it ends the engine's run: resources may be missing in what the call has answered.
    void pulumi.log.error(error instanceof Error ? error.message : String(error));
  }
  if (call !== undefined) call.state = "failed";
}
