import { chooseCloud } from "../core/cloud/chosenCloud";
import type { Cloud } from "../core/cloud/clouds";
import { OperatorError } from "../core/errors";
import { ConnectionError } from "./connectionError";
import type { Credential } from "./credential";
import { retryAfterSeconds, type Exchange, type HttpAnswer, type HttpRequest } from "./http";
import { runCharacters, workSeconds } from "./limits";
import type { Environment } from "./proxy";
import { addressOf, type Service } from "./services";

/** Everything outside the client. */
export interface ClientWorld {
  /** Variables of the process, which choose the cloud. */
  readonly env: Environment;
  readonly exchange: Exchange;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Shows what is waited for; undefined when the wait is over. */
  readonly progress: (line: string | undefined) => void;
}

/** One request to a service. */
export interface AzureRequest {
  readonly to: Service;
  readonly method: HttpRequest["method"];
  /** Must be one of the service's own addresses. */
  readonly url: string | URL;
  /** Sent as `Authorization: Bearer`; must be bound to the same service. */
  readonly token?: Credential;
  /** Sent as JSON; undefined sends no body. */
  readonly json?: unknown;
  /** Form-encoded: for Entra, where it may hold a secret that is bound to it. */
  readonly form?: string;
}

/** An answer and what it took to get it. */
export interface Reply extends HttpAnswer {
  /** How long passing troubles were waited out, in seconds. */
  readonly waitedSeconds: number;
}

/** An error that is transient, so that the request is sent again. */
export interface PassingTrouble {
  /** For the line of progress. */
  readonly reason: string;
  /** How long it may take, in seconds from the run's start. Default: the client's own limit. */
  readonly waitSeconds?: number;
}

/** How one request is to be sent. */
export interface SendOptions {
  /** Whom the request asks, for the line of progress. Default: the service's name. */
  readonly service?: string;
  /**
   * Distinguishes a transient error, such as one about a new secret, from a final one. Asked in
   * addition to 429, 5xx and reset connections, which are always waited out.
   */
  readonly passesByItself?: (
    answer: HttpAnswer,
  ) => Promise<PassingTrouble | undefined> | PassingTrouble | undefined;
  /** Told of every attempt's outcome: what must not be done twice has to know what a lost answer may have done. */
  readonly onAttempt?: (outcome: HttpAnswer | ConnectionError) => void;
}

/** Sends requests, and repeats them after transient errors within one limit for the whole run. */
export interface AzureClient {
  /** All requests go to hosts of this cloud, or to those of services outside of every cloud. */
  readonly cloud: Cloud;
  /**
   * The one function that sends a request, with or without a credential.
   *
   * @throws {ConnectionError} when no whole answer came within the limit.
   * @throws {OperatorError} `HOST_FOREIGN`, `CREDENTIAL_MISDIRECTED`, before anything is sent.
   */
  send(request: AzureRequest, options?: SendOptions): Promise<Reply>;
  /**
   * Waits, showing why.
   *
   * @returns false, without waiting, when that would pass the limit.
   */
  pause(seconds: number, reason: string, waitSeconds?: number): Promise<boolean>;
}

export interface ClientLimits {
  /** For waiting, counted from now, for all requests together. */
  readonly waitSeconds: number;
  /** The longest wait that any request asks for by `passesByItself`, in seconds from now. Default: `waitSeconds`. */
  readonly longestWaitSeconds?: number;
  /** Counts for each request by itself: for a run that sends requests for as long as it takes. Default: false. */
  readonly forEachRequest?: boolean;
}

/** One attempt may take so long: a healthy answer takes under 2 s. */
const attemptSeconds = 20;

