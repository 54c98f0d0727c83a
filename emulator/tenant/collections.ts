import { isRecord } from "../server/http";
import type { TenantState } from "./tenant";

/**
 * Takes the prototype off a tenant's collections: a name from a request, such as `constructor`, then finds what was put
 * there under it, and nothing else.
 */
export function withoutPrototypes(state: TenantState): TenantState {
  const { directory, arm, vaults } = state;
  const parts: readonly object[] = [directory, arm, ...Object.values(vaults)];
  for (const part of parts) {
    const collections = Object.values(part) as unknown[];
    for (const collection of collections) if (isRecord(collection)) Object.setPrototypeOf(collection, null);
  }
  Object.setPrototypeOf(vaults, null);
  return state;
}
