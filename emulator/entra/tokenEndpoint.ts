import { isGuid, json, noteCaller } from "../server/http";
import type { ServicePrincipal, Tenant } from "../tenant/tenant";
import { mintTokenAside, tokenLifetimeSeconds } from "./tokens";
import { assertionType, checkClientAssertion } from "./clientAssertion";
import { checkClientSecret, unknownApplication } from "./clientSecret";
import { EntraError } from "./entraError";
import { findResource, grantedRoles, resourceOfScope } from "./requestedResource";
import { resolveTenantName } from "./tenantName";

/** `v1` is `/oauth2/token` with `resource`, `v2` is `/oauth2/v2.0/token` with `scope`. */
export type EndpointVersion = "v1" | "v2";

/**
 * Answers a client credentials request.
 *
 * @throws {EntraError} for every refusal.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow (read 2026-11)
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
  if (grantType !== "client_credentials") {
    throw new EntraError(
      400,
      "unsupported_grant_type",
      70003,
      `The app requested an unsupported grant type '${grantType}'.`,
    );
  }
  if (name === "any") {
    throw new EntraError(
      400,
      "invalid_request",
      50059,
      "No tenant-identifying information found in either the request or implied by any provided credentials.",
    );
  }
  const basic = basicCredentials(request);
  const clientId = basic?.clientId ?? required(form, "client_id");
  const clientSecret = basic?.clientSecret ?? form.get("client_secret");
  const assertion = form.get("client_assertion");
  if ((clientSecret ?? assertion ?? "") === "") {
    throw new EntraError(
      401,
      "invalid_client",
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    );
  }
  const resource = version === "v2" ? resourceOfScope(required(form, "scope")) : required(form, "resource");
  const servicePrincipal = findClient(clientId, tenant);
  await prove(
    servicePrincipal,
    { clientSecret, assertion, assertionType: form.get("client_assertion_type") },
    tenant,
  );
  // Only now: a log line must not name a client that someone merely claimed to be.
  noteCaller(request, servicePrincipal.appId);

  const resourcePrincipal = findResource(resource, tenant);
  const accessToken = await mintTokenAside(tenant, {
    clientId: servicePrincipal.appId,
    objectId: servicePrincipal.id,
    displayName: servicePrincipal.displayName,
    audience: resource,
    roles: grantedRoles(servicePrincipal.id, resourcePrincipal, tenant),
    credentialStrength: clientSecret === null ? "2" : "1",
  });
  return tokenResponse(accessToken, resource, version, tenant);
}

interface Proof {
  readonly clientSecret: string | null;
  readonly assertion: string | null;
  readonly assertionType: string | null;
}

async function prove(servicePrincipal: ServicePrincipal, proof: Proof, tenant: Tenant): Promise<void> {
  if (proof.clientSecret !== null) {
    const { appId, passwordCredentials = [] } = servicePrincipal;
    // A managed identity has neither, hence no secret that could be right.
    const ofApplication = findApplication(appId, tenant)?.passwordCredentials ?? [];
    const client = { appId, passwordCredentials: [...ofApplication, ...passwordCredentials] };
    checkClientSecret(client, proof.clientSecret, tenant);
  } else {
    if (proof.assertionType !== assertionType) {
      throw new EntraError(
        400,
        "invalid_request",
        900144,
        "The request body must contain the following parameter: 'client_assertion_type'.",
      );
    }
    await checkClientAssertion(servicePrincipal, proof.assertion ?? "", tenant);
  }
}

function findClient(clientId: string, tenant: Tenant): ServicePrincipal {
  const lower = clientId.toLowerCase();
  const application = isGuid(clientId) ? findApplication(lower, tenant) : undefined;
  const servicePrincipal = Object.values(tenant.state.directory.servicePrincipals).find(
    ({ appId }) => appId === lower,
  );
  if (servicePrincipal === undefined) {
    if (application === undefined) throw unknownApplication(clientId, tenant);
    throw new EntraError(
      401,
      "invalid_client",
      7000229,
      `The client application ${clientId} is missing service principal in the tenant ${tenant.state.tenantId}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119`,
    );
  }
  if (!servicePrincipal.accountEnabled) {
    throw new EntraError(
      400,
      "unauthorized_client",
      7000112,
      `Application '${clientId}'(${servicePrincipal.displayName}) is disabled.`,
    );
  }
  return servicePrincipal;
}

function findApplication(clientId: string, tenant: Tenant) {
  return Object.values(tenant.state.directory.applications).find(({ appId }) => appId === clientId);
}

function required(form: URLSearchParams, parameter: string): string {
  const value = form.get(parameter);
  if (value !== null && value !== "") return value;
  throw new EntraError(
    400,
    "invalid_request",
    900144,
    `The request body must contain the following parameter: '${parameter}'.`,
  );
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
function basicCredentials(request: Request): { clientId: string; clientSecret: string } | undefined {
  const [scheme, encoded] = (request.headers.get("Authorization") ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic" || encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  const decoded = new URLSearchParams(`id=${text.slice(0, colon)}&secret=${text.slice(colon + 1)}`);
  return { clientId: decoded.get("id") ?? "", clientSecret: decoded.get("secret") ?? "" };
}

function tokenResponse(
  accessToken: string,
  resource: string,
  version: EndpointVersion,
  tenant: Tenant,
): Response {
  const headers = { "Cache-Control": "no-store, no-cache", Pragma: "no-cache" };
  if (version === "v2") {
    return json(
      200,
      {
        token_type: "Bearer",
        expires_in: tokenLifetimeSeconds,
        ext_expires_in: tokenLifetimeSeconds,
        access_token: accessToken,
      },
      headers,
    );
  }
  const nowSeconds = Math.floor(tenant.clock.now().getTime() / 1000);
  return json(
    200,
    {
      token_type: "Bearer",
      expires_in: String(tokenLifetimeSeconds),
      ext_expires_in: String(tokenLifetimeSeconds),
      expires_on: String(nowSeconds + tokenLifetimeSeconds),
      not_before: String(nowSeconds - 300),
      resource,
      access_token: accessToken,
    },
    headers,
  );
}
