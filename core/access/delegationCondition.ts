import type { AzureRole } from "./azureRoles";

/** Version of the condition's syntax, which has to be named beside it. */
export const conditionVersion = "2.0";

/**
 * The condition that lets an identity assign and remove only these roles: the portal's "Allow user to only assign
 * selected roles". Without it, an identity that may assign roles can make itself owner.
 *
 * Azure checks an added assignment by the request, and a removed one by the existing assignment, so the condition has two parts.
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
