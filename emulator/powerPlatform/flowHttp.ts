import { exchange, NoAnswer, type Answer, type Platform } from "./platform";
import { isRecord, parseJson, EmulationError, textOf, type Value } from "./value";

/** A synchronous request of a flow is cut after so many seconds. */
const flowRequestTimeoutSeconds = 120;

/** How an action that talks HTTP ended. */
export interface HttpEnd {
  readonly status: "Succeeded" | "Failed" | "TimedOut";
  /** Null when no answer came. */
  readonly outputs: Value;
  /** The platform's own reason, when no answer came. */
  readonly error: Value;
}

/** What may be done again, how often, and how long all of it may take. */
export interface Patience {
  /** `inputs.retryPolicy`, as the definition has it. */
  readonly retryPolicy: Value;
  /** `limit` of the action: its timeout counts retries but cuts no request. */
  readonly limit: Value;
}

/**
 * Sends a request, and again after transient errors: 408, 429, 5xx and no answer.
 *
 * @see https://learn.microsoft.com/azure/logic-apps/error-exception-handling (read 2026-11)
 */
export async function withRetries(
  platform: Platform,
  { retryPolicy, limit }: Patience,
  attempt: (timeoutSeconds: number) => Promise<Answer>,
): Promise<HttpEnd> {
  const { count, intervalSeconds } = readRetryPolicy(retryPolicy);
  const limitSeconds = isRecord(limit) ? durationSeconds(limit["timeout"] ?? null) : Infinity;
  const startedAt = platform.now().getTime();
  for (let tries = 0; ; tries += 1) {
    const end = await once(attempt);
    if (!end.mayPass || tries === count) return end.result;
    const pause = Math.max(intervalSeconds, end.retryAfterSeconds);
    const elapsedSeconds = (platform.now().getTime() - startedAt) / 1000;
    if (elapsedSeconds + pause > limitSeconds) {
      return {
        status: "TimedOut",
        outputs: null,
        error: {
          code: "ActionTimedOut",
          message: "The action took longer than its limit.",
        },
      };
    }
    await platform.wait(pause);
  }
}

interface Attempt {
  readonly mayPass: boolean;
  /** 0 when the service did not say. */
  readonly retryAfterSeconds: number;
  readonly result: HttpEnd;
}

async function once(attempt: (timeoutSeconds: number) => Promise<Answer>): Promise<Attempt> {
  try {
    const answer = await attempt(flowRequestTimeoutSeconds);
    const succeeded = answer.status >= 200 && answer.status < 300;
    return {
      mayPass: answer.status === 408 || answer.status === 429 || answer.status >= 500,
      retryAfterSeconds: Number(answer.headers.get("Retry-After") ?? 0),
      result: { status: succeeded ? "Succeeded" : "Failed", outputs: outputsOf(answer), error: null },
    };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return {
      mayPass: error.mayPass,
      retryAfterSeconds: 0,
      result: {
        status: "Failed",
        outputs: null,
        error: { code: "NoResponse", message: error.message },
      },
    };
  }
}

/** A body that is JSON becomes an object; any other stays text. */
function outputsOf({ status, body }: Answer): Value {
  return { statusCode: status, body: parseJson(body) ?? body };
}

function readRetryPolicy(policy: Value): { count: number; intervalSeconds: number } {
  if (isRecord(policy) && policy["type"] === "fixed" && typeof policy["count"] === "number") {
    return { count: policy["count"], intervalSeconds: durationSeconds(policy["interval"] ?? null) };
  }
  if (isRecord(policy) && policy["type"] === "none") return { count: 0, intervalSeconds: 0 };
  throw new EmulationError("An action without a fixed retryPolicy would retry for minutes.");
}

function durationSeconds(duration: Value): number {
  const seconds = typeof duration === "string" ? /^PT(\d+)S$/.exec(duration)?.[1] : undefined;
  if (seconds === undefined)
    throw new EmulationError(`${JSON.stringify(duration)} is no duration in seconds.`);
  return Number(seconds);
}

const knownInputs = ["method", "uri", "headers", "body", "authentication", "retryPolicy"];

/**
 * A request of an Http action, signed in first as it says. How the platform itself gets a token for
 * `ActiveDirectoryOAuth` is not visible; here it is the request that Entra documents for such an audience.
 *
 * @param identities ARM IDs of the managed identities that the workflow has.
 * @throws {NoAnswer} also when the sign-in is refused: the platform then has nothing to send.
 */
export async function sendHttpAction(
  platform: Platform,
  inputs: { readonly [key: string]: Value },
  timeoutSeconds: number,
  identities: readonly string[] = [],
): Promise<Answer> {
  const { headers = {}, body, authentication } = inputs;
  const unknown = Object.keys(inputs).filter((key) => !knownInputs.includes(key));
  if (unknown.length > 0) throw new EmulationError(`Http: unknown ${unknown.join(", ")}.`);
  const sent = new Headers(headers as Record<string, string>);
  if (authentication !== undefined) {
    const token =
      isRecord(authentication) && authentication["type"] === "ManagedServiceIdentity"
        ? await identityToken(platform, authentication, identities)
        : await platformToken(platform, authentication, timeoutSeconds);
    sent.set("Authorization", `Bearer ${token}`);
  }
  // A body that is an object goes as JSON, and says so.
  if (isRecord(body)) sent.set("Content-Type", "application/json");
  const request = new Request(textOf(inputs, "uri"), {
    method: textOf(inputs, "method"),
    headers: sent,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return exchange(platform, request, timeoutSeconds);
}

function identityToken(
  platform: Platform,
  authentication: { readonly [key: string]: Value },
  identities: readonly string[],
): Promise<string> {
  const identity = textOf(authentication, "identity");
  if (!identities.some((known) => known.toLowerCase() === identity.toLowerCase())) {
    throw new EmulationError(
      `The workflow does not have the identity ${identity}, so it could not be saved.`,
    );
  }
  return platform.identityToken(identity, textOf(authentication, "audience"));
}

async function platformToken(
  platform: Platform,
  authentication: Value,
  timeoutSeconds: number,
): Promise<string> {
  if (!isRecord(authentication) || authentication["type"] !== "ActiveDirectoryOAuth") {
    throw new EmulationError(
      "Http: only ActiveDirectoryOAuth and ManagedServiceIdentity are known as authentication.",
    );
  }
  const answer = await exchange(
    platform,
    new Request(`${textOf(authentication, "authority")}/${textOf(authentication, "tenant")}/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        resource: textOf(authentication, "audience"),
        client_id: textOf(authentication, "clientId"),
        client_secret: textOf(authentication, "secret"),
      }),
    }),
    timeoutSeconds,
  );
  const reply = parseJson(answer.body);
  if (answer.status === 200 && isRecord(reply) && typeof reply["access_token"] === "string") {
    return reply["access_token"];
  }
  const description = isRecord(reply) ? reply["error_description"] : undefined;
  throw new NoAnswer(
    `Signing in failed with HTTP ${answer.status}: ${typeof description === "string" ? description : "no reason given"}`,
    answer.status === 429 || answer.status >= 500,
  );
}
