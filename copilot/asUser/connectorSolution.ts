import { artefactPaths } from "../artefactPaths";
import { below, joinFiles, type ArtefactFiles } from "../files";
import type { ArtefactNames } from "../names";
import type { CopilotSettings, UserApp } from "../settings";
import { buildSolution } from "../solution/solution";
import { asMeConnector } from "./connector";
import type { AsMeRequest } from "./asMeRequests";

/** The connector's own solution: an environment needs a connector before anything that uses it. */
export function connectorSolution(
  app: UserApp,
  settings: CopilotSettings,
  names: ArtefactNames,
  requests: readonly AsMeRequest[],
  previousVersion: string | undefined,
): ArtefactFiles {
  const { unpacked, zip } = buildSolution({
    names: { publisher: names.publisher, solution: names.connectorSolution },
    connection: undefined,
    settings,
    flows: [],
    variables: [],
    components: [],
    connectors: [asMeConnector(app, names.connector, requests)],
    newAgent: undefined,
    previousVersion,
  });
  return joinFiles(
    below(artefactPaths.connectorFolder, unpacked),
    new Map([[artefactPaths.connectorZip, zip]]),
  );
}
