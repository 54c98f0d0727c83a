/** Kind of an identity in a role assignment. A managed identity is a service principal. */
export const PrincipalType = { ServicePrincipal: "ServicePrincipal", User: "User", Group: "Group" } as const;
export type PrincipalType = (typeof PrincipalType)[keyof typeof PrincipalType];

/** An Azure role, as assignments name it. */
export interface AzureRole {
  readonly name: string;
  /** GUID at the end of its `roleDefinitionId`, the same in every tenant. */
  readonly guid: string;
}

/**
 * The built-in Azure roles that this project hands out, asks for or judges.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles (read 2026-11)
 */
export const azureRoles = {
  contributor: { name: "Contributor", guid: "b24988ac-6180-42a0-ab88-20f7382dd24c" },
  accessAdministrator: {
    name: "Role Based Access Control Administrator",
    guid: "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
  },
  keyVaultAdministrator: {
    name: "Key Vault Administrator",
    guid: "00482a5a-887f-4fb3-b363-3b7fe8e74483",
  },
  secretsOfficer: { name: "Key Vault Secrets Officer", guid: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7" },
  secretsUser: { name: "Key Vault Secrets User", guid: "4633458b-17de-408a-b874-0445c86b69e6" },
  certificatesOfficer: {
    name: "Key Vault Certificates Officer",
    guid: "a4417e6f-fecd-4de8-b567-7b0420556985",
  },
  cryptoUser: { name: "Key Vault Crypto User", guid: "12338af0-0e69-4776-bea7-57ae8d297424" },
  blobDataContributor: {
    name: "Storage Blob Data Contributor",
    guid: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  },
} as const satisfies Readonly<Record<string, AzureRole>>;

/** A role's full ID, as a role assignment in a subscription wants it. */
export function roleDefinitionIdOf(subscriptionId: string, { guid }: Pick<AzureRole, "guid">): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${guid}`;
}

/** The GUID at the end of a `roleDefinitionId`, in lower case. */
export function roleGuidIn(roleDefinitionId: string): string {
  return roleDefinitionId.slice(roleDefinitionId.lastIndexOf("/") + 1).toLowerCase();
}

/** Whether an Azure pattern such as `Microsoft.KeyVault/vaults/*` covers an action; case does not matter. */
export function actionMatches(pattern: string, action: string): boolean {
  const escaped = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`, "i").test(action);
}

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
