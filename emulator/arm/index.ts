import { cloudOf } from "../tenant/clouds";
import { newGuid, notEmulated } from "../server/http";
import type { Tenant } from "../tenant/tenant";
import { armAudiences, authenticate, type Caller } from "../entra/tokens";
import { checkApiVersion } from "./apiVersions";
import { ArmError, badRequest } from "./armError";
import { parseArmPath } from "./armPath";
import type { ArmRequest } from "./armRequest";
import { pollOperation } from "./operations";
import { handleResourceGroup, listResourceGroups } from "./resourceGroups";
import { listResourcesIn } from "./resourceLists";
import { handleProviders } from "./resourceProviders";
import { handleAction, handleResource } from "./resources";
import { handleRoleAssignments } from "./roleAssignments";
import { handleRoleDefinitions, listPermissions } from "./roleDefinitions";
import { requireSubscription } from "./scopes";
import { handleSubscription, listSubscriptions, listTenants } from "./subscriptions";
import { findType } from "./types";
import {
  checkVaultName,
  forgetPurgedVaults,
  handleDeletedVault,
  listDeletedVaults,
} from "./types/deletedVaults";
import { listDeletedWorkspaces } from "./types/deletedWorkspaces";
import { handleVaultSecret } from "./types/vaultSecret";

type Handler = (request: ArmRequest) => Response | Promise<Response>;

/** What is not a resource of ARM's own, by lower-case type. */
const handlers: Readonly<Record<string, Handler>> = {
  "microsoft.authorization/roleassignments": handleRoleAssignments,
  "microsoft.authorization/roledefinitions": handleRoleDefinitions,
  "microsoft.authorization/permissions": listPermissions,
  "microsoft.keyvault/vaults/secrets": handleVaultSecret,
  "microsoft.keyvault/deletedvaults": listDeletedVaults,
  "microsoft.keyvault/locations/deletedvaults": handleDeletedVault,
  "microsoft.keyvault/locations/deletedvaults/purge": handleDeletedVault,
  "microsoft.operationalinsights/deletedworkspaces": listDeletedWorkspaces,
  "microsoft.keyvault/checknameavailability": checkVaultName,
};

/**
 * Azure Resource Manager: subscriptions, resource groups, resources, role assignments and definitions.
 *
 * @see https://learn.microsoft.com/rest/api/resources (read 2026-11)
 */
export async function handleArm(request: Request, tenant: Tenant): Promise<Response> {
  let response: Response;
  try {
    response = await route(request, tenant);
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    response = error.toResponse();
  }
  const requestId = newGuid();
  response.headers.set("x-ms-request-id", requestId);
  response.headers.set("x-ms-correlation-request-id", requestId);
  response.headers.set(
    "x-ms-routing-request-id",
    `WESTEUROPE:${tenant.clock.now().toISOString()}:${requestId}`,
  );
  response.headers.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  return response;
}

async function route(request: Request, tenant: Tenant): Promise<Response> {
  const url = new URL(request.url);
  const caller = await signIn(request, tenant);
  const apiVersion = readApiVersion(url);
  forgetPurgedVaults(tenant);
  const path = parseArmPath(url.pathname);
  const armRequest = {
    tenant,
    caller,
    method: request.method,
    path,
    query: url.searchParams,
    apiVersion,
    request,
  };
  const subscriptionId = /^\/subscriptions\/([^/]+)/i.exec(path.scope)?.[1];
  if (subscriptionId !== undefined) requireSubscription(tenant, subscriptionId);
  const handler = path.namespace === undefined ? findScopeHandler(armRequest) : findTypeHandler(armRequest);
  if (handler === undefined) return notEmulated(request);
  // Registering a namespace is Microsoft.Resources' operation, with its versions.
  if (handler !== handleProviders) checkApiVersion(path, apiVersion);
  return handler(armRequest);
}

/** Paths without a provider part. */
function findScopeHandler({ path }: ArmRequest): Handler | undefined {
  const rest = path.rest.join("/").toLowerCase();
  const depth = path.scope.split("/").length;
  if (path.scope === "") return { tenants: listTenants, subscriptions: listSubscriptions }[rest];
  if (rest === "resources") return listResourcesIn;
  if (rest === "" && depth === 5) return handleResourceGroup;
  if (depth !== 3) return undefined;
  if (rest === "" || rest === "locations") return (request) => handleSubscription(request, path.rest);
  if (rest === "resourcegroups") return listResourceGroups;
  if (rest === "providers") return handleProviders;
  const [kind, operationId] = path.rest;
  if (kind?.toLowerCase() !== "operationresults" || operationId === undefined) return undefined;
  return ({ tenant }) => pollOperation(tenant, operationId);
}

function findTypeHandler({ path, method }: ArmRequest): Handler | undefined {
  const { namespace = "", types, names } = path;
  const type = [namespace, ...types].join("/").toLowerCase();
  if (types.length === 0 || /\/(un)?register$/.test(type)) return handleProviders;
  if (/\/locations\/operation(statuses|results|s)$/.test(type)) {
    return ({ tenant }) => pollOperation(tenant, names[1] ?? "");
  }
  const special = handlers[type];
  if (special !== undefined) return special;
  const known = findType(type);
  if (known !== undefined) return (request) => handleResource(request, known);
  if (method !== "POST") return undefined;
  for (let length = types.length - 1; length > 0; length--) {
    const owner = findType([namespace, ...types.slice(0, length)].join("/"));
    if (owner === undefined) continue;
    const action = types.slice(length).flatMap((typeName, index) => [typeName, names[length + index] ?? ""]);
    return (request) =>
      handleAction(
        request,
        owner,
        action.filter((part) => part !== ""),
      );
  }
  return undefined;
}

/**
 * @throws {ArmError} 401 with the challenge that tells a client where to sign in.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/authenticate-multi-tenant (read 2026-11)
 */
async function signIn(request: Request, tenant: Tenant): Promise<Caller> {
  const result = await authenticate(request, tenant, armAudiences(tenant));
  if ("caller" in result) return result.caller;
  const { authority, name, resourceManager, resourceManagerAudience } = cloudOf(tenant.state);
  const [code, message] = {
    missing: ["AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."],
    invalid: ["InvalidAuthenticationToken", "The access token is invalid."],
    expired: ["ExpiredAuthenticationToken", "The access token has expired or is not yet valid."],
    audience: [
      "InvalidAuthenticationTokenAudience",
      "The access token has been obtained for wrong audience or resource. It should exactly match with one of the " +
        `allowed audiences '${resourceManagerAudience}/','${resourceManagerAudience}',` +
        `'${resourceManager}/','${resourceManager}'.`,
    ],
  }[result.refusal] as [string, string];
  throw new ArmError(401, code, message, {
    "WWW-Authenticate":
      `Bearer authorization_uri="${name === "public" ? "https://login.windows.net" : authority}/${tenant.state.tenantId}", ` +
      `error="invalid_token", error_description="${message}"`,
  });
}

function readApiVersion(url: URL): string {
  const apiVersion = url.searchParams.get("api-version");
  if (apiVersion === null || apiVersion === "") {
    throw badRequest(
      "The api-version query parameter (?api-version=) is required for all requests.",
      "MissingApiVersionParameter",
    );
  }
  if (!/^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i.test(apiVersion)) {
    throw badRequest(
      `The api-version '${apiVersion}' is invalid. It must have the form of a date, such as '2024-11-01'.`,
      "InvalidApiVersionParameter",
    );
  }
  return apiVersion;
}
