import { empty, isGuid, isRecord, newGuid, wholeSeconds } from "../server/http";
import type { Application, AppRole } from "../tenant/tenant";
import { readApplications, writeApplications } from "./access";
import { applicationDefaults, applicationEntity, applicationReadOnly } from "./applicationEntity";
import { describeObjects } from "./directoryObjects";
import { badRequest, GraphError } from "./graphError";
import { entityResponse, listResponse, type ListOptions } from "./listing";
import { isVisible, requireApplication, servicePrincipalOf } from "./lookup";
import { checkOwner } from "./owners";
import { boundOwnerIds, checkProperties, merged } from "./properties";
import { readBody, type GraphContext, type Route } from "./route";
import { followApplication } from "./servicePrincipalEntity";
import { softDelete } from "./softDelete";

const one = "applications/{application}";

/** `applications`: registrations in this tenant. */
export const applicationRoutes: readonly Route[] = [
  { method: "GET", pattern: "applications", allowedBy: readApplications, handle: list },
  { method: "POST", pattern: "applications", allowedBy: writeApplications, orOwner: true, handle: create },
  {
    method: "GET",
    pattern: one,
    allowedBy: readApplications,
    orOwner: true,
    handle: (context) => answer(context, requireApplication(context)),
  },
  { method: "PATCH", pattern: one, allowedBy: writeApplications, orOwner: true, handle: update },
  {
    method: "DELETE",
    pattern: one,
    allowedBy: writeApplications,
    orOwner: true,
    handle: (context) => {
      softDelete(requireApplication(context), context.tenant);
      return empty();
    },
  },
];

const audiences = [
  "AzureADMyOrg",
  "AzureADMultipleOrgs",
  "AzureADandPersonalMicrosoftAccount",
  "PersonalMicrosoftAccount",
];

function list(context: GraphContext): Response {
  const { state } = context.tenant;
  const visible = Object.values(state.directory.applications).filter(({ id }) =>
    isVisible(id, context.tenant),
  );
  return listResponse(
    context,
    visible.map((item) => applicationEntity(item, state)),
    options(context),
  );
}

function answer(context: GraphContext, application: Application, status = 200): Response {
  return entityResponse(
    context,
    applicationEntity(application, context.tenant.state),
    options(context),
    status,
  );
}

function options(context: GraphContext): ListOptions {
  const { applications } = context.tenant.state.directory;
  return {
    entitySet: "applications",
    properties: new Set(Object.keys(applicationDefaults)),
    expansions: {
      owners: ({ id }) => describeObjects(context, applications[String(id)]?.ownerIds ?? []),
      federatedIdentityCredentials: ({ id }) => applications[String(id)]?.federatedIdentityCredentials ?? [],
    },
  };
}

async function create(context: GraphContext): Promise<Response> {
  const body = await readBody(context);
  const values = checkProperties("Application", body, applicationDefaults, applicationReadOnly);
  if (!("displayName" in values)) {
    throw badRequest("One or more property values specified are invalid: 'displayName' is required.");
  }
  checkValues(context, values, undefined);
  const ownerIds = new Set(boundOwnerIds(body));
  for (const ownerId of ownerIds) checkOwner(context, ownerId);
  // Whoever may only write what it owns comes to own what it makes.
  if (context.ownedOnly) ownerIds.add(context.caller.objectId);

  const { tenant, caller } = context;
  const complete = Object.entries(values).map(([name, value]) => [
    name,
    merged(applicationDefaults[name], value),
  ]);
  const application: Application = {
    ...(Object.fromEntries(complete) as Record<string, unknown>),
    id: newGuid(),
    appId: newGuid(),
    displayName: String(values["displayName"]),
    createdDateTime: wholeSeconds(tenant.clock.now()),
    createdByAppId: caller.clientId,
    passwordCredentials: [],
    federatedIdentityCredentials: [],
    ownerIds: [...ownerIds],
  };
  tenant.state.directory.applications[application.id] = application;
  tenant.replication.created(application.id, tenant.clock.now());
  return answer(context, application, 201);
}

async function update(context: GraphContext): Promise<Response> {
  const application = requireApplication(context);
  const values = checkProperties(
    "Application",
    await readBody(context),
    applicationDefaults,
    applicationReadOnly,
  );
  checkValues(context, values, application);
  for (const [name, value] of Object.entries(values)) {
    application[name] = merged(application[name] ?? applicationDefaults[name], value);
  }
  const servicePrincipal = servicePrincipalOf(application.appId, context.tenant);
  if (servicePrincipal !== undefined) followApplication(servicePrincipal, application, context.tenant.state);
  return empty();
}

function checkValues(
  context: GraphContext,
  values: Readonly<Record<string, unknown>>,
  current: Application | undefined,
): void {
  const { displayName, signInAudience, requiredResourceAccess, identifierUris, appRoles } = values;
  if (typeof displayName === "string" && (displayName === "" || displayName.length > 256)) {
    throw badRequest("Invalid value specified for property 'displayName' of resource 'Application'.");
  }
  if (typeof signInAudience === "string" && !audiences.includes(signInAudience)) {
    throw badRequest("Invalid value specified for property 'signInAudience' of resource 'Application'.");
  }
  if (Array.isArray(requiredResourceAccess) && !requiredResourceAccess.every(isResourceAccess)) {
    throw badRequest(
      "Invalid value specified for property 'requiredResourceAccess' of resource 'Application'.",
    );
  }
  if (Array.isArray(identifierUris)) checkIdentifierUris(context, identifierUris, current);
  if (Array.isArray(appRoles) && current !== undefined) checkRemovedRoles(appRoles, current);
}

function isResourceAccess(value: unknown): boolean {
  if (!isRecord(value) || !isGuid(String(value["resourceAppId"])) || !Array.isArray(value["resourceAccess"]))
    return false;
  return value["resourceAccess"].every(
    (access) =>
      isRecord(access) && isGuid(String(access["id"])) && ["Role", "Scope"].includes(String(access["type"])),
  );
}

function checkIdentifierUris(
  context: GraphContext,
  uris: readonly unknown[],
  current: Application | undefined,
): void {
  const others = Object.values(context.tenant.state.directory.applications).filter(
    (other) => other !== current,
  );
  const taken = others.flatMap((other) => (other["identifierUris"] as string[] | undefined) ?? []);
  if (uris.some((uri) => taken.includes(String(uri)))) {
    throw badRequest("Another object with the same value for property identifierUris already exists.");
  }
}

function checkRemovedRoles(next: readonly unknown[], current: Application): void {
  const kept = new Set(next.map((role) => (isRecord(role) ? role["id"] : undefined)));
  const existing = (current["appRoles"] as AppRole[] | undefined) ?? [];
  if (existing.some(({ id, isEnabled }) => isEnabled && !kept.has(id))) {
    throw new GraphError(
      400,
      "CannotDeleteOrUpdateEnabledEntitlement",
      "Permission (scope or role) cannot be deleted or updated unless disabled first.",
    );
  }
}
