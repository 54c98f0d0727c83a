import { z } from "zod";
import type { AppOutputs } from "../../core/outputs/stackOutputs";
import type { Grant, GraphRoles } from "../../azure/directory";
import type { GraphApi } from "../../azure/graph";
import { knowing } from "../shared/known";
import type { GrantOrigin } from "./evidence";

const audit = z.object({
  activityDateTime: z.string(),
  initiatedBy: z.object({
    user: z.object({ userPrincipalName: z.string().nullish(), id: z.string().nullish() }).nullish(),
    app: z.object({ displayName: z.string().nullish(), servicePrincipalId: z.string().nullish() }).nullish(),
  }),
});

/** The audit log and the grant write the same act within seconds of each other. */
const sameActMilliseconds = 60_000;

/**
 * Looks up who made the grants that nobody asked for, in the directory's audit log (kept for 7 or 30 days).
 *
 * @returns By grant ID; nothing for what the caller may not read (AuditLog.Read.All) or the log no longer has.
 * @see https://learn.microsoft.com/graph/api/directoryaudit-list (read 2026-11)
 */
export async function fetchOrigins(
  graph: GraphApi,
  app: AppOutputs,
  grants: readonly Grant[],
  roles: GraphRoles,
): Promise<Map<string, GrantOrigin>> {
  const origins = new Map<string, GrantOrigin>();
  const unasked = grants.filter(
    ({ appRoleId, resourceId }) =>
      resourceId !== roles.graphObjectId || !app.permissions.includes(roles.names.get(appRoleId) ?? ""),
  );
  if (unasked.length === 0) return origins;
  const filter =
    "activityDisplayName eq 'Add app role assignment to service principal' and " +
    `targetResources/any(t:t/id eq '${app.servicePrincipalObjectId}')`;
  const entries = await knowing(graph.list(`/auditLogs/directoryAudits?$filter=${filter}`, audit));
  if (!entries.known) return origins;
  for (const { id, createdDateTime } of unasked) {
    const madeAt = Date.parse(createdDateTime ?? "");
    const entry = entries.value.find(
      ({ activityDateTime }) => Math.abs(Date.parse(activityDateTime) - madeAt) < sameActMilliseconds,
    );
    if (entry === undefined) continue;
    const { user, app: byApp } = entry.initiatedBy;
    const by = user?.userPrincipalName ?? user?.id ?? byApp?.displayName ?? byApp?.servicePrincipalId;
    if (by != null) origins.set(id, { at: entry.activityDateTime, by });
  }
  return origins;
}
