import { userAssignedIdentity } from "../arm/types/userAssignedIdentity";
import { EntraError } from "./entraError";
import { findResource, resourceGrant } from "./requestedResource";
import { json, newGuid, noteCaller, notEmulated } from "../server/http";
import type { ArmResource, Tenant } from "../tenant/tenant";
import { mintTokenAside } from "./tokens";

/** Path of the endpoint, as on App Service. */
export const identityEndpointPath = "/msi/token";

/** How long a managed identity's token lives. */
const lifetimeSeconds = 86_400;

/** Query parameters by which a request may choose an identity; each names a property of it, or its ARM ID. */
const selectors: Readonly<Record<string, (identity: ArmResource) => unknown>> = {
  client_id: ({ properties }) => properties["clientId"],
  principal_id: ({ properties }) => properties["principalId"],
  object_id: ({ properties }) => properties["principalId"],
  mi_res_id: ({ id }) => id,
};

/**
 * The token endpoint that App Service gives to the code of an app: a caller that knows its header gets tokens of the user-
 * assigned identities, here all that the tenant has. Like App Service it has no default: a request without an
 * ID means the system-assigned identity, which nothing here has.
 *
 * @param identityHeader What a request must show in `X-IDENTITY-HEADER`.
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference (read 2026-11)
 * @see https://github.com/Azure/azure-functions-host/issues/8037 for a single identity without an ID (read 2026-11)
 */
export function managedIdentityEndpoint(
  tenant: Tenant,
  identityHeader: string,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method !== "GET" || pathname.replace(/\/$/, "") !== identityEndpointPath) {
      return notEmulated(request);
    }
    if (request.headers.get("X-IDENTITY-HEADER") !== identityHeader) {
      return refusal(401, "The X-IDENTITY-HEADER is missing, or it is not this app's.");
    }
    if (searchParams.get("api-version") !== "2019-08-01") {
      return refusal(400, "The api-version is missing or not supported: use 2019-08-01.");
    }
    const resource = searchParams.get("resource") ?? "";
    if (resource === "") return refusal(400, "The parameter resource is missing.");
    const identity = chooseIdentity(tenant, searchParams);
    return typeof identity === "string"
      ? refusal(400, identity)
      : answer(tenant, request, identity, resource);
  };
}

/** @returns The identity, or why there is none. */
function chooseIdentity({ state }: Tenant, parameters: URLSearchParams): ArmResource | string {
  const given = Object.keys(selectors).filter((name) => parameters.has(name));
  const [selector, ...others] = given;
  if (selector === undefined) return "Unable to load the proper Managed Identity.";
  if (others.length > 0) return `Only one of ${given.join(", ")} can be given.`;
  const wanted = parameters.get(selector)?.toLowerCase();
  const found = Object.values(state.arm.resources).find(
    (resource) =>
      resource.type === userAssignedIdentity.type &&
      String(selectors[selector]?.(resource)).toLowerCase() === wanted,
  );
  return (
    found ??
    "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."
  );
}

async function answer(
  tenant: Tenant,
  request: Request,
  { id, name, properties }: ArmResource,
  resource: string,
): Promise<Response> {
  const clientId = String(properties["clientId"]);
  const objectId = String(properties["principalId"]);
  noteCaller(request, clientId);
  let granted: ReturnType<typeof resourceGrant>;
  try {
    granted = resourceGrant({ id: objectId, displayName: name }, findResource(resource, tenant), tenant);
  } catch (error) {
    // App Service keeps Entra's own words to itself, misspelling included.
    if (error instanceof EntraError)
      return refusal(500, "An unexpected error occured while fetching the AAD Token.");
    throw error;
  }
  const nowSeconds = Math.floor(tenant.clock.now().getTime() / 1000);
  return json(200, {
    access_token: await mintTokenAside(tenant, {
      clientId,
      objectId,
      displayName: name,
      audience: resource,
      ...granted,
      credentialStrength: "2",
      lifetimeSeconds,
      managedIdentityResourceId: id,
    }),
    client_id: clientId,
    expires_on: String(nowSeconds + lifetimeSeconds),
    not_before: String(nowSeconds - 300),
    resource,
    token_type: "Bearer",
  });
}

function refusal(statusCode: number, message: string): Response {
  return json(statusCode, { statusCode, message, correlationId: newGuid() });
}
