import { notEmulated } from "../server/http";
import type { Tenant } from "../tenant/tenant";
import type { Caller } from "../entra/tokens";
import { authorize, requireCaller } from "./access";
import { applicationRoutes } from "./applications";
import { applicationTemplateRoutes } from "./applicationTemplates";
import { appManagementPolicyRoutes } from "./appManagementPolicies";
import { appRoleAssignmentRoutes } from "./appRoleAssignments";
import { answerBatch } from "./batch";
import { claimsMappingPolicyRoutes } from "./claimsMappingPolicies";
import { deletedItemRoutes } from "./deletedItems";
import { directoryObjectRoutes } from "./directoryObjects";
import { driveRoutes } from "./drives";
import { federatedIdentityCredentialRoutes } from "./federatedIdentityCredentials";
import { GraphError, graphErrorResponse } from "./graphError";
import { applicationObjectIdOf } from "./lookup";
import { oauth2PermissionGrantRoutes } from "./oauth2PermissionGrants";
import { ownerRoutes } from "./owners";
import { passwordRoutes } from "./passwords";
import { peopleRoutes } from "./people";
import { readRoutes } from "./reads";
import { isListAnswer } from "./listing";
import { logoRoutes } from "./logo";
import { tokenSigningCertificateRoutes } from "./tokenSigningCertificates";
import { castPrefix, matchPattern, parsePath, type GraphContext, type Route } from "./route";
import { siteRoutes } from "./sites";
import { servicePrincipalRoutes } from "./servicePrincipals";
import { exclusively } from "./writeLock";

/** Every operation of Graph that is emulated; the first whose pattern fits answers. */
export const graphRoutes: readonly Route[] = [
  ...applicationRoutes,
  ...passwordRoutes,
  ...federatedIdentityCredentialRoutes,
  ...ownerRoutes,
  ...servicePrincipalRoutes,
  ...peopleRoutes,
  ...appRoleAssignmentRoutes,
  ...oauth2PermissionGrantRoutes,
  ...logoRoutes,
  ...deletedItemRoutes,
  ...directoryObjectRoutes,
  ...appManagementPolicyRoutes,
  ...driveRoutes,
  ...siteRoutes,
  ...claimsMappingPolicyRoutes,
  ...tokenSigningCertificateRoutes,
  ...applicationTemplateRoutes,
  ...readRoutes,
  {
    method: "POST",
    pattern: "$batch",
    allowedBy: "anyone",
    handle: (context) => answerBatch(context, (request) => handleGraph(request, context.tenant)),
  },
];

/** Microsoft Graph, v1.0 and beta: what an operator of this project uses, and reads that test a token. */
export async function handleGraph(request: Request, tenant: Tenant): Promise<Response> {
  try {
    return asOData(await answer(request, tenant));
  } catch (error) {
    if (error instanceof GraphError) return graphErrorResponse(error, request, tenant);
    throw error;
  }
}

/** What Graph says of the form of each JSON that is no refusal. */
function asOData(response: Response): Response {
  if (
    response.status < 400 &&
    response.headers.get("Content-Type")?.startsWith("application/json") === true
  ) {
    response.headers.set(
      "Content-Type",
      "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
    );
    response.headers.set("OData-Version", "4.0");
  }
  return response;
}

async function answer(request: Request, tenant: Tenant): Promise<Response> {
  const url = new URL(request.url);
  const path = parsePath(url.pathname);
  const caller = await requireCaller(request, tenant);
  const matched = path === undefined ? undefined : findRoute(request.method, ofUser(path.segments, caller));
  if (path === undefined || matched === undefined) return notEmulated(request);
  const { route, parameters, countOnly, cast } = matched;
  const context: GraphContext = {
    tenant,
    caller,
    request,
    url,
    version: path.version,
    parameters,
    countOnly,
    ...(cast === undefined ? {} : { cast }),
    ...authorize(route, caller, parameters),
  };
  if (countOnly || cast !== undefined) {
    const response = await route.handle(context);
    return isListAnswer(response) ? response : notEmulated(request);
  }
  if (route.method === "GET" || !("application" in parameters)) return route.handle(context);
  return exclusively(tenant, applicationObjectIdOf(context), () => route.handle(context));
}

/** `/me` is the signed-in user; an app by itself has none, and a separate route says so. */
function ofUser(segments: readonly string[], caller: Caller): readonly string[] {
  const [first, ...rest] = segments;
  return caller.scopes !== undefined && first?.toLowerCase() === "me"
    ? ["users", caller.objectId, ...rest]
    : segments;
}

interface Matched {
  readonly route: Route;
  readonly parameters: Record<string, string>;
  readonly countOnly: boolean;
  readonly cast?: string;
}

/** The route of a path, or the list that a `/$count` or a cast at its end is about. */
function findRoute(method: string, segments: readonly string[]): Matched | undefined {
  for (const route of graphRoutes) {
    if (route.method !== method) continue;
    const parameters = matchPattern(route.pattern, segments);
    if (parameters !== undefined) return { route, parameters, countOnly: false };
  }
  const last = segments.at(-1)?.toLowerCase();
  if (method !== "GET" || last === undefined) return undefined;
  const counts = last === "$count";
  if (!counts && !last.startsWith(castPrefix)) return undefined;
  const list = findRoute(method, segments.slice(0, -1));
  if (list === undefined) return undefined;
  return counts ? { ...list, countOnly: true } : { ...list, cast: last };
}
