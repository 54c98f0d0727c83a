import { grantPermission, type Identity } from "../../emulator/tenant/seed";
import type { Tenant } from "../../emulator/tenant/tenant";

/** Built-in roles. @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles (read 2026-11) */
export const readerRole = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

/**
 * Gives an identity rights for a while, as an administrator would.
 *
 * @param roles GUIDs of Azure roles, on the subscription.
 * @returns Takes them away again.
 */
export function giveRights(
  { state, clock }: Tenant,
  { objectId }: Identity,
  graphPermissions: readonly string[],
  roles: readonly string[],
): () => void {
  const { appRoleAssignments } = state.directory;
  const { roleAssignments } = state.arm;
  const before = new Set([...Object.keys(appRoleAssignments), ...Object.keys(roleAssignments)]);
  const now = clock.now().toISOString();
  for (const permission of graphPermissions) {
    if (!grantPermission(state, objectId, permission, now)) throw new Error(`no permission ${permission}`);
  }
  const scope = `/subscriptions/${state.subscriptionId}`;
  for (const role of roles) {
    const name = crypto.randomUUID();
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
    roleAssignments[id.toLowerCase()] = {
      id,
      name,
      scope,
      roleDefinitionId: `${scope}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      principalId: objectId,
      principalType: "ServicePrincipal",
      createdOn: now,
    };
  }
  const given = [
    ...Object.keys(appRoleAssignments).filter((id) => !before.has(id)),
    ...Object.keys(roleAssignments).filter((id) => !before.has(id)),
  ];
  return () => {
    for (const id of given) {
      Reflect.deleteProperty(appRoleAssignments, id);
      Reflect.deleteProperty(roleAssignments, id);
    }
  };
}
