import { cloudOf } from "../tenant/clouds";
import { handleArm } from "../arm";
import { cloudMetadata } from "./cloudMetadata";
import { disturber, DroppedConnection } from "./disturbances";
import { handleEntra } from "../entra";
import { handleGitHubActions } from "../github/githubActions";
import { handleGraph } from "../graph";
import { serviceFor, type Service } from "./hosts";
import { newGuid, notEmulated } from "./http";
import { handleKeyVault } from "../keyVault";
import { handleManagementActivity } from "../office365/managementActivity";
import { handlePowerApps } from "../powerPlatform/powerApps";
import { handleSharePoint } from "../sharePoint/sharePoint";
import type { Tenant } from "../tenant/tenant";

type Handler = (request: Request, tenant: Tenant) => Promise<Response>;

const handlers: Readonly<Record<Service, Handler>> = {
  entra: handleEntra,
  graph: handleGraph,
  arm: handleManagement,
  keyVault: handleKeyVault,
  githubActions: handleGitHubActions,
  powerApps: handlePowerApps,
  sharePoint: handleSharePoint,
  managementActivity: handleManagementActivity,
};

/**
 * The whole emulated Azure as one function: routes by host name, applies the tenant's disturbances, and gives each
 * answer Azure's request ID and the tenant's own date.
 *
 * @throws {DroppedConnection} by the returned function, when the fault plan cuts the connection.
 */
export function azure(tenant: Tenant): (request: Request) => Promise<Response> {
  const disturb = disturber(tenant);
  return async (request) => {
    const service = serviceFor(new URL(request.url).hostname, cloudOf(tenant.state));
    if (service === undefined) return notEmulated(request);
    const disturbed =
      service === "githubActions" ||
      service === "powerApps" ||
      service === "sharePoint" ||
      service === "managementActivity"
        ? undefined
        : await disturb(service, request);
    const response = typeof disturbed === "object" ? disturbed : await handlers[service](request, tenant);
    if (disturbed === "lost") throw new DroppedConnection();
    addCommonHeaders(response.headers, request, tenant);
    return response;
  };
}

async function handleManagement(request: Request, tenant: Tenant): Promise<Response> {
  const { pathname } = new URL(request.url);
  return request.method === "GET" && pathname === "/metadata/endpoints"
    ? cloudMetadata(cloudOf(tenant.state))
    : handleArm(request, tenant);
}

function addCommonHeaders(headers: Headers, request: Request, tenant: Tenant): void {
  headers.set("Date", tenant.clock.now().toUTCString());
  const requestId = newGuid();
  if (!headers.has("x-ms-request-id")) headers.set("x-ms-request-id", requestId);
  if (!headers.has("request-id")) headers.set("request-id", requestId);
  const clientRequestId = request.headers.get("client-request-id");
  if (clientRequestId !== null) headers.set("client-request-id", clientRequestId);
}
