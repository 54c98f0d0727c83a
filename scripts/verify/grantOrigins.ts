import * as z from "zod/mini";
import type { AppOutputs } from "../../core/outputs/stackOutputs";
import type { DelegatedGrant, Grant, GraphRoles } from "../../azure/directory";
import type { GraphApi } from "../../azure/graph";
import { knowing } from "../shared/known";
import type { GrantOrigin } from "./evidence";

const audit = z.object({
  activityDateTime: z.string(),
  targetResources: z._default(
    z.array(
      z.object({
        modifiedProperties: z.nullish(z.array(z.object({ newValue: z.nullish(z.string()) }))),
      }),
    ),
    [],
  ),
  initiatedBy: z.object({
    user: z.nullish(z.object({ userPrincipalName: z.nullish(z.string()), id: z.nullish(z.string()) })),
    app: z.nullish(
      z.object({ displayName: z.nullish(z.string()), servicePrincipalId: z.nullish(z.string()) }),
    ),
  }),
});

/** The audit log and the grant write the same act within seconds of each other. */
const sameActMilliseconds = 60_000;

/**
 * Looks up who made the grants that the settings do not request, in the directory's audit log (kept for 7 or 30 days).
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
  const entries = await fetchAudits(graph, app, "Add app role assignment to service principal");
  for (const { id, createdDateTime } of unasked) {
    const madeAt = Date.parse(createdDateTime ?? "");
    const entry = entries.find(
      ({ activityDateTime }) => Math.abs(Date.parse(activityDateTime) - madeAt) < sameActMilliseconds,
    );
    const origin = originOf(entry);
    if (origin !== undefined) origins.set(id, origin);
  }
  return origins;
}

/**
 * Looks up who consented to delegated permissions that the settings do not request. A grant has no date, so the newest entry that
 * names the permission counts.
 *
 * @returns By name of the permission.
 */
export async function fetchConsentOrigins(
  graph: GraphApi,
  app: AppOutputs,
  grants: readonly DelegatedGrant[],
): Promise<Map<string, GrantOrigin>> {
  const asked = app.delegated ?? [];
  const unasked = new Set(
    grants.flatMap(({ scope }) => scopeNames(scope)).filter((name) => !asked.includes(name)),
  );
  const origins = new Map<string, GrantOrigin>();
  if (unasked.size === 0) return origins;
  const entries = await fetchAudits(graph, app, "Add delegated permission grant");
  const newestFirst = entries.sort((one, other) =>
    other.activityDateTime.localeCompare(one.activityDateTime),
  );
  for (const name of unasked) {
    const entry = newestFirst.find(({ targetResources }) =>
      targetResources
        .flatMap(({ modifiedProperties }) => modifiedProperties ?? [])
        .some(({ newValue }) => scopeNames(newValue).includes(name)),
    );
    const origin = originOf(entry);
    if (origin !== undefined) origins.set(name, origin);
  }
  return origins;
}

/** Names in a grant's scope; the audit log has it in quotes. */
export function scopeNames(scope: string | null | undefined): string[] {
  return (scope ?? "").split(/[\s"]+/).filter((name) => name !== "");
}

async function fetchAudits(
  graph: GraphApi,
  { servicePrincipalObjectId }: AppOutputs,
  activity: string,
): Promise<z.infer<typeof audit>[]> {
  const filter = `activityDisplayName eq '${activity}' and targetResources/any(t:t/id eq '${servicePrincipalObjectId}')`;
  const entries = await knowing(graph.list(`/auditLogs/directoryAudits?$filter=${filter}`, audit));
  return entries.known ? entries.value : [];
}

function originOf(entry: z.infer<typeof audit> | undefined): GrantOrigin | undefined {
  const { user, app } = entry?.initiatedBy ?? {};
  const by = user?.userPrincipalName ?? user?.id ?? app?.displayName ?? app?.servicePrincipalId;
  return entry === undefined || by == null ? undefined : { at: entry.activityDateTime, by };
}
