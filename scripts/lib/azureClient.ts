import { ConnectionError } from "./connectionError";
import { retryAfterSeconds, type HttpAnswer, type HttpRequest } from "./http";
import type { World } from "./world";

/** An answer and what it took to get it. */
export interface Reply extends HttpAnswer {
  /** How long passing troubles were waited out, in seconds. */
  readonly waitedSeconds: number;
}

/** How one request is to be sent. */
export interface SendOptions {
  /** Whom the request asks, for the line of progress: "Key Vault", "the token endpoint". */
  readonly service: string;
  /**
   * Says why an answer is one that passes by itself, such as a new secret's refusal; undefined when it is
   * final. Asked in addition to 429, 5xx and reset connections, which are always waited out.
   */
  readonly passesByItself?: (answer: HttpAnswer) => string | undefined;
  /** How long answers that pass by themselves are waited for, in seconds. Default: the client's own. */
  readonly waitSeconds?: number;
}

/** Sends requests, waiting out what passes by itself within one limit for the whole run. */
export interface AzureClient {
  /** @throws {ConnectionError} when no whole answer came within the limit. */
  send(request: HttpRequest, options: SendOptions): Promise<Reply>;
}

/** The first waits, in seconds; the last one repeats. */
const backoffSeconds = [1, 1, 2, 4, 8, 10] as const;

/** One attempt may take so long: a healthy answer takes under 2 s. */
const attemptSeconds = 20;

/**
 * @param limits.waitSeconds Counted from now, for all requests together.
 */
export function azureClient(
  world: Pick<World, "exchange" | "now" | "sleep" | "progress">,
  limits: { readonly waitSeconds: number },
): AzureClient {
  const startedAt = world.now().getTime();
  const elapsedSeconds = (): number => (world.now().getTime() - startedAt) / 1000;

  return {
    send: async (request, { service, passesByItself, waitSeconds = limits.waitSeconds }) => {
      let waitedSeconds = 0;
      for (let attempt = 0; ; attempt += 1) {
        const outcome = await attemptOnce(world, request);
        const reason = whyAgain(outcome, passesByItself);
        if (reason !== undefined) {
          const asked =
            outcome instanceof ConnectionError ? undefined : retryAfterSeconds(outcome, world.now());
          const pause = Math.max(
            1,
            asked ?? backoffSeconds[Math.min(attempt, backoffSeconds.length - 1)] ?? 10,
          );
          if (elapsedSeconds() + pause <= waitSeconds) {
            const limit = Math.round(waitSeconds - elapsedSeconds());
            world.progress(`Waiting for ${service}: ${reason}; again in ${pause} s, for ${limit} s at most`);
            await world.sleep(pause * 1000);
            world.progress(undefined);
            waitedSeconds += pause;
            continue;
          }
        }
        if (outcome instanceof ConnectionError) throw outcome;
        return { ...outcome, waitedSeconds };
      }
    },
  };
}

async function attemptOnce(
  world: Pick<World, "exchange">,
  request: HttpRequest,
): Promise<HttpAnswer | ConnectionError> {
  try {
    return await world.exchange(request, attemptSeconds * 1000);
  } catch (error) {
    if (error instanceof ConnectionError) return error;
    throw error;
  }
}

function whyAgain(
  outcome: HttpAnswer | ConnectionError,
  passesByItself: SendOptions["passesByItself"],
): string | undefined {
  if (outcome instanceof ConnectionError) {
    return outcome.passesByItself ? "the connection broke" : undefined;
  }
  if (outcome.status === 429) return "it is busy (429)";
  // 501 means that it will never answer this.
  if (outcome.status >= 500 && outcome.status !== 501) return `it is out of order (${outcome.status})`;
  return passesByItself?.(outcome);
}
