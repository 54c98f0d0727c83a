import { wholeSeconds } from "../server/http";
import type { DeletedItem, Tenant } from "../tenant/tenant";

/** How long a deleted object can be restored. */
export const retentionDays = 30;

const setOf = {
  application: "applications",
  servicePrincipal: "servicePrincipals",
  user: "users",
  group: "groups",
} as const;

/**
 * Deletes a directory object so that it can be restored for 30 days; a security group is gone at once. With an
 * application goes its service principal. Grants stay in the directory, unseen, and are back after a restore.
 */
export function softDelete(kind: DeletedItem["kind"], item: DeletedItem["item"], tenant: Tenant): void {
  const { directory } = tenant.state;
  Reflect.deleteProperty(directory[setOf[kind]], item.id);
  directory.deletedItems[item.id] = { kind, deletedDateTime: wholeSeconds(tenant.clock.now()), item };
  if (kind === "group" && !isUnified(item)) purge(item.id, tenant);
  if (kind !== "application") return;
  for (const principal of Object.values(directory.servicePrincipals)) {
    if (principal.appId === item["appId"]) softDelete("servicePrincipal", principal, tenant);
  }
}

/** Puts a deleted object back, and nothing else. */
export function undelete({ kind, item }: DeletedItem, { state: { directory } }: Tenant): void {
  Reflect.deleteProperty(directory.deletedItems, item.id);
  (directory[setOf[kind]] as Record<string, unknown>)[item.id] = item;
}

/** Only groups of Microsoft 365 can be restored. */
function isUnified(group: DeletedItem["item"]): boolean {
  const { groupTypes } = group as Readonly<Record<string, unknown>>;
  return Array.isArray(groupTypes) && groupTypes.includes("Unified");
}

/** Removes a deleted item for good, with the grants that it held or offered. */
export function purge(objectId: string, tenant: Tenant): void {
  const { deletedItems, appRoleAssignments, oauth2PermissionGrants = {} } = tenant.state.directory;
  Reflect.deleteProperty(deletedItems, objectId);
  for (const { id, principalId, resourceId } of Object.values(appRoleAssignments)) {
    if (principalId === objectId || resourceId === objectId) Reflect.deleteProperty(appRoleAssignments, id);
  }
  for (const { id, clientId, principalId, resourceId } of Object.values(oauth2PermissionGrants)) {
    if ([clientId, principalId, resourceId].includes(objectId))
      Reflect.deleteProperty(oauth2PermissionGrants, id);
  }
}

/** Purges what was deleted more than 30 days ago by the tenant's clock. */
export function purgeExpired(tenant: Tenant): void {
  const limit = tenant.clock.now().getTime() - retentionDays * 86_400_000;
  for (const [objectId, { deletedDateTime }] of Object.entries(tenant.state.directory.deletedItems)) {
    if (Date.parse(deletedDateTime) < limit) purge(objectId, tenant);
  }
}
