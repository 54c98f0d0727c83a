import { passesByItself, trustPassesByItself, type TokenRefusal } from "../../core/secrets/clientCredentials";
import { OperatorError } from "../../core/errors";
import type { AzureClient } from "../../azure/azureClient";
import type { Credential } from "../../azure/credential";
import { requestToken, type TokenQuestion } from "../../azure/entra";
import type { Service } from "../../azure/services";
import { rolesOf, type DecodedToken } from "../../azure/tokenClaims";

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
  readonly obtain: (resource: Service) => Promise<ObtainedToken>;
}

export interface ObtainedToken {
  readonly token: Credential;
  readonly expiresInSeconds: number;
  readonly waitedSeconds: number;
}

export interface AppTokenRequest {
  readonly source: TokenSource;
  /** Whom the token is for. */
  readonly resource: Service;
  /** Made within the last ten minutes: replicas may not know all of it yet. */
  readonly isYoung: boolean;
  /**
   * Whether a token that lacks a permission is worth another try: consent reaches the token endpoint later
   * than it reaches the directory. Asked for young credentials only.
   */
  readonly hopesFor: (rolesSeen: readonly string[]) => Promise<boolean>;
}

export interface AppToken {
  /** The token itself, for calls to Graph. */
  readonly token: Credential;
  readonly decoded: DecodedToken;
  readonly by: string;
  readonly expiresInSeconds: number;
  readonly waitedSeconds: number;
}

/** Seconds between two tokens while consent spreads. */
const consentPauseSeconds = 5;

/**
 * Gets the app's own token for one API.
 *
 * @throws {TokenRefused} with Entra's code, correlation ID and time; {@link ConnectionError}; `TOKEN_MALFORMED`.
 */
export async function fetchAppToken(client: AzureClient, request: AppTokenRequest): Promise<AppToken> {
  let waitedSeconds = 0;
  for (;;) {
    const { token, expiresInSeconds, ...obtained } = await request.source.obtain(request.resource);
    const decoded = token.decode();
    waitedSeconds += obtained.waitedSeconds;
    const hopeful = request.isYoung && (await request.hopesFor(rolesOf(decoded)));
    if (!hopeful || !(await client.pause(consentPauseSeconds, "the consent has not reached the token yet"))) {
      return { token, decoded, by: request.source.by, expiresInSeconds, waitedSeconds };
    }
    waitedSeconds += consentPauseSeconds;
  }
}

export interface Exchange extends Pick<TokenQuestion, "tenantId" | "clientId" | "credential" | "resource"> {
  /** Whether an error is transient, and why. */
  readonly passes: NonNullable<TokenQuestion["passesByItself"]>;
}

/** @param isYoung The secret was made within the last ten minutes, so that a replica may not know it yet. */
export function secretPasses(isYoung: boolean): Exchange["passes"] {
  return (refusal) =>
    isYoung && passesByItself(refusal)
      ? { reason: `the new secret has not replicated yet (${refusal.code})` }
      : undefined;
}

/** @param mayBeYoung Asked when Entra does not trust the credential: one takes minutes to reach every replica. */
export function trustPasses(mayBeYoung: () => boolean): Exchange["passes"] {
  return (refusal) =>
    trustPassesByItself(refusal) && mayBeYoung()
      ? { reason: `the federated credential has not replicated yet (${refusal.code})` }
      : undefined;
}

/**
 * Asks Entra for the app's own token.
 *
 * @throws {TokenRefused}
 */
export async function exchangeForToken(client: AzureClient, exchange: Exchange): Promise<ObtainedToken> {
  const { tenantId, clientId, credential, resource, passes } = exchange;
  const answer = await requestToken(client, {
    tenantId,
    clientId,
    credential,
    resource,
    passesByItself: passes,
  });
  if (!answer.ok) throw new TokenRefused(answer.refusal);
  return answer;
}
