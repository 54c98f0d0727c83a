import { empty, isGuid, newGuid, wholeSeconds } from "../server/http";
import type { ServicePrincipal } from "../tenant/tenant";
import { readApplications, writeApplications } from "./access";
import { assignmentsTo, assignmentsOf } from "./appRoleAssignments";
import { describeObjects } from "./directoryObjects";
import { badRequest, denied, GraphError } from "./graphError";
import { entityResponse, listResponse, type ListOptions } from "./listing";
import { isVisible, requireServicePrincipal, servicePrincipalOf } from "./lookup";
import { checkOwner } from "./owners";
import { boundOwnerIds, checkProperties, merged } from "./properties";
import { readBody, type GraphContext, type Route } from "./route";
import {
  followApplication,
  servicePrincipalDefaults,
  servicePrincipalEntity,
  servicePrincipalReadOnly,
} from "./servicePrincipalEntity";
import { softDelete } from "./softDelete";

const one = "servicePrincipals/{servicePrincipal}";

/** `servicePrincipals`: what an application is in this tenant, Microsoft's own included. */
export const servicePrincipalRoutes: readonly Route[] = [
  { method: "GET", pattern: "servicePrincipals", allowedBy: readApplications, handle: list },
  {
    method: "POST",
    pattern: "servicePrincipals",
    allowedBy: writeApplications,
    orOwner: true,
    handle: create,
  },
  {
    method: "GET",
    pattern: one,
    allowedBy: readApplications,
    orOwner: true,
    handle: (context) => answer(context, requireServicePrincipal(context)),
  },
  { method: "PATCH", pattern: one, allowedBy: writeApplications, orOwner: true, handle: update },
  {
    method: "DELETE",
    pattern: one,
    allowedBy: writeApplications,
    orOwner: true,
    handle: (context) => {
      softDelete(requireOwnTenants(context), context.tenant);
      return empty();
    },
  },
];

function list(context: GraphContext): Response {
  const visible = Object.values(context.tenant.state.directory.servicePrincipals).filter(({ id }) =>
    isVisible(id, context.tenant),
  );
  return listResponse(context, visible.map(servicePrincipalEntity), options(context));
}

function answer(context: GraphContext, servicePrincipal: ServicePrincipal, status = 200): Response {
  return entityResponse(context, servicePrincipalEntity(servicePrincipal), options(context), status);
}

function options(context: GraphContext): ListOptions {
  const { servicePrincipals } = context.tenant.state.directory;
  return {
    entitySet: "servicePrincipals",
    properties: new Set(Object.keys(servicePrincipalDefaults)),
    expansions: {
      owners: ({ id }) => describeObjects(context, servicePrincipals[String(id)]?.ownerIds ?? []),
      appRoleAssignments: ({ id }) => assignmentsOf(String(id), context.tenant),
      appRoleAssignedTo: ({ id }) => assignmentsTo(String(id), context.tenant),
    },
  };
}

async function create(context: GraphContext): Promise<Response> {
  const body = await readBody(context);
  const values = checkProperties(
    "ServicePrincipal",
    body,
    servicePrincipalDefaults,
    servicePrincipalReadOnly,
  );
  const { tenant, caller } = context;
  const appId = String(values["appId"]).toLowerCase();
  if (!isGuid(appId))
    throw badRequest("Invalid value specified for property 'appId' of resource 'ServicePrincipal'.");
  const application = Object.values(tenant.state.directory.applications).find(
    (candidate) => candidate.appId === appId,
  );
  if (application === undefined && context.ownedOnly) {
    throw new GraphError(
      403,
      "Authorization_RequestDenied",
      "When using this permission, the backing application of the service principal being created must in the local tenant",
    );
  }
  if (application === undefined || !isVisible(application.id, tenant)) {
    throw new GraphError(
      400,
      "NoBackingApplicationObject",
      `The appId '${appId}' of the service principal does not reference a valid application object.`,
    );
  }
  if (servicePrincipalOf(appId, tenant) !== undefined) {
    throw new GraphError(
      409,
      "Request_MultipleObjectsWithSameKeyValue",
      `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`,
    );
  }
  const ownerIds = new Set(boundOwnerIds(body));
  for (const ownerId of ownerIds) checkOwner(context, ownerId);
  if (context.ownedOnly) ownerIds.add(caller.objectId);
  const servicePrincipal: ServicePrincipal = {
    ...values,
    id: newGuid(),
    appId,
    displayName: application.displayName,
    servicePrincipalType: "Application",
    accountEnabled: values["accountEnabled"] !== false,
    createdDateTime: wholeSeconds(tenant.clock.now()),
    createdByAppId: caller.clientId,
    appOwnerOrganizationId: tenant.state.tenantId,
    appRoles: [],
    oauth2PermissionScopes: [],
    ownerIds: [...ownerIds],
  };
  followApplication(servicePrincipal, application, tenant.state);
  tenant.state.directory.servicePrincipals[servicePrincipal.id] = servicePrincipal;
  tenant.replication.created(servicePrincipal.id, tenant.clock.now());
  return answer(context, servicePrincipal, 201);
}

async function update(context: GraphContext): Promise<Response> {
  const servicePrincipal = requireOwnTenants(context);
  const body = await readBody(context);
  const values = checkProperties(
    "ServicePrincipal",
    body,
    servicePrincipalDefaults,
    servicePrincipalReadOnly,
  );
  if ("appId" in values) throw badRequest("Property 'appId' is read-only and cannot be set.");
  for (const [name, value] of Object.entries(values)) {
    servicePrincipal[name] = merged(servicePrincipal[name] ?? servicePrincipalDefaults[name], value);
  }
  return empty();
}

/** Microsoft's own service principals, Graph's above all, are nobody's to change or to delete. */
function requireOwnTenants(context: GraphContext): ServicePrincipal {
  const servicePrincipal = requireServicePrincipal(context);
  const { appOwnerOrganizationId } = servicePrincipal;
  if (appOwnerOrganizationId !== null && appOwnerOrganizationId !== context.tenant.state.tenantId)
    throw denied();
  return servicePrincipal;
}
