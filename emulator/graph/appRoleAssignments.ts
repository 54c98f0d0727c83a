import { empty, json, wholeSeconds } from "../server/http";
import { newAssignmentId } from "../tenant/seed";
import type { AppRoleAssignment, Tenant } from "../tenant/tenant";
import { grantAppRoles, readApplications } from "./access";
import { findDirectoryObject } from "./directoryObjects";
import { badRequest, notFound } from "./graphError";
import { listResponse, type Entity } from "./listing";
import { isVisible, requireServicePrincipal } from "./lookup";
import { odataContext, parameter, readBody, type GraphContext, type Route } from "./route";

const anyGranter = ["AppRoleAssignment.ReadWrite.All"];

/**
 * `appRoleAssignedTo` (the resource's side, what "Grant admin consent" writes) and `appRoleAssignments` (the
 * holder's side): two views of the same grants.
 *
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto (read 2026-11)
 */
export const appRoleAssignmentRoutes: readonly Route[] = (
  [
    ["appRoleAssignedTo", "resourceId"],
    ["appRoleAssignments", "principalId"],
  ] as const
).flatMap(([name, side]): Route[] => {
  const collection = `servicePrincipals/{servicePrincipal}/${name}`;
  return [
    {
      method: "GET",
      pattern: collection,
      allowedBy: readApplications,
      handle: (context) =>
        listResponse(context, entities(visibleOn(context, side)), { entitySet: "appRoleAssignments" }),
    },
    {
      method: "POST",
      pattern: collection,
      allowedBy: grantAppRoles,
      handle: (context) => grant(context, side),
    },
    {
      method: "GET",
      pattern: `${collection}/{assignment}`,
      allowedBy: [...readApplications, ...anyGranter],
      handle: (context) => answer(context, requireAssignment(context, side)),
    },
    {
      method: "DELETE",
      pattern: `${collection}/{assignment}`,
      allowedBy: anyGranter,
      handle: (context) => {
        const { id } = requireAssignment(context, side);
        Reflect.deleteProperty(context.tenant.state.directory.appRoleAssignments, id);
        return empty();
      },
    },
  ];
});

type Side = "resourceId" | "principalId";

/** Grants that a principal holds, of those whose both ends exist. */
export function assignmentsOf(principalObjectId: string, tenant: Tenant): AppRoleAssignment[] {
  return live(tenant).filter(({ principalId }) => principalId === principalObjectId);
}

/** Grants on a resource, of those whose both ends exist. */
export function assignmentsTo(resourceObjectId: string, tenant: Tenant): AppRoleAssignment[] {
  return live(tenant).filter(({ resourceId }) => resourceId === resourceObjectId);
}

function live(tenant: Tenant): AppRoleAssignment[] {
  return Object.values(tenant.state.directory.appRoleAssignments).filter(
    ({ principalId, resourceId }) =>
      tenant.state.directory.servicePrincipals[resourceId] !== undefined &&
      findDirectoryObject(principalId, tenant) !== undefined,
  );
}

function visibleOn(context: GraphContext, side: Side): AppRoleAssignment[] {
  const { id: objectId } = requireServicePrincipal(context);
  return live(context.tenant).filter(
    (assignment) => assignment[side] === objectId && isVisible(assignment.id, context.tenant),
  );
}

function requireAssignment(context: GraphContext, side: Side): AppRoleAssignment {
  const { id: objectId } = requireServicePrincipal(context);
  const assignmentId = parameter(context, "assignment");
  const found = live(context.tenant).find(
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

async function grant(context: GraphContext, side: Side): Promise<Response> {
  const { tenant } = context;
  const { id: objectId } = requireServicePrincipal(context);
  const body = await readBody(context);
  const { appRoleId, principalId, resourceId } = readIds(body);
  if ((side === "resourceId" ? resourceId : principalId) !== objectId) {
    throw badRequest(`Invalid value specified for property '${side}' of resource 'AppRoleAssignment'.`);
  }
  const resource = tenant.state.directory.servicePrincipals[resourceId];
  if (resource === undefined || !isVisible(resourceId, tenant)) throw notFound(resourceId);
  const principal = findDirectoryObject(principalId, tenant);
  if (principal === undefined || principal.kind === "application") throw notFound(principalId);
  // Graph's words while the principal is still on its way to this replica.
  if (!isVisible(principalId, tenant)) throw badRequest("Not a valid reference update.");
  const role = resource.appRoles.find(({ id }) => id === appRoleId);
  const member = principal.kind === "servicePrincipal" ? "Application" : "User";
  if (role?.isEnabled !== true || !role.allowedMemberTypes.includes(member)) {
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
    id: newAssignmentId(),
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
