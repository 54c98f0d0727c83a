/**
 * Built-in roles that read secret values, by the GUID that ends their `roleDefinitionId`.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security (read 2026-11)
 */
export const secretReadingRoles: ReadonlyMap<string, string> = new Map([
  ["00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator"],
  ["b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer"],
  ["4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User"],
]);

/** The name of a role that reads secret values; undefined for every other role. */
export function secretReadingRole(roleDefinitionId: string): string | undefined {
  return secretReadingRoles.get(roleDefinitionId.split("/").at(-1)?.toLowerCase() ?? "");
}
