import type { Cloud } from "../core/cloud/clouds";

/** Everything that was granted to the app on Microsoft Graph: the only scope that client credentials can ask for. */
export function graphScope({ graph }: Pick<Cloud, "graph">): string {
  return `${graph}/.default`;
}
