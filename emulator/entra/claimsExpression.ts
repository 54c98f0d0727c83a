/** One comparison, such as `claims['sub'] matches 'repo:contoso/*'`. */
const comparison = /^claims\['(\w+)'\]\s+(eq|matches)\s+'([^']*)'$/;

/**
 * Whether an assertion's claims fit the expression of a flexible federated credential: comparisons joined by `and`;
 * `*` matches any text, `?` one character. An expression of another form matches nothing.
 *
 * @see https://learn.microsoft.com/entra/workload-id/workload-identities-flexible-federated-identity-credentials (read 2026-11)
 */
export function claimsMatch(expression: string, claims: Readonly<Record<string, unknown>>): boolean {
  return expression.split(/\s+and\s+/).every((clause) => {
    const [, name = "", operator, wanted = ""] = comparison.exec(clause.trim()) ?? [];
    const value = claims[name];
    if (operator === undefined || typeof value !== "string") return false;
    return operator === "eq" ? value === wanted : patternOf(wanted).test(value);
  });
}

function patternOf(text: string): RegExp {
  const escaped = text.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