/** @param cloud Default: the one that the environment chooses; {@link signIn} refuses an environment with faults. */
export function azureClient(
  world: ClientWorld,
  limits: ClientLimits,
  cloud: Cloud = chooseCloud(world.env).cloud,
): AzureClient {
  const startedAt = world.now().getTime();
  const secondsSince = (start: number): number => (world.now().getTime() - start) / 1000;
  const totalSeconds = Math.max(limits.waitSeconds, limits.longestWaitSeconds ?? 0) + workSeconds;
  let characters = 0;

  const pauseSince = async (
    start: number,
    seconds: number,
    reason: string,
    waitSeconds = limits.waitSeconds,
  ): Promise<boolean> => {
    const leftSeconds = waitSeconds - secondsSince(start);
    if (!(seconds <= leftSeconds)) return false;
    world.progress(`Waiting: ${reason}; again in ${seconds} s, for ${Math.round(leftSeconds)} s at most`);
    await world.sleep(seconds * 1000);
    world.progress(undefined);
    return true;
  };

  const attempt = async (
    start: number,
    request: HttpRequest,
    to: Service,
  ): Promise<HttpAnswer | ConnectionError> => {
    const leftSeconds = totalSeconds - secondsSince(start);
    if (leftSeconds <= 0) throw outOfTime(to, totalSeconds);
    try {
      const answer = await world.exchange(request, Math.min(attemptSeconds, leftSeconds) * 1000);
      characters += answer.body.length;
      if (characters > runCharacters) throw tooMuch(to);
      return answer;
    } catch (error) {
      if (error instanceof ConnectionError) return error;
      throw error;
    }
  };

  return {
    cloud,
    pause: (seconds, reason, waitSeconds) => pauseSince(startedAt, seconds, reason, waitSeconds),
    send: async (request, { service = request.to.name, passesByItself, onAttempt } = {}) => {
      const sent = plainRequest(cloud, request);
      const start = limits.forEachRequest === true ? world.now().getTime() : startedAt;
      let waitedSeconds = 0;
      for (let attempts = 0; ; attempts += 1) {
        const outcome = await attempt(start, sent, request.to);
        onAttempt?.(outcome);
        const trouble = await whyAgain(outcome, passesByItself);
        if (trouble !== undefined) {
          const seconds = Math.max(backoffSeconds(attempts), askedSeconds(outcome, world.now()));
          if (await pauseSince(start, seconds, `${service}: ${trouble.reason}`, trouble.waitSeconds)) {
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

/** The only place where a credential enters a request, once its address is known to be the service's own. */
function plainRequest(cloud: Cloud, { to, method, url, token, json, form }: AzureRequest): HttpRequest {
  const address = addressOf(cloud, to, url);
  const body = json === undefined ? form : JSON.stringify(json);
  return {
    method,
    url: address.href,
    headers: {
      Accept: "application/json",
      ...(token === undefined ? {} : { Authorization: `Bearer ${bearer(token, to)}` }),
      ...(body === undefined
        ? {}
        : { "Content-Type": json === undefined ? "application/x-www-form-urlencoded" : "application/json" }),
    },
    ...(body === undefined ? {} : { body }),
  };
}

function bearer(token: Credential, to: Service): string {
  const text = token.textFor(to);
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new OperatorError(
    "TOKEN_MALFORMED",
    `The token for ${to.name} holds characters that no token has; it was not sent. Sign in again.`,
  );
}

function outOfTime({ name }: Service, totalSeconds: number): ConnectionError {
  return new ConnectionError(
    "TIME_LIMIT",
    `${name} was not asked any more: all requests together may take ${Math.round(totalSeconds)} s, and that time is over. ` +
      "Check why answers take so long, or run this for fewer apps (--app).",
  );
}

function tooMuch({ name }: Service): ConnectionError {
  const megabytes = runCharacters / 1024 / 1024;
  return new ConnectionError(
    "ANSWER_TOO_LARGE",
    `The answers of this run, the last one of ${name}, are longer than ${megabytes} million characters together. ` +
      "Something between this machine and Azure changes answers; otherwise run this for fewer apps (--app).",
  );
}

/** 1, 1, 2, 4, 8, then 10 seconds. */
function backoffSeconds(attempt: number): number {
  return Math.min(10, 2 ** Math.max(0, attempt - 1));
}

function askedSeconds(outcome: HttpAnswer | ConnectionError, now: Date): number {
  return outcome instanceof ConnectionError ? 0 : (retryAfterSeconds(outcome, now) ?? 0);
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
