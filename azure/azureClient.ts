import { ConnectionError } from "./connectionError";
import { retryAfterSeconds, type Exchange, type HttpAnswer, type HttpRequest } from "./http";

/** Everything outside the client. */
export interface ClientWorld {
  readonly exchange: Exchange;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Shows what is waited for; undefined when the wait is over. */
  readonly progress: (line: string | undefined) => void;
}

/** An answer and what it took to get it. */
export interface Reply extends HttpAnswer {
  /** How long passing troubles were waited out, in seconds. */
  readonly waitedSeconds: number;
}

/** An answer that is not what was asked for and that passes by itself. */
export interface PassingTrouble {
  /** For the line of progress. */
  readonly reason: string;
  /** How long it may take, in seconds from the run's start. Default: the client's own limit. */
  readonly waitSeconds?: number;
}

/** How one request is to be sent. */
export interface SendOptions {
  /** Whom the request asks, for the line of progress: "Key Vault", "the token endpoint". */
  readonly service: string;
  /**
   * Tells an answer that passes by itself, such as a new secret's refusal, from a final one. Asked in
   * addition to 429, 5xx and reset connections, which are always waited out.
   */
  readonly passesByItself?: (
    answer: HttpAnswer,
  ) => Promise<PassingTrouble | undefined> | PassingTrouble | undefined;
}

/** Sends requests, waiting out what passes by itself within one limit for the whole run. */
export interface AzureClient {
  /** @throws {ConnectionError} when no whole answer came within the limit. */
  send(request: HttpRequest, options: SendOptions): Promise<Reply>;
  /**
   * Waits, showing why.
   *
   * @returns false, without waiting, when that would pass the limit.
   */
  pause(seconds: number, reason: string, waitSeconds?: number): Promise<boolean>;
}

/** One attempt may take so long: a healthy answer takes under 2 s. */
const attemptSeconds = 20;

/**
 * @param limits.waitSeconds Counted from now, for all requests together.
 */
export function azureClient(world: ClientWorld, limits: { readonly waitSeconds: number }): AzureClient {
  const startedAt = world.now().getTime();
  const elapsedSeconds = (): number => (world.now().getTime() - startedAt) / 1000;

  const pause: AzureClient["pause"] = async (seconds, reason, waitSeconds = limits.waitSeconds) => {
    const leftSeconds = waitSeconds - elapsedSeconds();
    if (seconds > leftSeconds) return false;
    world.progress(`Waiting: ${reason}; again in ${seconds} s, for ${Math.round(leftSeconds)} s at most`);
    await world.sleep(seconds * 1000);
    world.progress(undefined);
    return true;
  };

  return {
    pause,
    send: async (request, { service, passesByItself }) => {
      let waitedSeconds = 0;
      for (let attempt = 0; ; attempt += 1) {
        const outcome = await attemptOnce(world, request);
        const trouble = await whyAgain(outcome, passesByItself);
        if (trouble !== undefined) {
          const seconds = Math.max(backoffSeconds(attempt), askedSeconds(outcome, world.now()));
          if (await pause(seconds, `${service}: ${trouble.reason}`, trouble.waitSeconds)) {
            waitedSeconds += seconds;
            continue;
          }
        }
        if (outcome instanceof ConnectionError) throw outcome;
        return { ...outcome, waitedSeconds };
      }
    },
  };
}

/** 1, 1, 2, 4, 8, then 10 seconds. */
function backoffSeconds(attempt: number): number {
  return Math.min(10, 2 ** Math.max(0, attempt - 1));
}

function askedSeconds(outcome: HttpAnswer | ConnectionError, now: Date): number {
  return outcome instanceof ConnectionError ? 0 : (retryAfterSeconds(outcome, now) ?? 0);
}

async function attemptOnce(
  world: Pick<ClientWorld, "exchange">,
  request: HttpRequest,
): Promise<HttpAnswer | ConnectionError> {
  try {
    return await world.exchange(request, attemptSeconds * 1000);
  } catch (error) {
    if (error instanceof ConnectionError) return error;
    throw error;
  }
}

async function whyAgain(
  outcome: HttpAnswer | ConnectionError,
  passesByItself: SendOptions["passesByItself"],
): Promise<PassingTrouble | undefined> {
  if (outcome instanceof ConnectionError) {
    return outcome.passesByItself ? { reason: "the connection broke" } : undefined;
  }
  if (outcome.status === 429) return { reason: "it is busy (429)" };
  // 501 means that it will never answer this.
  if (outcome.status >= 500 && outcome.status !== 501) {
    return { reason: `it is out of order (${outcome.status})` };
  }
  return passesByItself?.(outcome);
}
