import { createHash, randomBytes } from "node:crypto";
import type { ServicePrincipal, Tenant, User } from "../tenant/tenant";
import type { Client } from "./clients";
import { consentedNames } from "./consent";
import { tokenVersion } from "./requestedResource";
import type { ResourceScopes } from "./requestedScopes";
import { entraIssuer, entraIssuerV1, graphAudiences, randomPart, signJwtAside } from "./tokens";

/** Lifetime of a user's access token: Entra chooses between 60 and 90 minutes. */
export const userTokenLifetimeSeconds = 4500;

/** How a client signed in: not at all, by a secret, by an assertion or certificate. */
export type ClientStrength = "0" | "1" | "2";

export interface UserTokenRequest {
  readonly client: Client;
  readonly user: User;
  readonly requested: ResourceScopes;
  /** Of OpenID Connect. */
  readonly openId: readonly string[];
  readonly strength: ClientStrength;
}

/** Delegated permissions in the token: everything that has consent, not only what was asked for. */
export function tokenScopes(
  { client, user, requested, openId }: Omit<UserTokenRequest, "strength">,
  tenant: Tenant,
): string[] {
  const consented = consentedNames(client, user, requested.resource, tenant);
  const isGraph = graphAudiences(tenant).includes(requested.audience);
  return [...new Set([...consented, ...(isGraph ? openId : [])])].filter((name) => name !== "offline_access");
}

/**
 * Signs an access token of a user: of version 1.0, or 2.0 where the resource's registration says so.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference (read 2026-11)
 */
export async function mintUserToken(request: UserTokenRequest, tenant: Tenant): Promise<string> {
  const { client, user, requested, strength } = request;
  const { tenantId } = tenant.state;
  const random = randomPart(96);
  const key = await tenant.signingKey;
  const { keyId } = key;
  const isVersion2 = tokenVersion(requested.resource, tenant) === 2;
  const roles = userRoles(user, requested.resource, tenant);
  const claims = {
    aud: isVersion2 ? requested.resource.appId : requested.audience,
    iss: isVersion2 ? entraIssuer(tenant.state) : entraIssuerV1(tenant.state),
    ...times(tenant),
    aio: random.toString("base64", 0, 24),
    ...(isVersion2
      ? { azp: client.appId, azpacr: strength, preferred_username: user.userPrincipalName }
      : {
          acct: 0,
          acr: "1",
          amr: ["pwd"],
          app_displayname: client.displayName,
          appid: client.appId,
          appidacr: strength,
          family_name: user["surname"] ?? undefined,
          given_name: user["givenName"] ?? undefined,
          idtyp: "user",
          ipaddr: "127.0.0.1",
          tenant_region_scope: "EU",
          unique_name: user.userPrincipalName,
          upn: user.userPrincipalName,
          wids: ["b79fbf4d-3ef9-4689-8143-76b194e85509"],
        }),
    name: user.displayName,
    oid: user.id,
    rh: `1.${random.toString("base64url", 24, 48)}.`,
    ...(roles.length === 0 ? {} : { roles }),
    scp: tokenScopes(request, tenant).join(" "),
    sub: pairwise(user.id, requested.resource.appId),
    tid: tenantId,
    uti: random.toString("base64url", 48, 64),
    ver: isVersion2 ? "2.0" : "1.0",
  };
  const header = { typ: "JWT", alg: "RS256", x5t: keyId, kid: keyId };
  const nonce = graphAudiences(tenant).includes(requested.audience)
    ? { nonce: random.toString("base64url", 64, 96) }
    : {};
  return signJwtAside(key, { ...header, ...nonce }, claims);
}

/** Signs an ID token, of the version of its endpoint. */
export async function mintIdToken(
  { client, user, openId }: Pick<UserTokenRequest, "client" | "user" | "openId">,
  { nonce, version }: { readonly nonce: string | undefined; readonly version: "v1" | "v2" },
  tenant: Tenant,
): Promise<string> {
  const { tenantId } = tenant.state;
  const random = randomBytes(48);
  const key = await tenant.signingKey;
  const { keyId } = key;
  const isVersion2 = version === "v2";
  const claims = {
    aud: client.appId,
    iss: isVersion2 ? entraIssuer(tenant.state) : entraIssuerV1(tenant.state),
    ...times(tenant),
    ...(openId.includes("email") && user.mail !== null ? { email: user.mail } : {}),
    name: user.displayName,
    ...(nonce === undefined ? {} : { nonce }),
    oid: user.id,
    ...(isVersion2
      ? { preferred_username: user.userPrincipalName }
      : { unique_name: user.userPrincipalName, upn: user.userPrincipalName }),
    rh: `1.${random.toString("base64url", 0, 24)}.`,
    sub: pairwise(user.id, client.appId),
    tid: tenantId,
    uti: random.toString("base64url", 24, 40),
    ver: isVersion2 ? "2.0" : "1.0",
  };
  return signJwtAside(key, { typ: "JWT", alg: "RS256", kid: keyId }, claims);
}

function times(tenant: Tenant): { iat: number; nbf: number; exp: number } {
  const nowSeconds = Math.floor(tenant.clock.now().getTime() / 1000);
  return { iat: nowSeconds, nbf: nowSeconds, exp: nowSeconds + userTokenLifetimeSeconds };
}

/** `sub`: another one for each app. */
function pairwise(userId: string, appId: string): string {
  return createHash("sha256").update(`${userId}/${appId}`).digest("base64url");
}

function userRoles(user: User, resource: ServicePrincipal, { state }: Tenant): string[] {
  return Object.values(state.directory.appRoleAssignments)
    .filter(({ principalId, resourceId }) => principalId === user.id && resourceId === resource.id)
    .flatMap(({ appRoleId }) =>
      resource.appRoles.flatMap(({ id, value }) => (id === appRoleId ? [value] : [])),
    );
}
