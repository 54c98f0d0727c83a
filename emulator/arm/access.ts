import { actionMatches, roleGuidIn } from "./roleIds";
import type { RoleAssignment, RoleDefinition, RolePermissions, Tenant, TenantState } from "../tenant/tenant";
import type { Caller } from "../entra/tokens";
import { ArmError } from "./armError";
import { isWithin } from "./armPath";
import { builtInRoles } from "./builtInRoles";
import { parseCondition, type ConditionContext } from "./roleCondition";

/** A right of the control plane (`action`) or of a service's own plane (`dataAction`). */
export type Right = { readonly action: string } | { readonly dataAction: string };

/** Built-in or custom role by the GUID at the end of its ID. */
export function findRole(state: TenantState, roleDefinitionId: string): RoleDefinition | undefined {
  const guid = roleGuidIn(roleDefinitionId);
  return builtInRoles.find(({ name }) => name === guid) ?? state.arm.roleDefinitions[guid];
}

/**
 * Whether one block of a role's permissions holds a right: allowed by a pattern and not taken back by another.
 * `*` matches any text, slashes included; case does not matter.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/role-definitions (read 2026-11)
 */
export function allows(permissions: RolePermissions, right: Right): boolean {
  return "action" in right
    ? matchesAny(permissions.actions, right.action) && !matchesAny(permissions.notActions, right.action)
    : matchesAny(permissions.dataActions, right.dataAction) &&
        !matchesAny(permissions.notDataActions, right.dataAction);
}

/** A principal and the groups that it is a member of, as lower-case object IDs. */
export function principalAndGroups(state: TenantState, principalId: string): ReadonlySet<string> {
  const principal = principalId.toLowerCase();
  const groups = Object.values(state.directory.groups).filter(({ memberIds }) =>
    memberIds.includes(principal),
  );
  return new Set([principal, ...groups.map(({ id }) => id.toLowerCase())]);
}

/** The role assignments that reach a scope, at it or around it, of a principal and its groups. */
export function assignmentsReaching(
  state: TenantState,
  principalId: string,
  scope: string,
): RoleAssignment[] {
  const principals = principalAndGroups(state, principalId);
  return Object.values(state.arm.roleAssignments).filter(
    (assignment) => principals.has(assignment.principalId.toLowerCase()) && isWithin(scope, assignment.scope),
  );
}

/** Attributes that role assignment conditions judge; most requests have none. */
export type ConditionAttributes = ConditionContext["attributes"];

const noAttributes: ConditionAttributes = { Request: {}, Resource: {} };

export interface DecisionOptions {
  /** Assignments younger than this do not count yet. Default 0. */
  readonly lagSeconds?: number;
  /** Default: none. */
  readonly attributes?: ConditionAttributes;
}

/**
 * Azure's decision: whether any role that a principal holds at a scope, or around it, has a right, and its condition,
 * where it has one, is met.
 *
 * @returns `condition` where nothing but conditions stands between the principal and the right.
 */
export function decide(
  tenant: Tenant,
  principalId: string,
  right: Right,
  scope: string,
  { lagSeconds = 0, attributes = noAttributes }: DecisionOptions = {},
): "permitted" | "condition" | "denied" {
  const countsUntil = tenant.clock.now().getTime() - lagSeconds * 1000;
  const granting = assignmentsReaching(tenant.state, principalId, scope)
    .filter(({ createdOn }) => Date.parse(createdOn) <= countsUntil || lagSeconds === 0)
    .filter(({ roleDefinitionId }) =>
      findRole(tenant.state, roleDefinitionId)?.permissions.some((permissions) => allows(permissions, right)),
    );
  const action = "action" in right ? right.action : right.dataAction;
  const permitted = granting.some(({ condition }) =>
    typeof condition === "string" ? parseCondition(condition)({ action, attributes }) : true,
  );
  if (permitted) return "permitted";
  return granting.length > 0 ? "condition" : "denied";
}

/** Whether {@link decide} lets a principal pass. */
export function isPermitted(
  tenant: Tenant,
  principalId: string,
  right: Right,
  scope: string,
  options: DecisionOptions = {},
): boolean {
  return decide(tenant, principalId, right, scope, options) === "permitted";
}

/**
 * Lets a caller with the right pass.
 *
 * @throws {ArmError} 403 `AuthorizationFailed` with Azure's text, naming client, object, action and scope.
 */
export function demand(
  tenant: Tenant,
  caller: Caller,
  action: string,
  scope: string,
  attributes: ConditionAttributes = noAttributes,
): void {
  const decision = decide(tenant, caller.objectId, { action }, scope, { attributes });
  if (decision === "permitted") return;
  // The second wording is common in reports from 2024 on, not in Microsoft's documentation (read 2026-11).
  const lacks =
    decision === "denied"
      ? "does not have authorization to perform action"
      : "has an authorization with ABAC condition that is not fulfilled to perform action";
  throw new ArmError(
    403,
    "AuthorizationFailed",
    `The client '${caller.clientId}' with object id '${caller.objectId}' ${lacks} ` +
      `'${action}' over scope '${scope === "" ? "/" : scope}' or the scope is invalid. ` +
      "If access was recently granted, please refresh your credentials.",
  );
}

function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => actionMatches(pattern, name));
}
