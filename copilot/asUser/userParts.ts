import type { AppParts } from "../appParts";
import { artefactPaths } from "../files";
import { connectorSolution } from "../connectorSolution";
import type { ArtefactNames } from "../names";
import type { CopilotSettings, UserApp } from "../settings";
import { nothing } from "../solution/botComponents";
import { signInTopic } from "../topics/systemTopics";
import { asMeRequests } from "./asMeRequests";
import { asMeTopic } from "./asMeTopic";
import { asMeConnector } from "./connector";
import { userReadme } from "./userReadme";

/**
 * The parts for an app that acts as its signed-in user: a topic, a connector, and how the agent signs users in. No flow and
 * no variable.
 */
export function userParts(
  app: UserApp,
  settings: CopilotSettings,
  names: ArtefactNames,
  previousConnector: string | undefined,
): AppParts {
  const requests = asMeRequests(app, settings);
  // Its managed identity takes the place of a secret.
  const hasConnector =
    app.agentCredential === "federated" && requests.length > 0 && app.cloud.connectors !== undefined;
  const topic = asMeTopic(app, requests, names.asMeTopic);
  const signInText = `Please sign in. I then reach what you can reach (${app.delegated.join(", ")}), and no more.`;
  return {
    connection: undefined,
    flows: [],
    variables: [],
    components:
      requests.length === 0
        ? []
        : [
            {
              ...names.asMeTopic,
              kind: "topic",
              description: `Asks Microsoft Graph as the signed-in user, by ${app.name}.`,
              yaml: topic,
              uses: nothing,
            },
          ],
    phrase: names.asMeTopic.phrase,
    signInText,
    files: new Map([
      [artefactPaths.readme, userReadme(app, settings, names, requests, hasConnector)],
      ...(requests.length === 0 ? [] : [[artefactPaths.asMeTopic, topic] as const]),
      [artefactPaths.signInTopic, signInTopic(signInText).yaml],
      ...(hasConnector
        ? connectorSolution(asMeConnector(app, names.connector, requests), settings, names, previousConnector)
        : []),
    ]),
  };
}
