import { empty, json, wholeSeconds } from "../server/http";
import { newAssignmentId } from "../tenant/seed";
import type { AppRoleAssignment } from "../tenant/tenant";
import { grantAppRoles, readApplications } from "./access";
import { findDirectoryObject } from "./directoryObjects";
import { isVisible, requireItem } from "./entitySet";
import { assignmentsOf, liveAssignments } from "./grants";
import { badRequest, notFound } from "./graphError";
import { listResponse, type Entity } from "./listing";
import { requireServicePrincipal } from "./lookup";
import { groups, users } from "./people";
import { odataContext, parameter, readBody, type GraphContext, type Route } from "./route";

const anyGranter = ["AppRoleAssignment.ReadWrite.All"];

type Side = "resourceId" | "principalId";

/** Where assignments are listed: by the resource that they are on, or by the principal that has them. */
interface View {
  readonly collection: string;
  readonly side: Side;
  /** The object ID at that side. */
  readonly objectIdOf: (context: GraphContext) => string;
}

const views: readonly View[] = [
  {
    collection: "servicePrincipals/{servicePrincipal}/appRoleAssignedTo",
    side: "resourceId",
    objectIdOf: (context) => requireServicePrincipal(context).id,
  },
  {
    collection: "servicePrincipals/{servicePrincipal}/appRoleAssignments",
    side: "principalId",
    objectIdOf: (context) => requireServicePrincipal(context).id,
  },
  {
    collection: "users/{user}/appRoleAssignments",
    side: "principalId",
    objectIdOf: (context) => requireItem(users, context).id,
  },
  {
    collection: "groups/{group}/appRoleAssignments",
    side: "principalId",
    objectIdOf: (context) => requireItem(groups, context).id,
  },
];

/**
 * `appRoleAssignedTo` (the resource's side, what "Grant admin consent" writes) and `appRoleAssignments` (the holder's
 * side): views of the same grants.
 *
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto (read 2026-11)
 */
export const appRoleAssignmentRoutes: readonly Route[] = views.flatMap((view): Route[] => [
  {
    method: "GET",
    pattern: view.collection,
    allowedBy: readApplications,
    handle: (context) =>
      listResponse(context, entities(visibleOn(context, view)), { entitySet: "appRoleAssignments" }),
  },
  {
    method: "POST",
    pattern: view.collection,
    allowedBy: grantAppRoles,
    handle: (context) => grant(context, view),
  },
  {
    method: "GET",
    pattern: `${view.collection}/{assignment}`,
    allowedBy: [...readApplications, ...anyGranter],
    handle: (context) => answer(context, requireAssignment(context, view)),
  },
  {
    method: "DELETE",
    pattern: `${view.collection}/{assignment}`,
    allowedBy: anyGranter,
    handle: (context) => {
      const { id } = requireAssignment(context, view);
      Reflect.deleteProperty(context.tenant.state.directory.appRoleAssignments, id);
      return empty();
    },
  },
]);

function visibleOn(context: GraphContext, { side, objectIdOf }: View): AppRoleAssignment[] {
  const objectId = objectIdOf(context);
  return liveAssignments(context.tenant).filter(
    (assignment) => assignment[side] === objectId && isVisible(assignment.id, context.tenant),
  );
}

function requireAssignment(context: GraphContext, { side, objectIdOf }: View): AppRoleAssignment {
  const objectId = objectIdOf(context);
  const assignmentId = parameter(context, "assignment");
  const found = liveAssignments(context.tenant).find(
    (assignment) => assignment[side] === objectId && assignment.id === assignmentId,
  );
  if (found === undefined || !isVisible(found.id, context.tenant)) throw notFound(assignmentId);
  return found;
}

function answer(context: GraphContext, assignment: AppRoleAssignment, status = 200): Response {
  return json(status, {
    "@odata.context": odataContext(context, "appRoleAssignments/$entity"),
    deletedDateTime: null,
    ...assignment,
  });
}

function entities(assignments: readonly AppRoleAssignment[]): Entity[] {
  return assignments.map((assignment) => ({ deletedDateTime: null, ...assignment }));
}

/** The role of an application that declares none. */
const defaultAccess = "00000000-0000-0000-0000-000000000000";

async function grant(context: GraphContext, { side, objectIdOf }: View): Promise<Response> {
  const { tenant } = context;
  const objectId = objectIdOf(context);
  const body = await readBody(context);
  const { appRoleId, principalId, resourceId } = readIds(body);
  if ((side === "resourceId" ? resourceId : principalId) !== objectId) {
    throw badRequest(`Invalid value specified for property '${side}' of resource 'AppRoleAssignment'.`);
  }
  const resource = tenant.state.directory.servicePrincipals[resourceId];
  if (resource === undefined || !isVisible(resourceId, tenant)) throw notFound(resourceId);
  const principal = findDirectoryObject(principalId, tenant);
  if (principal === undefined || principal.kind === "application") throw notFound(principalId);
  // Graph's text while the principal has not replicated yet.
  if (!isVisible(principalId, tenant)) throw badRequest("Not a valid reference update.");
  const role = resource.appRoles.find(({ id }) => id === appRoleId);
  const member = principal.kind === "servicePrincipal" ? "Application" : "User";
  const isDefault = appRoleId === defaultAccess && resource.appRoles.length === 0;
  if (!isDefault && (role?.isEnabled !== true || !role.allowedMemberTypes.includes(member))) {
    throw badRequest(`Permission being assigned was not found on application '${resource.appId}'.`);
  }
  if (
    assignmentsOf(principalId, tenant).some(
      (other) => other.appRoleId === appRoleId && other.resourceId === resourceId,
    )
  ) {
    throw badRequest("Permission being assigned already exists on the object");
  }
  const assignment: AppRoleAssignment = {
    id: newAssignmentId(principalId),
    appRoleId,
    createdDateTime: wholeSeconds(tenant.clock.now()),
    principalDisplayName: principal.displayName,
    principalId,
    principalType: `${principal.kind.charAt(0).toUpperCase()}${principal.kind.slice(1)}`,
    resourceDisplayName: resource.displayName,
    resourceId,
  };
  tenant.state.directory.appRoleAssignments[assignment.id] = assignment;
  tenant.replication.created(assignment.id, tenant.clock.now());
  return answer(context, assignment, 201);
}

function readIds(body: Readonly<Record<string, unknown>>): {
  appRoleId: string;
  principalId: string;
  resourceId: string;
} {
  const read = (name: string): string => {
    const value = body[name];
    if (typeof value === "string" && value !== "") return value.toLowerCase();
    throw badRequest(`One or more property values specified are invalid: '${name}' is required.`);
  };
  return { appRoleId: read("appRoleId"), principalId: read("principalId"), resourceId: read("resourceId") };
}
