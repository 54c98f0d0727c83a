import { notEmulated } from "../server/http";
import type { Tenant } from "../tenant/tenant";
import { instanceDiscovery, openIdConfigurationV1, openIdConfigurationV2, signingKeys } from "./discovery";
import { EntraError, entraErrorResponse } from "./entraError";
import { issueToken } from "./tokenEndpoint";

/** Entra's sign-in hosts: app-only tokens, discovery and keys. People cannot sign in here. */
export async function handleEntra(request: Request, tenant: Tenant): Promise<Response> {
  try {
    return (await route(request, tenant)) ?? notEmulated(request);
  } catch (error) {
    if (error instanceof EntraError) return entraErrorResponse(error, request, tenant);
    throw error;
  }
}

async function route(request: Request, tenant: Tenant): Promise<Response | undefined> {
  const [tenantName = "", ...rest] = new URL(request.url).pathname
    .slice(1)
    .split("/")
    .map(decodeURIComponent);
  switch (`${request.method} ${rest.join("/").toLowerCase()}`) {
    case "POST oauth2/v2.0/token":
      return issueToken(request, tenantName, "v2", tenant);
    case "POST oauth2/token":
      return issueToken(request, tenantName, "v1", tenant);
    case "GET v2.0/.well-known/openid-configuration":
      return openIdConfigurationV2(tenantName, tenant);
    case "GET .well-known/openid-configuration":
      return openIdConfigurationV1(tenantName, tenant);
    case "GET discovery/v2.0/keys":
    case "GET discovery/keys":
      return signingKeys(tenantName, tenant);
    case "GET discovery/instance":
      return instanceDiscovery(tenant);
    default:
      return undefined;
  }
}
