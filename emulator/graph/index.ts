import { notEmulated } from "../server/http";
import type { Tenant } from "../tenant/tenant";
import { authorize, requireCaller } from "./access";
import { applicationRoutes } from "./applications";
import { appManagementPolicyRoutes } from "./appManagementPolicies";
import { appRoleAssignmentRoutes } from "./appRoleAssignments";
import { answerBatch } from "./batch";
import { deletedItemRoutes } from "./deletedItems";
import { directoryObjectRoutes } from "./directoryObjects";
import { federatedIdentityCredentialRoutes } from "./federatedIdentityCredentials";
import { GraphError, graphErrorResponse } from "./graphError";
import { applicationObjectIdOf } from "./lookup";
import { ownerRoutes } from "./owners";
import { passwordRoutes } from "./passwords";
import { readRoutes } from "./reads";
import { matchPattern, parsePath, type GraphContext, type Route } from "./route";
import { servicePrincipalRoutes } from "./servicePrincipals";
import { exclusively } from "./writeLock";

/** Every operation of Graph that is emulated; the first whose pattern fits answers. */
export const graphRoutes: readonly Route[] = [
  ...applicationRoutes,
  ...passwordRoutes,
  ...federatedIdentityCredentialRoutes,
  ...ownerRoutes,
  ...servicePrincipalRoutes,
  ...appRoleAssignmentRoutes,
  ...deletedItemRoutes,
  ...directoryObjectRoutes,
  ...appManagementPolicyRoutes,
  ...readRoutes,
  {
    method: "POST",
    pattern: "$batch",
    allowedBy: "anyone",
    handle: (context) => answerBatch(context, (request) => handleGraph(request, context.tenant)),
  },
];

/** Microsoft Graph, v1.0 and beta: what an operator of this project touches, and reads that prove a token. */
export async function handleGraph(request: Request, tenant: Tenant): Promise<Response> {
  try {
    return await answer(request, tenant);
  } catch (error) {
    if (error instanceof GraphError) return graphErrorResponse(error, request, tenant);
    throw error;
  }
}

async function answer(request: Request, tenant: Tenant): Promise<Response> {
  const url = new URL(request.url);
  const path = parsePath(url.pathname);
  const matched = path === undefined ? undefined : findRoute(request.method, path.segments);
  const caller = requireCaller(request, tenant);
  if (path === undefined || matched === undefined) return notEmulated(request);
  const { route, parameters } = matched;
  const context: GraphContext = {
    tenant,
    caller,
    request,
    url,
    version: path.version,
    parameters,
    ...authorize(route, caller),
  };
  if (route.method === "GET" || !("application" in parameters)) return route.handle(context);
  return exclusively(tenant, applicationObjectIdOf(context), () => route.handle(context));
}

function findRoute(
  method: string,
  segments: readonly string[],
): { route: Route; parameters: Record<string, string> } | undefined {
  for (const route of graphRoutes) {
    if (route.method !== method) continue;
    const parameters = matchPattern(route.pattern, segments);
    if (parameters !== undefined) return { route, parameters };
  }
  return undefined;
}
