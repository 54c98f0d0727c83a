/** A role's full ID, as role assignments in a subscription have it. */
export function roleDefinitionIdOf(subscriptionId: string, guid: string): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${guid}`;
}

/** The GUID at the end of a `roleDefinitionId`, in lower case. */
export function roleGuidIn(roleDefinitionId: string): string {
  return roleDefinitionId.slice(roleDefinitionId.lastIndexOf("/") + 1).toLowerCase();
}

/** Whether an Azure pattern such as `Microsoft.KeyVault/vaults/*` covers an action; case does not matter. */
export function actionMatches(pattern: string, action: string): boolean {
  let expression = expressions.get(pattern);
  if (expression === undefined) {
    expression = expressionOf(pattern);
    expressions.set(pattern, expression);
  }
  return expression.test(action);
}

/** Each request is judged by the same few patterns of roles. */
const expressions = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  const escaped = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`, "i");
}
