import type { AzureRole } from "./azureRoles";

/** Version of the condition's syntax, which has to be named beside it. */
export const conditionVersion = "2.0";

/**
 * The condition under which somebody may hand out and take away these roles, and no others: the portal's "Allow user
 * to only assign selected roles". Without it, whoever may assign roles can make itself owner.
 *
 * Adding is judged by what the request asks for, removing by what is there, so each needs its half.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples (read 2026-11):
 *   "Constrain roles"
 */
export function delegationCondition(roles: readonly Pick<AzureRole, "guid">[]): string {
  const guids = roles.map(({ guid }) => guid).join(", ");
  const half = (action: "write" | "delete", source: "Request" | "Resource"): string =>
    `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${action}'})) OR ` +
    `(@${source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${guids}}))`;
  return `${half("write", "Request")} AND ${half("delete", "Resource")}`;
}
