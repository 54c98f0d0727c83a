import { graphObjectId } from "../../emulator/tenant/seed";
import type { TenantState } from "../../emulator/tenant/tenant";

/**
 * Permissions that a service principal has in the emulated tenant, by name, with the API where an application permission is
 * not Microsoft Graph's. The verifier of a local run may not read the directory; this machine has the whole tenant.
 */
export function grantedInTenant({ directory }: TenantState, servicePrincipalObjectId: string): string[] {
  const consents = Object.values(directory.oauth2PermissionGrants ?? {})
    .filter(({ clientId }) => clientId === servicePrincipalObjectId)
    .flatMap(({ scope }) => scope.split(" "));
  const roles = Object.values(directory.appRoleAssignments)
    .filter(({ principalId }) => principalId === servicePrincipalObjectId)
    .map(({ resourceId, appRoleId }) => {
      const { appRoles = [], displayName } = directory.servicePrincipals[resourceId] ?? {};
      const name = appRoles.find(({ id }) => id === appRoleId)?.value ?? appRoleId;
      return resourceId === graphObjectId ? name : `${name} (${displayName ?? resourceId})`;
    });
  return [...new Set([...consents, ...roles])].sort();
}
