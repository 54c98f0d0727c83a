import { isForbidden, isNotFound, serviceRefusal, type ServiceRefusal } from "../../azure/serviceRefusal";
import type { AzureView } from "./azureView";
import type { Leftover } from "./leftovers";
import type { Outcome } from "./report";

/**
 * Removes deleted applications and service principals for good. Graph does so only with deleted items, so nothing that is
 * in use can be removed.
 *
 * @param leftovers As just looked up, from a stack's own record.
 * @see https://learn.microsoft.com/graph/api/directory-deleteditems-delete (read 2026-11): Application.ReadWrite.OwnedBy
 *   for an owner, else Application.ReadWrite.All; a person needs Application Administrator or Cloud Application
 *   Administrator besides
 */
export async function purgeApps({ graph }: AzureView, leftovers: readonly Leftover[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  // The service principal first: without its application it cannot be found by name.
  for (const kind of ["servicePrincipal", "application"] as const) {
    for (const item of leftovers.filter((one) => one.kind === kind && one.state === "deleted")) {
      const answer = await graph.write("DELETE", `/directory/deletedItems/${item.id}`);
      // Not found: it was deleted with the other one, or by someone else.
      const done = answer.status === 204 || isNotFound("Microsoft Graph", answer);
      outcomes.push({
        action: "purge",
        kind,
        name: item.name,
        id: item.id,
        refusal: done ? null : withRight(serviceRefusal("Microsoft Graph", answer)),
      });
    }
  }
  return outcomes;
}

/** Names what a refused caller lacks. */
export function withRight(refusal: ServiceRefusal): string {
  if (!isForbidden(refusal)) return refusal.message;
  return (
    `${refusal.message}. This needs Microsoft Graph's Application.ReadWrite.OwnedBy and to be an owner, or ` +
    "Application.ReadWrite.All; a person needs the role Cloud Application Administrator."
  );
}
