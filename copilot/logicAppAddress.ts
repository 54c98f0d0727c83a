import type { LogicAppOutputs } from "../core/settings/logicAppSettings";

/** A Logic App's address in the two parts that Power Platform wants: the connection's, and the flow's. */
export interface LogicAppAddress {
  /** The connection's "Base Resource URL". */
  readonly baseUrl: string;
  /** Path and query of the trigger. */
  readonly path: string;
}

/** Takes an endpoint apart. The port that Azure writes out is the usual one, which a base URL need not repeat. */
export function logicAppAddress({ endpoint }: Pick<LogicAppOutputs, "endpoint">): LogicAppAddress {
  const { origin, pathname, search } = new URL(endpoint);
  return { baseUrl: origin, path: `${pathname}${search}` };
}
