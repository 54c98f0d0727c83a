import {
  passesByItself,
  readTokenAnswer,
  tokenRequest,
  type ClientCredentials,
  type TokenRefusal,
  type TokenRequest,
} from "./clientCredentials";

/** How much evidence makes a new client secret fit for publication. */
export interface ProofPlan {
  /** Tokens to get in a row; a refusal of the secret begins the count anew. */
  readonly tokens: number;
  /** Seconds over which they are spread. */
  readonly overSeconds: number;
  /** How long to try, beyond `overSeconds`, while the secret reaches every replica. */
  readonly patienceSeconds: number;
}

export type ProofResult =
  | { readonly proved: true; readonly provedAt: string; readonly tokens: number }
  | { readonly proved: false; readonly refusal: TokenRefusal; readonly seconds: number };

/** The world as a proof sees it. */
export interface ProofWorld {
  /** Sends a token request; rejects when the connection fails. */
  readonly send: (
    request: TokenRequest,
  ) => Promise<{ status: number; body: string; retryAfter: string | null }>;
  /** Milliseconds, from any origin, never going back. */
  readonly elapsed: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly now: () => Date;
}

/** Between two tokens, once a refusal has shown that the secret is still on its way. */
const watchfulPauseMilliseconds = 1000;

/**
 * Proves that Entra takes a new client secret at every replica, as far as a client can know: one success
 * proves nothing, since replicas learn of a secret at different times. Once a replica has refused it, tokens have
 * to come for as long again as the secret was seen to be on its way: the replicas that are still to learn of it
 * are as slow again.
 *
 * @returns `proved: false` at once for a refusal that waiting does not cure, else when patience ends.
 * @see https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/1921 (read 2026-11)
 */
export async function proveSecret(
  credentials: ClientCredentials,
  plan: ProofPlan,
  world: ProofWorld,
): Promise<ProofResult> {
  const startedAt = world.elapsed();
  const pause = plan.tokens > 1 ? (plan.overSeconds * 1000) / (plan.tokens - 1) : 0;
  const deadline = startedAt + (plan.overSeconds + plan.patienceSeconds) * 1000;
  let inARow = 0;
  let rowBegan = startedAt;
  /** Milliseconds after which a replica still did not know the secret. */
  let unknownAfter: number | undefined;
  let backoff = 1000;
  for (;;) {
    const refusal = await refusalOfOneToken(credentials, world);
    if (refusal === undefined) {
      if (inARow === 0) rowBegan = world.elapsed();
      inARow += 1;
      const needed = unknownAfter === undefined ? 0 : Math.max(plan.overSeconds * 1000, unknownAfter);
      if (inARow >= plan.tokens && world.elapsed() - rowBegan >= needed) {
        return { proved: true, provedAt: world.now().toISOString(), tokens: inARow };
      }
      await world.sleep(unknownAfter === undefined ? pause : watchfulPauseMilliseconds);
      continue;
    }
    const wait = Math.max(backoff, (refusal.retryAfterSeconds ?? 0) * 1000);
    // A busy service says nothing about where the secret has arrived: it breaks no row, and may take a row's time.
    const isBusy = refusal.status === 429 || refusal.status >= 500;
    const limit = isBusy ? deadline + (unknownAfter ?? 0) : deadline;
    if (!passesByItself(refusal) || world.elapsed() + wait > limit) {
      return { proved: false, refusal, seconds: Math.round((world.elapsed() - startedAt) / 1000) };
    }
    if (!isBusy) {
      inARow = 0;
      unknownAfter = world.elapsed() - startedAt;
    }
    backoff = Math.min(backoff * 2, 8000);
    await world.sleep(wait);
  }
}

async function refusalOfOneToken(
  credentials: ClientCredentials,
  world: ProofWorld,
): Promise<TokenRefusal | undefined> {
  let answer: { status: number; body: string; retryAfter: string | null };
  try {
    answer = await world.send(tokenRequest(credentials));
  } catch (error) {
    // No answer at all is as passing as a 503; status 503 lets it be treated so.
    const description = wordsOf(error);
    return {
      code: "NO_ANSWER",
      status: 503,
      description: `The token endpoint could not be reached: ${description}`,
    };
  }
  const read = readTokenAnswer(answer.status, answer.body, answer.retryAfter);
  return read.ok ? undefined : read.refusal;
}

/** An HTTP client says "fetch failed", and why only in the cause. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${wordsOf(error.cause)})`;
}

/**
 * What to tell the operator when a secret could not be proved. Names the credential, never its value.
 */
export function proofFailureMessage(
  subject: { readonly app: string; readonly clientId: string; readonly keyId: string },
  failure: { readonly refusal: TokenRefusal; readonly seconds: number },
): string {
  const { code, description, correlationId } = failure.refusal;
  const waited = failure.seconds > 0 ? ` for ${failure.seconds} s` : "";
  return (
    `Entra refused the new client secret of ${subject.app} (client ID ${subject.clientId}, keyId ${subject.keyId})${waited}: ` +
    `${code}: ${description}` +
    (correlationId === undefined || description.includes(correlationId)
      ? ""
      : ` Correlation ID: ${correlationId}.`) +
    "\nIt was not published, and the vault is unchanged. Run the command again; it continues with the same secret."
  );
}
