import {
  readTokenAnswer,
  tokenRequest,
  type TokenAnswer,
  type TokenRefusal,
} from "../core/secrets/clientCredentials";
import type { AzureClient, PassingTrouble, Reply } from "./azureClient";
import { Credential } from "./credential";
import { shortened } from "./limits";
import { entra, type Service } from "./services";

/** What Entra is asked with. */
export interface TokenQuestion {
  readonly tenantId: string;
  readonly clientId: string;
  /** A client secret, or another issuer's token in its place; bound to {@link entra}. */
  readonly credential: { readonly clientSecret: Credential } | { readonly clientAssertion: Credential };
  /** Whom the token is for. */
  readonly resource: Service;
  /** For the line of progress. Default: "the token endpoint". */
  readonly service?: string;
  /** Distinguishes a transient error from a final one. */
  readonly passesByItself?: (refusal: TokenRefusal) => PassingTrouble | undefined;
}

/** A token, or why there is none. */
export type TokenOutcome = { readonly waitedSeconds: number } & (
  | { readonly ok: true; readonly token: Credential; readonly expiresInSeconds: number }
  | { readonly ok: false; readonly refusal: TokenRefusal }
);

/**
 * Exchanges a client secret or an assertion for an app-only token.
 *
 * @throws {ConnectionError}
 */
export async function requestToken(client: AzureClient, question: TokenQuestion): Promise<TokenOutcome> {
  const { tenantId, clientId, credential, resource, service, passesByItself } = question;
  const { url, body } = tokenRequest({
    cloud: client.cloud,
    tenantId,
    clientId,
    scope: `${resource.audience(client.cloud)}/.default`,
    ...("clientSecret" in credential
      ? { clientSecret: credential.clientSecret.textFor(entra) }
      : { clientAssertion: credential.clientAssertion.textFor(entra) }),
  });
  const reply = await client.send(
    { to: entra, method: "POST", url, form: body },
    {
      ...(service === undefined ? {} : { service }),
      passesByItself: (answer) => {
        const judged = read(answer.status, answer.body);
        return judged.ok ? undefined : passesByItself?.(judged.refusal);
      },
    },
  );
  return readToken(reply, resource);
}

/** Judges an answer of the token endpoint. @param resource Whom the token is for. */
export function readToken(reply: Reply, resource: Service): TokenOutcome {
  const { waitedSeconds } = reply;
  const answer = read(reply.status, reply.body, reply.headers["retry-after"]);
  if (!answer.ok) return { ok: false, refusal: answer.refusal, waitedSeconds };
  const { accessToken, expiresInSeconds } = answer.token;
  return { ok: true, token: new Credential(accessToken, resource), expiresInSeconds, waitedSeconds };
}

function read(status: number, body: string, retryAfter?: string): TokenAnswer {
  const answer = readTokenAnswer(status, body, retryAfter);
  if (answer.ok) return answer;
  return { ok: false, refusal: { ...answer.refusal, description: shortened(answer.refusal.description) } };
}
