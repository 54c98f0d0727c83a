import { saveState } from "./state";
import type { TenantState } from "./tenant";

/**
 * Saves a tenant to a file, one save at a time. Calls during a save share the next one.
 *
 * @returns a function that resolves once the file holds the tenant as it is at the call, or later.
 */
export function stateKeeper(file: string, state: TenantState): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= last
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return saveState(file, state);
      });
    last = next;
    return next;
  };
}
