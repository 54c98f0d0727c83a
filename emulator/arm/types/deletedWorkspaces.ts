import { json } from "../../server/http";
import type { ArmResource, Tenant } from "../../tenant/tenant";
import { ArmError, methodNotAllowed } from "../armError";
import { isWithin } from "../armPath";
import { demandRight, type ArmRequest } from "../armRequest";
import { page } from "../lists";

/**
 * Days in which a deleted workspace can be restored, by creating it again under its name in its resource group.
 *
 * @see https://learn.microsoft.com/rest/api/loganalytics/workspaces/delete (read 2026-11)
 */
const recoverableDays = 14;

export function keepDeletedWorkspace({ state, clock }: Tenant, workspace: ArmResource): void {
  const kept = (state.arm.deletedWorkspaces ??= {});
  kept[workspace.id.toLowerCase()] = { workspace, deletedAt: clock.now().toISOString() };
}

/**
 * The deleted workspace that a creation brings back, taken off the list of deleted ones.
 *
 * @throws {ArmError} 409 while the name belongs to a deleted workspace elsewhere.
 */
export function takeDeletedWorkspace(tenant: Tenant, id: string, name: string): ArmResource | undefined {
  forgetExpired(tenant);
  const kept = tenant.state.arm.deletedWorkspaces ?? {};
  const own = kept[id.toLowerCase()];
  if (own !== undefined) {
    Reflect.deleteProperty(kept, id.toLowerCase());
    return own.workspace;
  }
  if (Object.values(kept).some(({ workspace }) => workspace.name.toLowerCase() === name.toLowerCase())) {
    throw new ArmError(409, "Conflict", `The workspace name '${name}' is not unique`);
  }
  return undefined;
}

/**
 * `GET …/providers/Microsoft.OperationalInsights/deletedWorkspaces`, of a subscription or of a resource group.
 *
 * @see https://learn.microsoft.com/rest/api/loganalytics/deleted-workspaces/list (read 2026-11)
 */
export function listDeletedWorkspaces(request: ArmRequest): Response {
  const { tenant, path, method } = request;
  if (method !== "GET") throw methodNotAllowed(method);
  demandRight(request, "Microsoft.OperationalInsights/deletedWorkspaces/read", path.scope);
  forgetExpired(tenant);
  const found = Object.values(tenant.state.arm.deletedWorkspaces ?? {})
    .map(({ workspace }) => workspace)
    .filter(({ id }) => isWithin(id, path.scope));
  return json(200, page(found, new URL(request.request.url)));
}

function forgetExpired({ state, clock }: Tenant): void {
  const limit = clock.now().getTime() - recoverableDays * 86_400_000;
  const kept = state.arm.deletedWorkspaces ?? {};
  for (const [id, { deletedAt }] of Object.entries(kept)) {
    if (Date.parse(deletedAt) <= limit) Reflect.deleteProperty(kept, id);
  }
}
