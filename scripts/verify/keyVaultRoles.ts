import { azureRoles, roleGuidIn, type AzureRole } from "../../core/access/azureRoles";

/**
 * Built-in roles that read secret values.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security (read 2026-11)
 */
const secretReadingRoles: readonly AzureRole[] = [
  azureRoles.keyVaultAdministrator,
  azureRoles.secretsOfficer,
  azureRoles.secretsUser,
];

/** The name of a role that reads secret values; undefined for every other role. */
export function secretReadingRole(roleDefinitionId: string): string | undefined {
  return secretReadingRoles.find(({ guid }) => guid === roleGuidIn(roleDefinitionId))?.name;
}
