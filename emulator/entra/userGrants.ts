import { createHash } from "node:crypto";
import { noteCaller } from "../server/http";
import type { Tenant, User } from "../tenant/tenant";
import {
  checkCredential,
  findClient,
  hasCredential,
  readCredentials,
  required,
  requireCredential,
  type Client,
  type ClientCredentials,
} from "./clients";
import { noConsent, requireAssignment, requireConsent } from "./consent";
import { EntraError } from "./entraError";
import { onlyResource, readScopes } from "./requestedScopes";
import { after, newTicket, type UserSignIn } from "./signIns";
import type { EndpointVersion, IssuedToken } from "./tokenEndpoint";
import { verifyJwt } from "./tokens";
import { requireUser } from "./users";
import {
  mintIdToken,
  mintUserToken,
  tokenScopes,
  userTokenLifetimeSeconds,
  type ClientStrength,
} from "./userTokens";

interface GrantRequest {
  readonly request: Request;
  readonly form: URLSearchParams;
  readonly version: EndpointVersion;
  readonly tenant: Tenant;
}

type Grant = (asked: GrantRequest) => Promise<IssuedToken>;

const refreshTokenLifetimeSeconds = 90 * 86_400;

/** The grants by which a client gets a token of a signed-in user, by `grant_type`. */
export const userGrants: Readonly<Record<string, Grant>> = {
  authorization_code: redeemCode,
  refresh_token: refresh,
  "urn:ietf:params:oauth:grant-type:jwt-bearer": onBehalfOf,
  "urn:ietf:params:oauth:grant-type:device_code": redeemDeviceCode,
  // What the first versions of the Azure CLI and of ADAL call it.
  device_code: redeemDeviceCode,
};

/** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow (read 2026-11) */
async function redeemCode(asked: GrantRequest): Promise<IssuedToken> {
  const { form, tenant } = asked;
  const code = required(form, "code");
  const signIn = tenant.signIns.codes.get(code);
  const credentials = readCredentials(asked.request, form);
  const client = findClient(credentials.clientId, tenant);
  if (signIn === undefined) {
    throw invalidGrant(9002313, "Invalid request. Request is malformed or invalid.");
  }
  if (signIn.clientId !== client.appId)
    throw invalidGrant(70000, "The provided grant is invalid or malformed.");
  const strength = await checkClient(client, credentials, signIn.isPublic, asked);
  if (signIn.isRedeemed) {
    throw invalidGrant(
      54005,
      "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
    );
  }
  if (signIn.expiresAt <= tenant.clock.now()) throw expired();
  const redirectUri = required(form, "redirect_uri");
  if (redirectUri !== signIn.redirectUri) {
    throw new EntraError(
      400,
      "invalid_client",
      500112,
      `The reply address '${redirectUri}' does not match the reply address '${signIn.redirectUri}' provided when requesting Authorization code.`,
    );
  }
  checkVerifier(form.get("code_verifier"), signIn.codeChallenge, signIn.challengeMethod);
  signIn.isRedeemed = true;
  return issue(asked, client, strength, signIn);
}

/** RFC 7636. */
function checkVerifier(
  verifier: string | null,
  challenge: string | undefined,
  method: "plain" | "S256" = "plain",
): void {
  if (challenge === undefined) return;
  const answered =
    method === "S256"
      ? createHash("sha256")
          .update(verifier ?? "")
          .digest("base64url")
      : verifier;
  if (verifier !== null && answered === challenge) return;
  throw invalidGrant(
    501481,
    "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
  );
}

async function refresh(asked: GrantRequest): Promise<IssuedToken> {
  const { form, tenant } = asked;
  const signIn = tenant.signIns.refreshTokens.get(required(form, "refresh_token"));
  const credentials = readCredentials(asked.request, form);
  const client = findClient(credentials.clientId, tenant);
  if (signIn === undefined) {
    throw invalidGrant(9002313, "Invalid request. Request is malformed or invalid.");
  }
  if (signIn.clientId !== client.appId) {
    throw invalidGrant(700007, "The provided refresh token was issued to another client.");
  }
  const strength = await checkClient(client, credentials, signIn.isPublic, asked);
  if (signIn.expiresAt <= tenant.clock.now()) throw expired();
  return issue(asked, client, strength, signIn);
}

/** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow (read 2026-11) */
async function onBehalfOf(asked: GrantRequest): Promise<IssuedToken> {
  const { form, tenant } = asked;
  const credentials = readCredentials(asked.request, form);
  const client = findClient(credentials.clientId, tenant);
  const assertion = required(form, "assertion");
  if (required(form, "requested_token_use") !== "on_behalf_of") {
    throw new EntraError(
      400,
      "invalid_request",
      900144,
      "The request body must contain the following parameter: 'requested_token_use'.",
    );
  }
  const strength = await checkClient(client, credentials, false, asked);
  const claims = verifyJwt(await tenant.signingKey, assertion);
  if (claims === undefined || "nonce" in headerOf(assertion)) {
    throw invalidGrant(50013, "Assertion failed signature validation. [Reason - The key was not found.]");
  }
  const names = client.servicePrincipal?.["servicePrincipalNames"];
  const own = [client.appId, ...(Array.isArray(names) ? names.map(String) : [])];
  if (!own.includes(String(claims["aud"]))) {
    throw invalidGrant(
      500131,
      `Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '${String(claims["aud"])}' and the expected audience is '${own.join("', '")}'.`,
    );
  }
  if (typeof claims["scp"] !== "string") {
    throw invalidGrant(
      7000114,
      `Application '${client.appId}' is not allowed to make application on-behalf-of calls.`,
    );
  }
  if (Number(claims["exp"]) <= tenant.clock.now().getTime() / 1000) {
    throw invalidGrant(500133, "Assertion is not within its valid time range.");
  }
  return issue(asked, client, strength, {
    clientId: client.appId,
    userId: String(claims["oid"]),
    scope: asked.version === "v2" ? required(form, "scope") : "openid",
    isPublic: false,
  });
}

/** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code (read 2026-11) */
async function redeemDeviceCode(asked: GrantRequest): Promise<IssuedToken> {
  const { form, tenant } = asked;
  const code = form.get("device_code") ?? required(form, "code");
  const device = tenant.signIns.devices.get(code);
  const credentials = readCredentials(asked.request, form);
  const client = findClient(credentials.clientId, tenant);
  if (device?.clientId !== client.appId) {
    throw invalidGrant(70000, "The provided grant is invalid or malformed.");
  }
  const isPublic =
    client.servicePrincipal === undefined || client.application?.["isFallbackPublicClient"] === true;
  const strength = await checkClient(client, credentials, isPublic, asked);
  if (device.expiresAt <= tenant.clock.now()) {
    throw new EntraError(
      400,
      "expired_token",
      70020,
      "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
    );
  }
  const { outcome } = device;
  if (outcome === "pending") {
    throw new EntraError(
      400,
      "authorization_pending",
      70016,
      "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    );
  }
  tenant.signIns.devices.delete(code);
  if (outcome === "declined") {
    throw new EntraError(
      400,
      "authorization_declined",
      70018,
      "The end user denied the authorization request.",
    );
  }
  return issue(asked, client, strength, {
    clientId: client.appId,
    userId: outcome.userId,
    scope: device.scope,
    isPublic,
  });
}

/** Judges the client of a user's grant: a public one has no credential, any other must present one. */
async function checkClient(
  client: Client,
  credentials: ClientCredentials,
  isPublic: boolean,
  { request, tenant }: GrantRequest,
): Promise<ClientStrength> {
  if (isPublic && hasCredential(credentials)) {
    throw new EntraError(
      401,
      "invalid_client",
      700025,
      "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    );
  }
  if (!isPublic) requireCredential(credentials);
  if (!isPublic && client.servicePrincipal !== undefined) {
    await checkCredential(client.servicePrincipal, credentials, tenant);
  }
  noteCaller(request, client.appId);
  if (isPublic) return "0";
  return credentials.clientSecret === null ? "2" : "1";
}

async function issue(
  { form, version, tenant }: GrantRequest,
  client: Client,
  strength: ClientStrength,
  signIn: UserSignIn,
): Promise<IssuedToken> {
  const user = requireUser(signIn.userId, tenant);
  const scope = requestedScope(form, version, signIn);
  const scopes = readScopes(scope, client, tenant);
  const requested = onlyResource(scopes, scope);
  requireAssignment(client, user, tenant);
  requireConsent(client, user, scopes, tenant);
  const asked = { client, user, requested, openId: scopes.openId, strength };
  const names = tokenScopes(asked, tenant);
  if (names.length === 0 && requested.resource.appId !== client.appId)
    throw noConsent(client, "invalid_grant");
  const isDefault = requested.names.length === 0 && requested.prefix !== "";
  const others: Record<string, string> = {
    scope: [
      ...names.map((name) => (scopes.openId.includes(name) ? name : `${requested.prefix}${name}`)),
      ...(isDefault ? [`${requested.prefix}.default`] : []),
    ].join(" "),
  };
  if (scopes.openId.includes("offline_access")) {
    const refreshToken = newTicket("1.A");
    const expiresAt = after(tenant.clock.now(), refreshTokenLifetimeSeconds);
    // Without the nonce, which belongs to one sign-in.
    const { clientId, userId, isPublic } = signIn;
    tenant.signIns.refreshTokens.set(refreshToken, { clientId, userId, isPublic, scope, expiresAt });
    others["refresh_token"] = refreshToken;
  }
  if (scopes.openId.includes("openid")) {
    others["id_token"] = await mintIdToken(asked, { nonce: signIn.nonce, version }, tenant);
  }
  if (form.get("client_info") === "1") others["client_info"] = clientInfo(user, tenant);
  return {
    accessToken: await mintUserToken(asked, tenant),
    lifetimeSeconds: userTokenLifetimeSeconds,
    resource: requested.audience,
    others,
  };
}

/** What a request is for: its own `scope` or `resource`, or else those of the sign-in. */
function requestedScope(form: URLSearchParams, version: EndpointVersion, signIn: UserSignIn): string {
  if (version === "v2") {
    const scope = form.get("scope") ?? signIn.scope;
    // A code for several resources is redeemed for the one that the request names.
    return scope === "" ? signIn.scope : scope;
  }
  const resource = form.get("resource");
  return resource === null ? signIn.scope : `${resource}/.default openid offline_access`;
}

/** How MSAL learns whose tokens these are. */
function clientInfo({ id }: User, { state }: Tenant): string {
  return Buffer.from(JSON.stringify({ uid: id, utid: state.tenantId })).toString("base64url");
}

function headerOf(token: string): object {
  const [part = ""] = token.split(".");
  return JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as object;
}

function expired(): EntraError {
  return invalidGrant(
    70008,
    "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
  );
}

function invalidGrant(code: number, text: string): EntraError {
  return new EntraError(400, "invalid_grant", code, text);
}
