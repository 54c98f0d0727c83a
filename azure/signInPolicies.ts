import * as z from "zod/mini";
import type { ConditionalAccessPolicy } from "../core/access/signInPolicies";
import type { GraphApi } from "./graph";

const texts = z.pipe(
  z.nullish(z.array(z.string())),
  z.transform((list) => list ?? []),
);
const policy = z.object({
  displayName: z.string(),
  state: z.string(),
  conditions: z.object({
    applications: z.nullish(z.object({ includeApplications: texts, excludeApplications: texts })),
    authenticationFlows: z.nullish(z.object({ transferMethods: z.nullish(z.string()) })),
  }),
  grantControls: z.nullish(z.object({ builtInControls: texts })),
});
const authorizationPolicy = z.object({
  defaultUserRolePermissions: z.object({ permissionGrantPoliciesAssigned: texts }),
});

/**
 * Reads the tenant's Conditional Access policies.
 *
 * @throws {ServiceRefusal} 403 without `Policy.Read.All`, which is not among the rights asked for.
 * @see https://learn.microsoft.com/graph/api/conditionalaccessroot-list-policies (read 2026-11)
 */
export async function fetchConditionalAccess(graph: GraphApi): Promise<ConditionalAccessPolicy[]> {
  const policies = await graph.list("/identity/conditionalAccess/policies", policy);
  return policies.map(({ displayName, state, conditions, grantControls }) => ({
    displayName,
    state,
    includedApplications: conditions.applications?.includeApplications ?? [],
    excludedApplications: conditions.applications?.excludeApplications ?? [],
    controls: grantControls?.builtInControls ?? [],
    isForFlows: (conditions.authenticationFlows?.transferMethods ?? "") !== "",
  }));
}

/**
 * Reads which policies let users consent for themselves; none: only an administrator can.
 *
 * @throws {ServiceRefusal} as {@link fetchConditionalAccess}.
 * @see https://learn.microsoft.com/graph/api/authorizationpolicy-get (read 2026-11)
 */
export async function fetchUserConsentPolicies(graph: GraphApi): Promise<string[]> {
  const { defaultUserRolePermissions } = await graph.get(
    "/policies/authorizationPolicy",
    authorizationPolicy,
  );
  return defaultUserRolePermissions.permissionGrantPoliciesAssigned.filter((name) =>
    name.startsWith("ManagePermissionGrantsForSelf."),
  );
}
