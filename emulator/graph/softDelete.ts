import { wholeSeconds } from "../server/http";
import type { Application, ServicePrincipal, Tenant } from "../tenant/tenant";
import { servicePrincipalOf } from "./lookup";

/** How long a deleted application or service principal can be restored. */
export const retentionDays = 30;

/**
 * Deletes an application or a service principal so that it can be restored for 30 days. With an application goes
 * its service principal. Grants stay in the directory, unseen, and are back after a restore.
 */
export function softDelete(item: Application | ServicePrincipal, tenant: Tenant): void {
  const { applications, servicePrincipals, deletedItems } = tenant.state.directory;
  const isApplication = applications[item.id] !== undefined;
  deletedItems[item.id] = {
    kind: isApplication ? "application" : "servicePrincipal",
    deletedDateTime: wholeSeconds(tenant.clock.now()),
    item,
  };
  if (!isApplication) {
    Reflect.deleteProperty(servicePrincipals, item.id);
    return;
  }
  Reflect.deleteProperty(applications, item.id);
  const servicePrincipal = servicePrincipalOf(item.appId, tenant);
  if (servicePrincipal !== undefined) softDelete(servicePrincipal, tenant);
}

/** Removes a deleted item for good, with the grants that it held or offered. */
export function purge(objectId: string, tenant: Tenant): void {
  const { deletedItems, appRoleAssignments } = tenant.state.directory;
  Reflect.deleteProperty(deletedItems, objectId);
  for (const { id, principalId, resourceId } of Object.values(appRoleAssignments)) {
    if (principalId === objectId || resourceId === objectId) Reflect.deleteProperty(appRoleAssignments, id);
  }
}

/** Purges what was deleted more than 30 days ago by the tenant's clock. */
export function purgeExpired(tenant: Tenant): void {
  const limit = tenant.clock.now().getTime() - retentionDays * 86_400_000;
  for (const [objectId, { deletedDateTime }] of Object.entries(tenant.state.directory.deletedItems)) {
    if (Date.parse(deletedDateTime) < limit) purge(objectId, tenant);
  }
}
