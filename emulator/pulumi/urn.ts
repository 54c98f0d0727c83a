/** The root of every stack. */
export const stackType = "pulumi:pulumi:Stack";

export interface UrnParts {
  readonly type: string;
  readonly name: string;
}

/**
 * Writes a URN as Pulumi's engine does: the parent's types come before the resource's own.
 *
 * @see https://www.pulumi.com/docs/iac/concepts/resources/names/#urns (read 2026-11)
 */
export function urnOf(stack: string, project: string, parent: string | undefined, own: UrnParts): string {
  const parentTypes = parent === undefined ? "" : typesIn(parent);
  const prefix = parentTypes === "" || parentTypes === stackType ? "" : `${parentTypes}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${own.type}::${own.name}`;
}

/** Another URN that a resource had, as the program names it: whole, or by what differs. */
export type Alias =
  | { readonly urn: string }
  | { readonly type: string; readonly name: string; readonly parent: string | undefined };

/**
 * Every URN that a resource may have had: by its own aliases, and under each former URN of its parent.
 *
 * @param formerParents Former URNs of the parent.
 * @see https://www.pulumi.com/docs/iac/concepts/options/aliases/ (read 2026-11)
 */
export function formerUrns(
  stack: string,
  project: string,
  own: UrnParts,
  aliases: readonly Alias[],
  formerParents: readonly string[],
): string[] {
  const named = aliases.map((alias) =>
    "urn" in alias
      ? alias.urn
      : urnOf(stack, project, alias.parent, { type: alias.type || own.type, name: alias.name || own.name }),
  );
  return [...named, ...formerParents.map((parent) => urnOf(stack, project, parent, own))];
}

/** The provider resource in a reference to it, which Pulumi writes as `URN::ID`. */
export function providerUrn(reference: string): string {
  return reference.slice(0, reference.lastIndexOf("::"));
}

/** The resource's own type and name. */
export function urnParts(urn: string): UrnParts {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}

function typesIn(urn: string): string {
  return urn.split("::")[2] ?? "";
}

/**
 * Tells which URNs are meant by patterns as of `pulumi up --exclude`: `*` matches anything without a colon, `**` for
 * anything.
 *
 * @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/ (read 2026-11)
 */
export function urnMatcher(patterns: readonly string[]): (urn: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const parts = pattern
      .split(/(\*\*?)/)
      .map((part) => wildcards[part] ?? part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join("")}$`);
  });
  return (urn) => expressions.some((expression) => expression.test(urn));
}

const wildcards: Readonly<Record<string, string>> = { "*": "[^:]*", "**": ".*" };
