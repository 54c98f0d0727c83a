import { cloudOf } from "../tenant/clouds";
import { isGuid, isRecord, newGuid } from "../server/http";
import { firstPartyServicePrincipals } from "../tenant/seedFirstParty";
import type { ServicePrincipal } from "../tenant/tenant";
import { readApplications, writeApplications } from "./access";
import { checkOwner, describeObjects } from "./directoryObjects";
import { createdNow, entityRoutes, isVisible, type EntitySet } from "./entitySet";
import { assignmentsOf, assignmentsTo } from "./grants";
import { badRequest, denied, GraphError } from "./graphError";
import { enforceOnNewKeys, keysWithValues, readKeyCredentials } from "./keyCredentials";
import { boundOwnerIds, invalidValue, merged } from "./properties";
import type { GraphContext, Route } from "./route";
import {
  followApplication,
  servicePrincipalDefaults,
  servicePrincipalEntity,
  servicePrincipalOf,
  servicePrincipalReadOnly,
} from "./servicePrincipalForm";

/** `servicePrincipals`: what an application is in this tenant, Microsoft's own included. */
export const servicePrincipals: EntitySet<ServicePrincipal> = {
  name: "servicePrincipals",
  kind: "servicePrincipal",
  readers: readApplications,
  writers: writeApplications,
  orOwner: true,
  keys: ["appId"],
  properties: servicePrincipalDefaults,
  readOnly: servicePrincipalReadOnly,
  describe: servicePrincipalEntity,
  selected: { keyCredentials: (servicePrincipal) => keysWithValues(servicePrincipal["keyCredentials"]) },
  expansions: (context) => {
    const { tenant } = context;
    const all = tenant.state.directory.servicePrincipals;
    return {
      owners: ({ id }) => describeObjects(context, all[String(id)]?.ownerIds ?? []),
      appRoleAssignments: ({ id }) => assignmentsOf(String(id), tenant),
      appRoleAssignedTo: ({ id }) => assignmentsTo(String(id), tenant),
    };
  },
  create,
  update: (_context, servicePrincipal, values) => {
    if ("appId" in values && values["appId"] !== servicePrincipal.appId) {
      throw badRequest("Property 'appId' is read-only and cannot be set.");
    }
    const { passwordCredentials, ...others } = values;
    if (passwordCredentials !== undefined) keepPasswords(servicePrincipal, passwordCredentials);
    for (const [name, value] of Object.entries(others)) {
      servicePrincipal[name] =
        name === "keyCredentials"
          ? readKeyCredentials("ServicePrincipal", value, servicePrincipal[name])
          : merged(servicePrincipalDefaults[name], servicePrincipal[name], value);
    }
  },
  checkRemoval: ({ tenant }, { appOwnerOrganizationId }) => {
    // Microsoft's own service principals, Graph's above all, can be set up in a tenant, and not deleted.
    if (appOwnerOrganizationId !== null && appOwnerOrganizationId !== tenant.state.tenantId) throw denied();
  },
};

/** A list of client secrets can lose some by PATCH, and gain none. */
function keepPasswords(servicePrincipal: ServicePrincipal, given: unknown): void {
  const before = servicePrincipal.passwordCredentials ?? [];
  const kept = (Array.isArray(given) ? given.filter(isRecord) : []).map(({ keyId }) => keyId);
  if (!kept.every((keyId) => before.some((credential) => credential.keyId === keyId))) {
    throw badRequest("Property 'passwordCredentials' is read-only and cannot be set.");
  }
  servicePrincipal.passwordCredentials = before.filter(({ keyId }) => kept.includes(keyId));
}

function create(
  context: GraphContext,
  values: Readonly<Record<string, unknown>>,
  body: Readonly<Record<string, unknown>>,
): { item: ServicePrincipal } {
  const { tenant, caller } = context;
  const appId = String(values["appId"]).toLowerCase();
  if (!isGuid(appId)) throw invalidValue("ServicePrincipal", "appId");
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
  const ofMicrosoft = firstPartyServicePrincipals(cloudOf(tenant.state), createdNow(context)).find(
    (one) => one.appId === appId,
  );
  if (ofMicrosoft !== undefined && servicePrincipalOf(appId, tenant) === undefined) {
    return { item: { ...ofMicrosoft, createdByAppId: caller.clientId } };
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
  const { keyCredentials } = values;
  const item: ServicePrincipal = {
    ...values,
    ...(keyCredentials === undefined
      ? {}
      : { keyCredentials: readKeyCredentials("ServicePrincipal", keyCredentials, []) }),
    id: newGuid(),
    appId,
    displayName: application.displayName,
    servicePrincipalType: "Application",
    accountEnabled: values["accountEnabled"] !== false,
    createdDateTime: createdNow(context),
    createdByAppId: caller.clientId,
    appOwnerOrganizationId: tenant.state.tenantId,
    appRoles: [],
    oauth2PermissionScopes: [],
    ownerIds: [...ownerIds],
  };
  enforceOnNewKeys("servicePrincipal", item, { before: [], now: item["keyCredentials"] }, tenant);
  followApplication(item, application, tenant);
  return { item };
}

/** Its operations, as for every set. */
export const servicePrincipalRoutes: readonly Route[] = entityRoutes(servicePrincipals);
