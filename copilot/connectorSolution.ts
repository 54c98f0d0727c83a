import { artefactPaths, below, joinFiles, type ArtefactFiles } from "./files";
import type { ArtefactNames } from "./names";
import type { CopilotSettings } from "./settings";
import type { SolutionConnector } from "./solution/connector";
import { buildSolution } from "./solution/solution";

/** The connector's own solution: an environment needs a connector before anything that uses it. */
export function connectorSolution(
  connector: SolutionConnector,
  settings: CopilotSettings,
  names: ArtefactNames,
  previousVersion: string | undefined,
): ArtefactFiles {
  const { unpacked, zip } = buildSolution({
    names: { publisher: names.publisher, solution: names.connectorSolution },
    connection: undefined,
    settings,
    flows: [],
    variables: [],
    components: [],
    connectors: [connector],
    newAgent: undefined,
    previousVersion,
  });
  return joinFiles(
    below(artefactPaths.connectorFolder, unpacked),
    new Map([[artefactPaths.connectorZip, zip]]),
  );
}
