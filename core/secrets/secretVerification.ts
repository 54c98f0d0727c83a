import { passesByItself, type TokenRefusal } from "./clientCredentials";

/** How much evidence makes a new client secret fit for publication. */
export interface VerificationPlan {
  /** Tokens to get in a row; a refusal of the secret begins the count anew. */
  readonly tokens: number;
  /** Seconds over which they are spread. */
  readonly overSeconds: number;
  /** How long to try, beyond `overSeconds`, while the secret reaches every replica. */
  readonly patienceSeconds: number;
}

export type VerificationResult =
  | { readonly verified: true; readonly verifiedAt: string; readonly tokens: number }
  | { readonly verified: false; readonly refusal: TokenRefusal; readonly seconds: number };

/** The world as a verification sees it. */
export interface VerificationWorld {
  /**
   * Asks for one token by the secret; undefined when Entra gave one.
   *
   * @throws when no answer came.
   */
  readonly requestToken: () => Promise<TokenRefusal | undefined>;
  /** Milliseconds, from any origin, never going back. */
  readonly elapsed: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly now: () => Date;
}

/** Between two tokens, once a refusal has shown that the secret is still on its way. */
const watchfulPauseMilliseconds = 1000;

/**
 * Verifies that Entra accepts a new client secret. A client cannot choose the replica that answers, and one success is not
 * enough: replicas learn of a secret at different times. Once a replica has refused it, tokens have to come for as
 * long again as the secret was seen to be on its way: the replicas that are still to learn of it are as slow again.
 *
 * @returns `verified: false` at once for a final error, and for a transient one when the time is over.
 * @see https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/1921 (read 2026-11)
 */
export async function verifySecret(
  plan: VerificationPlan,
  world: VerificationWorld,
): Promise<VerificationResult> {
  const startedAt = world.elapsed();
  const pause = plan.tokens > 1 ? (plan.overSeconds * 1000) / (plan.tokens - 1) : 0;
  const deadline = startedAt + (plan.overSeconds + plan.patienceSeconds) * 1000;
  let inARow = 0;
  let rowBegan = startedAt;
  /** Milliseconds after which a replica still did not know the secret. */
  let unknownAfter: number | undefined;
  let backoff = 1000;
  for (;;) {
    const refusal = await refusalOfOneToken(world);
    if (refusal === undefined) {
      if (inARow === 0) rowBegan = world.elapsed();
      inARow += 1;
      const needed = unknownAfter === undefined ? 0 : Math.max(plan.overSeconds * 1000, unknownAfter);
      if (inARow >= plan.tokens && world.elapsed() - rowBegan >= needed) {
        return { verified: true, verifiedAt: world.now().toISOString(), tokens: inARow };
      }
      await world.sleep(unknownAfter === undefined ? pause : watchfulPauseMilliseconds);
      continue;
    }
    const wait = Math.max(backoff, (refusal.retryAfterSeconds ?? 0) * 1000);
    // A busy service says nothing about where the secret has arrived: it breaks no row, and may take a row's time.
    const isBusy = refusal.status === 429 || refusal.status >= 500;
    const limit = isBusy ? deadline + (unknownAfter ?? 0) : deadline;
    if (!passesByItself(refusal) || world.elapsed() + wait > limit) {
      return { verified: false, refusal, seconds: Math.round((world.elapsed() - startedAt) / 1000) };
    }
    if (!isBusy) {
      inARow = 0;
      unknownAfter = world.elapsed() - startedAt;
    }
    backoff = Math.min(backoff * 2, 8000);
    await world.sleep(wait);
  }
}

async function refusalOfOneToken(world: VerificationWorld): Promise<TokenRefusal | undefined> {
  try {
    return await world.requestToken();
  } catch (error) {
    // A missing answer is transient as a 503 is, so it gets that status.
    const description = `The token endpoint could not be reached: ${wordsOf(error)}`;
    return { code: "NO_ANSWER", status: 503, description };
  }
}

/** An HTTP client says "fetch failed", and why only in the cause. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${wordsOf(error.cause)})`;
}

/**
 * What to tell the operator when a secret could not be verified. Names the credential, never its value.
 */
export function verificationFailureMessage(
  subject: {
    /** The kind of credential. */
    readonly what: string;
    readonly app: string;
    readonly clientId: string;
    readonly keyId: string;
  },
  failure: { readonly refusal: TokenRefusal; readonly seconds: number },
): string {
  const { code, description, correlationId } = failure.refusal;
  const waited = failure.seconds > 0 ? ` for ${failure.seconds} s` : "";
  return (
    `Entra refused the new ${subject.what} of ${subject.app} (client ID ${subject.clientId}, keyId ${subject.keyId})${waited}: ` +
    `${code}: ${description}` +
    (correlationId === undefined || description.includes(correlationId)
      ? ""
      : ` Correlation ID: ${correlationId}.`)
  );
}
