import { notEmulated } from "../server/http";
import type { Tenant } from "../tenant/tenant";
import { authorize } from "./authorize";
import { deviceSignInPage, startDeviceSignIn } from "./deviceCode";
import { instanceDiscovery, openIdConfigurationV1, openIdConfigurationV2, signingKeys } from "./discovery";
import { EntraError, entraErrorResponse } from "./entraError";
import { issueToken } from "./tokenEndpoint";

/** Entra's sign-in hosts: tokens of apps and of signed-in users, pages on which users sign in, discovery and keys. */
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
  if (rest.length === 0 && tenantName === "device") return deviceSignInPage(request, tenant);
  switch (`${request.method} ${rest.join("/").toLowerCase()}`) {
    case "POST oauth2/v2.0/token":
      return issueToken(request, tenantName, "v2", tenant);
    case "POST oauth2/token":
      return issueToken(request, tenantName, "v1", tenant);
    case "GET oauth2/v2.0/authorize":
    case "POST oauth2/v2.0/authorize":
      return authorize(request, tenantName, "v2", tenant);
    case "GET oauth2/authorize":
    case "POST oauth2/authorize":
      return authorize(request, tenantName, "v1", tenant);
    case "POST oauth2/v2.0/devicecode":
      return startDeviceSignIn(request, tenantName, "v2", tenant);
    case "POST oauth2/devicecode":
      return startDeviceSignIn(request, tenantName, "v1", tenant);
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
