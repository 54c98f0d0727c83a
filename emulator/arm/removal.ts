import type { ArmResource, Tenant } from "../tenant/tenant";
import { isWithin } from "./armPath";
import { findType } from "./types";

/**
 * Removes a resource or a resource group with all that is inside it or hangs on it: children first, then role
 * assignments at these scopes. Unknown IDs are fine.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/key-vault-recovery for role assignments and event
 *   subscriptions, which do not outlive a vault (read 2026-11)
 */
export function removeResource(tenant: Tenant, id: string): void {
  const { resources, roleAssignments } = tenant.state.arm;
  const inside = Object.entries(resources).filter(([key]) => isWithin(key, id));
  for (const [key, resource] of inside.sort(([first], [second]) => second.length - first.length)) {
    Reflect.deleteProperty(resources, key);
    findType(resource.type)?.removed?.(tenant, resource);
  }
  for (const [key, assignment] of Object.entries(roleAssignments)) {
    if (isWithin(assignment.scope, id)) Reflect.deleteProperty(roleAssignments, key);
  }
}

/** A resource as ARM shows it: what only the emulator needs stays inside. */
export function shown(resource: ArmResource): ArmResource {
  const { internal, ...rest } = resource;
  return internal === undefined ? resource : rest;
}
