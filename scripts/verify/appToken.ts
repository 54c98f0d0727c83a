import {
  passesByItself,
  readTokenAnswer,
  trustPassesByItself,
  tokenRequest,
  type TokenRefusal,
} from "../../core/secrets/clientCredentials";
import { OperatorError } from "../../core/errors";
import type { AzureClient } from "../../azure/azureClient";
import { decodeToken, rolesOf, type DecodedToken } from "../shared/tokenClaims";

/** Entra refused the app's own client secret, or something in front of Entra answered. */
export class TokenRefused extends OperatorError {
  constructor(readonly refusal: TokenRefusal) {
    super("TOKEN_REFUSED", `The token endpoint refused (${refusal.code}): ${refusal.description}`);
    this.name = "TokenRefused";
  }
}

/** A way to get tokens for an app. */
export interface TokenSource {
  /** What signs in; for people. */
  readonly by: string;
  readonly obtain: () => Promise<ObtainedToken>;
}

export interface ObtainedToken {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly waitedSeconds: number;
}

export interface AppTokenRequest {
  readonly source: TokenSource;
  /** Made within the last ten minutes: replicas may not know all of it yet. */
  readonly isYoung: boolean;
  /**
   * Whether a token that lacks a permission is worth another try: consent reaches the token endpoint later
   * than it reaches the directory. Asked for young credentials only.
   */
  readonly hopesFor: (rolesSeen: readonly string[]) => Promise<boolean>;
}

export interface AppToken {
  /** The token itself, for calls to Graph; goes nowhere else. */
  readonly accessToken: string;
  readonly decoded: DecodedToken;
  readonly by: string;
  readonly expiresInSeconds: number;
  readonly waitedSeconds: number;
}

/** Seconds between two tokens while consent spreads. */
const consentPauseSeconds = 5;

/**
 * Gets the app's own token for Microsoft Graph.
 *
 * @throws {TokenRefused} with Entra's code, correlation ID and time; {@link ConnectionError}; `TOKEN_MALFORMED`.
 */
export async function fetchAppToken(client: AzureClient, request: AppTokenRequest): Promise<AppToken> {
  let waitedSeconds = 0;
  for (;;) {
    const { accessToken, expiresInSeconds, ...obtained } = await request.source.obtain();
    const decoded = decodeToken(accessToken);
    const token = { accessToken, decoded, by: request.source.by, expiresInSeconds };
    waitedSeconds += obtained.waitedSeconds;
    const hopeful = request.isYoung && (await request.hopesFor(rolesOf(token.decoded)));
    if (!hopeful || !(await client.pause(consentPauseSeconds, "the consent has not reached the token yet"))) {
      return { ...token, waitedSeconds };
    }
    waitedSeconds += consentPauseSeconds;
  }
}

/** What Entra is asked with: a client secret, or another issuer's token in its place. */
export type Exchange = { readonly tenantId: string; readonly clientId: string } & (
  | {
      readonly clientSecret: string;
      /** Made within the last ten minutes: a refusal by a replica that does not know it yet is waited out. */
      readonly isYoung: boolean;
    }
  | {
      readonly clientAssertion: string;
      /** Asked when Entra does not trust it: a federated credential takes minutes to reach every replica. */
      readonly mayBeYoung: () => boolean;
    }
);

/**
 * Asks Entra for the app's own token for Microsoft Graph.
 *
 * @throws {TokenRefused}
 */
export async function exchangeForToken(client: AzureClient, exchange: Exchange): Promise<ObtainedToken> {
  const { url, headers, body } = tokenRequest(exchange);
  const reply = await client.send(
    { method: "POST", url, headers, body },
    {
      service: "the token endpoint",
      passesByItself: (answer) => {
        const judged = readTokenAnswer(answer.status, answer.body);
        if (judged.ok) return undefined;
        if ("isYoung" in exchange) {
          return exchange.isYoung && passesByItself(judged.refusal)
            ? { reason: `the new secret has not replicated yet (${judged.refusal.code})` }
            : undefined;
        }
        return trustPassesByItself(judged.refusal) && exchange.mayBeYoung()
          ? { reason: `the federated credential has not replicated yet (${judged.refusal.code})` }
          : undefined;
      },
    },
  );
  const answer = readTokenAnswer(reply.status, reply.body, reply.headers["retry-after"]);
  if (!answer.ok) throw new TokenRefused(answer.refusal);
  const { accessToken, expiresInSeconds } = answer.token;
  return { accessToken, expiresInSeconds, waitedSeconds: reply.waitedSeconds };
}
