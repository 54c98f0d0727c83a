import type { Cloud } from "../cloud/clouds";

/** What a browser signs a user in with, and what the code is then redeemed with. */
export interface CodeSignIn {
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly clientId: string;
  readonly redirectUri: string;
  /** Delegated permissions of Microsoft Graph. */
  readonly permissions: readonly string[];
  /** Unguessable, and compared in the answer. */
  readonly state: string;
}

/** Scopes of OpenID Connect: they say who the user is, and reach no data. */
export const openIdScopes: readonly string[] = ["openid", "profile", "email", "offline_access"];

/** Microsoft Graph's permissions by their whole names, which no other API's can be taken for. */
function scopeOf({ cloud, permissions }: CodeSignIn): string {
  const ofGraph = permissions.filter((name) => !openIdScopes.includes(name));
  return ["openid", "profile", ...ofGraph.map((name) => `${cloud.graph}/${name}`)].join(" ");
}

/**
 * The address at which a browser signs a user in.
 *
 * @param challenge SHA-256 of the code verifier, base64url.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow (read 2026-11)
 */
export function authorizeAddress(signIn: CodeSignIn, challenge: string): string {
  const query = new URLSearchParams({
    client_id: signIn.clientId,
    response_type: "code",
    redirect_uri: signIn.redirectUri,
    response_mode: "query",
    scope: scopeOf(signIn),
    state: signIn.state,
    code_challenge: challenge,
    code_challenge_method: "S256",
    prompt: "select_account",
  });
  return `${signIn.cloud.authority}/${signIn.tenantId}/oauth2/v2.0/authorize?${query.toString()}`;
}

/** The request that redeems a code as a public client: the verifier takes the place of a client credential. */
export function codeRequest(
  signIn: CodeSignIn,
  code: string,
  verifier: string,
): { url: string; body: string } {
  const form = new URLSearchParams({
    client_id: signIn.clientId,
    grant_type: "authorization_code",
    code,
    redirect_uri: signIn.redirectUri,
    scope: scopeOf(signIn),
    code_verifier: verifier,
  });
  return { url: `${signIn.cloud.authority}/${signIn.tenantId}/oauth2/v2.0/token`, body: form.toString() };
}
