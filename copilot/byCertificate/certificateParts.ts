import type { AppParts } from "../appParts";
import { artefactPaths } from "../files";
import { connectorSolution } from "../connectorSolution";
import type { ArtefactNames } from "../names";
import { chosenRequests } from "../requests/chosenRequests";
import type { CertificateApp, CopilotSettings } from "../settings";
import { certificateConnector, fitsConnector } from "./certificateConnector";
import { certificateReadme } from "./certificateReadme";

/**
 * The parts for an app with a certificate whose key may be exported: a connector. A tool that uses it names the connector as the
 * environment does, so that tools are added there.
 */
export function certificateParts(
  app: CertificateApp,
  settings: CopilotSettings,
  names: ArtefactNames,
  previousConnector: string | undefined,
): AppParts {
  const requests = chosenRequests(app, settings).filter(fitsConnector);
  const connector = certificateConnector(app, names.certificateConnector, requests);
  return {
    connection: undefined,
    flows: [],
    variables: [],
    components: [],
    phrase: "",
    files: new Map([
      [artefactPaths.readme, certificateReadme(app, names, requests)],
      ...(requests.length === 0 ? [] : connectorSolution(connector, settings, names, previousConnector)),
    ]),
  };
}
