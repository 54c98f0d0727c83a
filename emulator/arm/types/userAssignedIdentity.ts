import { newGuid } from "../../server/http";
import type { ServicePrincipal, Tenant } from "../../tenant/tenant";
import type { ResourceChange, ResourceContent, ResourceType } from "../resourceType";

/**
 * `Microsoft.ManagedIdentity/userAssignedIdentities`. Each brings a service principal of type `ManagedIdentity` into
 * the directory.
 *
 * @see https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities (read 2026-11)
 */
export const userAssignedIdentity: ResourceType = {
  type: "Microsoft.ManagedIdentity/userAssignedIdentities",
  placement: "resourceGroup",
  location: "region",
  namePattern: /^[a-zA-Z0-9][\w-]{2,127}$/,
  build: buildIdentity,
  removed: (tenant, { properties }) => {
    removeManagedIdentity(tenant, String(properties["principalId"]));
  },
};

/**
 * Adds the service principal of a managed identity to the directory.
 *
 * @param resourceId The ARM resource that it belongs to.
 */
export function addManagedIdentity(
  tenant: Tenant,
  name: string,
  resourceId: string,
  createdAt: Date,
): { principalId: string; clientId: string } {
  const principalId = newGuid();
  const clientId = newGuid();
  const servicePrincipal: ServicePrincipal = {
    id: principalId,
    appId: clientId,
    displayName: name,
    servicePrincipalType: "ManagedIdentity",
    accountEnabled: true,
    createdDateTime: createdAt.toISOString(),
    appOwnerOrganizationId: null,
    appRoles: [],
    oauth2PermissionScopes: [],
    ownerIds: [],
    alternativeNames: ["isExplicit=True", resourceId],
    servicePrincipalNames: [clientId],
  };
  tenant.state.directory.servicePrincipals[principalId] = servicePrincipal;
  tenant.replication.created(principalId, createdAt);
  return { principalId, clientId };
}

/** Takes a managed identity's service principal out of the directory, with the permissions it held. */
export function removeManagedIdentity({ state }: Tenant, principalId: string): void {
  const { servicePrincipals, appRoleAssignments } = state.directory;
  Reflect.deleteProperty(servicePrincipals, principalId);
  for (const [key, assignment] of Object.entries(appRoleAssignments)) {
    if (assignment.principalId === principalId) Reflect.deleteProperty(appRoleAssignments, key);
  }
}

function buildIdentity({ tenant, existing, id, name, now }: ResourceChange): ResourceContent {
  const identity = existing?.properties ?? addManagedIdentity(tenant, name, id, now);
  return { properties: { tenantId: tenant.state.tenantId, ...identity } };
}
