import type { Tenant } from "../tenant/tenant";
import { GraphError } from "./graphError";

const writing = new WeakMap<Tenant, Set<string>>();

/**
 * Runs a write on an object; a second one that meets it under way is refused, as Graph refuses it.
 *
 * @throws {GraphError} 409 `Directory_ConcurrencyViolation`.
 */
export async function exclusively<T>(
  tenant: Tenant,
  objectId: string,
  write: () => T | Promise<T>,
): Promise<T> {
  const underWay = writing.get(tenant) ?? new Set();
  writing.set(tenant, underWay);
  if (underWay.has(objectId)) {
    throw new GraphError(
      409,
      "Directory_ConcurrencyViolation",
      "The operation was cancelled because another request is changing the same object. Try again.",
    );
  }
  underWay.add(objectId);
  try {
    return await write();
  } finally {
    underWay.delete(objectId);
  }
}
