import { json, noteCaller } from "../server/http";
import type { Tenant } from "../tenant/tenant";
import {
  checkCredential,
  findServicePrincipal,
  readCredentials,
  required,
  requireCredential,
} from "./clients";
import { EntraError } from "./entraError";
import { findResource, resourceGrant, resourceOfScope } from "./requestedResource";
import { resolveTenantName } from "./tenantName";
import { mintTokenAside, tokenLifetimeSeconds } from "./tokens";
import { userGrants } from "./userGrants";

/** `v1` is `/oauth2/token` with `resource`, `v2` is `/oauth2/v2.0/token` with `scope`. */
export type EndpointVersion = "v1" | "v2";

/**
 * Answers a request for a token: an app's own by client credentials, a signed-in user's by any other grant.
 *
 * @throws {EntraError} for every refusal.
 */
export async function issueToken(
  request: Request,
  tenantName: string,
  version: EndpointVersion,
  tenant: Tenant,
): Promise<Response> {
  const name = resolveTenantName(tenantName, tenant);
  const form = new URLSearchParams(await request.text());
  const grantType = required(form, "grant_type");
  const parts =
    grantType === "client_credentials"
      ? await clientCredentials(request, form, name, version, tenant)
      : await userGrant(grantType)({ request, form, version, tenant });
  return tokenResponse(parts, version, tenant);
}

function userGrant(grantType: string) {
  const grant = Object.hasOwn(userGrants, grantType) ? userGrants[grantType] : undefined;
  if (grant !== undefined) return grant;
  throw new EntraError(
    400,
    "unsupported_grant_type",
    70003,
    `The app requested an unsupported grant type '${grantType}'.`,
  );
}

/** What an answer of the token endpoint holds beside its form. */
export interface IssuedToken {
  readonly accessToken: string;
  readonly lifetimeSeconds: number;
  /** As the client asked for it. */
  readonly resource: string;
  /** Such as `scope`, `refresh_token` and `id_token`. */
  readonly others: Readonly<Record<string, string>>;
}

/** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow (read 2026-11) */
async function clientCredentials(
  request: Request,
  form: URLSearchParams,
  name: "this" | "any",
  version: EndpointVersion,
  tenant: Tenant,
): Promise<IssuedToken> {
  if (name === "any") {
    throw new EntraError(
      400,
      "invalid_request",
      50059,
      "No tenant-identifying information found in either the request or implied by any provided credentials.",
    );
  }
  const credentials = readCredentials(request, form);
  requireCredential(credentials);
  const resource = version === "v2" ? resourceOfScope(required(form, "scope")) : required(form, "resource");
  const servicePrincipal = findServicePrincipal(credentials.clientId, tenant);
  await checkCredential(servicePrincipal, credentials, tenant);
  // Only now: a log line must not name a client that someone merely claimed to be.
  noteCaller(request, servicePrincipal.appId);

  const resourcePrincipal = findResource(resource, tenant);
  const accessToken = await mintTokenAside(tenant, {
    clientId: servicePrincipal.appId,
    objectId: servicePrincipal.id,
    displayName: servicePrincipal.displayName,
    audience: resource,
    ...resourceGrant(servicePrincipal, resourcePrincipal, tenant),
    credentialStrength: credentials.clientSecret === null ? "2" : "1",
  });
  return { accessToken, lifetimeSeconds: tokenLifetimeSeconds, resource, others: {} };
}

function tokenResponse(
  { accessToken, lifetimeSeconds, resource, others }: IssuedToken,
  version: EndpointVersion,
  tenant: Tenant,
): Response {
  const headers = { "Cache-Control": "no-store, no-cache", Pragma: "no-cache" };
  if (version === "v2") {
    return json(
      200,
      {
        token_type: "Bearer",
        expires_in: lifetimeSeconds,
        ext_expires_in: lifetimeSeconds,
        access_token: accessToken,
        ...others,
      },
      headers,
    );
  }
  const nowSeconds = Math.floor(tenant.clock.now().getTime() / 1000);
  return json(
    200,
    {
      token_type: "Bearer",
      expires_in: String(lifetimeSeconds),
      ext_expires_in: String(lifetimeSeconds),
      expires_on: String(nowSeconds + lifetimeSeconds),
      not_before: String(nowSeconds - 300),
      resource,
      access_token: accessToken,
      ...others,
    },
    headers,
  );
}
