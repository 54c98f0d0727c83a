import { createHash } from "node:crypto";

/**
 * How many characters Dataverse takes of a name.
 *
 * @see https://learn.microsoft.com/power-apps/developer/data-platform/reference/about-entity-reference (read 2026-11):
 *   the pages of solution, botcomponent, workflow, environmentvariabledefinition, connectionreference and bot
 */
export const dataverseLimits = {
  solutionUniqueName: 65,
  solutionFriendlyName: 256,
  /** Schema names and names of agents and environment variables, and schema names of an agent's components. */
  schemaName: 100,
  displayName: 100,
  /** Of a flow. */
  workflowName: 100,
  connectionReference: 200,
  /** Of a custom connector: what its title may have in Microsoft's certification. */
  connectorName: 30,
} as const;

/** What an agent's own schema name leaves to those of its topics and tools; `.action.` and `.topic.` are part of them. */
export const longestAgentSchemaName = 60;

/**
 * A name that Dataverse takes: itself, or its beginning and a hash of the whole, so that two long names stay two and
 * one name is always shortened alike.
 */
export function fitted(name: string, maximum: number): string {
  if (name.length <= maximum) return name;
  const hash = createHash("sha1").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, maximum - hash.length)}${hash}`;
}
