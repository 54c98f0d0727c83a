import type { AppEvidence, StackEvidence } from "../evidence";

/**
 * Names of the Microsoft Graph permissions that an administrator has granted to the app; the bare GUID for
 * one that the tenant's Graph no longer offers.
 *
 * @returns undefined when the caller may not read the directory.
 */
export function grantedPermissions(app: AppEvidence, stack: StackEvidence): string[] | undefined {
  if (!app.directory.known || !stack.graphRoles.known) return undefined;
  const { graphObjectId, names } = stack.graphRoles.value;
  return app.directory.value.grants
    .filter(({ resourceId }) => resourceId === graphObjectId)
    .map(({ appRoleId }) => names.get(appRoleId) ?? appRoleId);
}

/**
 * Names of the Microsoft Graph application permissions that the application itself declares.
 *
 * @returns undefined when the caller may not read the directory, and for a managed identity, which declares none.
 */
export function declaredPermissions(
  app: AppEvidence,
  stack: StackEvidence,
  graphClientId: string,
): string[] | undefined {
  if (!app.directory.known || !stack.graphRoles.known) return undefined;
  const { names } = stack.graphRoles.value;
  return app.directory.value.application?.requiredResourceAccess
    .filter(({ resourceAppId }) => resourceAppId === graphClientId)
    .flatMap(({ resourceAccess }) => resourceAccess)
    .filter(({ type }) => type === "Role")
    .map(({ id }) => names.get(id) ?? id);
}
