import type { ArmResource, Tenant } from "../tenant/tenant";
import { ArmError, groupNotFound, parentNotFound, resourceNotFound } from "./armError";
import { parseScope } from "./armPath";

/**
 * The scope in ARM's own spelling, if it is there.
 *
 * @param scope Empty for the tenant, `/subscriptions/…`, a resource group or a resource.
 * @throws {ArmError} 404 `SubscriptionNotFound`, `ResourceGroupNotFound` or `ResourceNotFound`.
 */
export function requireScope(tenant: Tenant, scope: string): string {
  const { subscriptionId, resourceGroupName, resource } = parseScope(scope);
  if (subscriptionId === undefined) return "";
  const subscription = requireSubscription(tenant, subscriptionId);
  if (resourceGroupName === undefined) return subscription;
  const group = requireGroup(tenant, resourceGroupName);
  if (resource === undefined) return group.id;
  const found = tenant.state.arm.resources[scope.toLowerCase()];
  if (found !== undefined) return found.id;
  const child = childScope(tenant, scope, resource);
  if (child !== undefined) return child;
  throw resourceNotFound(`${resource.type}/${resource.names.join("/")}`, group.name);
}

/**
 * What lies in its parent's own plane, not among ARM's resources, so that ARM checks only the parent: a vault's
 * secrets and keys, a storage account's containers.
 */
function childScope(
  tenant: Tenant,
  scope: string,
  { type, names }: { readonly type: string; readonly names: readonly string[] },
): string | undefined {
  if (!childTypes.has(type.toLowerCase())) return undefined;
  const below = scope.split("/").slice(-2 * (names.length - 1));
  const parent = tenant.state.arm.resources[scope.split("/").slice(0, -below.length).join("/").toLowerCase()];
  return parent === undefined ? undefined : [parent.id, ...below].join("/");
}

const childTypes: ReadonlySet<string> = new Set([
  "microsoft.keyvault/vaults/secrets",
  "microsoft.keyvault/vaults/keys",
  "microsoft.storage/storageaccounts/blobservices/containers",
]);

/**
 * The subscription's ID as ARM spells it.
 *
 * @throws {ArmError} 404 `SubscriptionNotFound`.
 */
export function requireSubscription(tenant: Tenant, subscriptionId: string): string {
  if (subscriptionId.toLowerCase() === tenant.state.subscriptionId.toLowerCase()) {
    return `/subscriptions/${tenant.state.subscriptionId}`;
  }
  throw new ArmError(404, "SubscriptionNotFound", `The subscription '${subscriptionId}' could not be found.`);
}

/** @throws {ArmError} 404 `ResourceGroupNotFound`. */
export function requireGroup(tenant: Tenant, resourceGroupName: string): ArmResource {
  const group = tenant.state.arm.resources[groupKey(tenant, resourceGroupName)];
  if (group === undefined) throw groupNotFound(resourceGroupName);
  return group;
}

/** @throws {ArmError} 404 `ParentResourceNotFound`. */
export function requireParent(
  tenant: Tenant,
  operation: string,
  type: string,
  parentId: string,
): ArmResource {
  const parent = tenant.state.arm.resources[parentId.toLowerCase()];
  if (parent === undefined) throw parentNotFound(operation, type, parentId);
  return parent;
}

/** The key of a resource group among the tenant's resources. */
export function groupKey(tenant: Tenant, resourceGroupName: string): string {
  return `/subscriptions/${tenant.state.subscriptionId}/resourcegroups/${resourceGroupName}`.toLowerCase();
}
