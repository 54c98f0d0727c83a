import { cloudOf, type Cloud } from "../tenant/clouds";
import { json } from "../server/http";
import { publicJwk } from "./signingKey";
import type { Tenant } from "../tenant/tenant";
import { resolveTenantName } from "./tenantName";

/** `/{tenant}/v2.0/.well-known/openid-configuration`: where MSAL learns the token endpoint. */
export function openIdConfigurationV2(name: string, tenant: Tenant): Response {
  const any = resolveTenantName(name, tenant) === "any";
  const segment = any ? name : tenant.state.tenantId;
  const { authority, issuers, graph } = cloudOf(tenant.state);
  const issuerSegment = any ? "{tenantid}" : tenant.state.tenantId;
  return json(200, {
    token_endpoint: `${authority}/${segment}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    jwks_uri: `${authority}/${segment}/discovery/v2.0/keys`,
    issuer: `${issuers.version2}/${issuerSegment}/v2.0`,
    authorization_endpoint: `${authority}/${segment}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${authority}/${segment}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${authority}/${segment}/oauth2/v2.0/logout`,
    kerberos_endpoint: `${authority}/${segment}/kerberos`,
    userinfo_endpoint: `${graph}/oidc/userinfo`,
    request_uri_parameter_supported: false,
    ...common(any, cloudOf(tenant.state)),
  });
}

/** `/{tenant}/.well-known/openid-configuration`: the same for endpoints without a version. */
export function openIdConfigurationV1(name: string, tenant: Tenant): Response {
  const any = resolveTenantName(name, tenant) === "any";
  const segment = any ? name : tenant.state.tenantId;
  const { authority, issuers } = cloudOf(tenant.state);
  const issuerSegment = any ? "{tenantid}" : tenant.state.tenantId;
  return json(200, {
    token_endpoint: `${authority}/${segment}/oauth2/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    jwks_uri: `${authority}/common/discovery/keys`,
    issuer: `${issuers.version1}/${issuerSegment}/`,
    microsoft_multi_refresh_token: true,
    authorization_endpoint: `${authority}/${segment}/oauth2/authorize`,
    device_authorization_endpoint: `${authority}/${segment}/oauth2/devicecode`,
    end_session_endpoint: `${authority}/${segment}/oauth2/logout`,
    check_session_iframe: `${authority}/${segment}/oauth2/checksession`,
    userinfo_endpoint: `${authority}/${segment}/openid/userinfo`,
    ...common(any, cloudOf(tenant.state)),
  });
}

/** `/{tenant}/discovery/v2.0/keys` and `/{tenant}/discovery/keys`. */
export async function signingKeys(name: string, tenant: Tenant): Promise<Response> {
  const any = resolveTenantName(name, tenant) === "any";
  const issuer = `${cloudOf(tenant.state).issuers.version2}/${any ? "{tenantid}" : tenant.state.tenantId}/v2.0`;
  return json(200, { keys: [{ ...publicJwk(await tenant.signingKey), issuer }] });
}

/** `/common/discovery/instance`: which host names are one cloud. */
export function instanceDiscovery(tenant: Tenant): Response {
  const { authority, authorityAliases } = cloudOf(tenant.state);
  const host = new URL(authority).hostname;
  return json(200, {
    tenant_discovery_endpoint: `${authority}/${tenant.state.tenantId}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [
      {
        preferred_network: host,
        preferred_cache: authorityAliases.includes("login.windows.net") ? "login.windows.net" : host,
        aliases: [host, ...authorityAliases],
      },
    ],
  });
}

/** GCC High and DoD have one Entra, which tells them apart so. */
function regionSubScope(name: Cloud["name"]): object {
  if (name === "usgovernment") return { tenant_region_sub_scope: "DODCON" };
  return name === "usgovernmentdod" ? { tenant_region_sub_scope: "DOD" } : {};
}

function common(any: boolean, { name, instanceName, graph }: Cloud): Record<string, unknown> {
  return {
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    claims_supported: [
      "sub",
      "iss",
      "aud",
      "exp",
      "iat",
      "auth_time",
      "acr",
      "nonce",
      "name",
      "tid",
      "ver",
      "email",
    ],
    tenant_region_scope: any ? null : "EU",
    ...(any ? {} : regionSubScope(name)),
    cloud_instance_name: instanceName,
    cloud_graph_host_name: "graph.windows.net",
    msgraph_host: new URL(graph).hostname,
    rbac_url: "https://pas.windows.net",
  };
}
