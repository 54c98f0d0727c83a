import type { TenantState } from "../../emulator/tenant/tenant";

/**
 * Application permissions that a service principal holds in the emulated tenant, by name. The verifier of a local run may
 * not read the directory; this machine has the whole tenant.
 */
export function grantedInTenant({ directory }: TenantState, servicePrincipalObjectId: string): string[] {
  return Object.values(directory.appRoleAssignments)
    .filter(({ principalId }) => principalId === servicePrincipalObjectId)
    .map(({ resourceId, appRoleId }) => {
      const roles = directory.servicePrincipals[resourceId]?.appRoles ?? [];
      return roles.find(({ id }) => id === appRoleId)?.value ?? appRoleId;
    })
    .sort();
}
