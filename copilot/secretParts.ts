import type { AppParts } from "./appParts";
import { artefactPaths, joinFiles, jsonFile } from "./files";
import { graphFlow } from "./flows/graphFlow";
import { tokenFlow } from "./flows/tokenFlow";
import type { ArtefactNames } from "./names";
import { postmanCollection, postmanEnvironment } from "./postman";
import { requestProblems } from "./problems";
import { readme } from "./readme/readme";
import { requestParts, requestPaths } from "./requestParts";
import { chosenRequests } from "./requests/chosenRequests";
import type { CopilotSettings, SecretApp } from "./settings";
import type { BotComponent } from "./solution/botComponents";
import { environmentVariables } from "./solution/environmentVariables";
import { directGraphTopic } from "./topics/directGraphTopic";
import { directTopic, flowTopic } from "./topics/tokenTopic";

/** The parts for an app that signs in with a client secret: flows read it from the vault, and so does one topic. */
export function secretParts(app: SecretApp, settings: CopilotSettings, names: ArtefactNames): AppParts {
  const requests = chosenRequests(app, settings);
  const plain = requests.filter(({ parameters, change }) => parameters.length === 0 && change === undefined);
  const byRequest = requestParts(app, requests, names, {
    definition: (request) => graphFlow(app.cloud, names, request),
    problems: ({ api }) => requestProblems(app.cloud, api),
    connectionReference: names.dataverse.logicalName,
  });
  const topics = { flow: flowTopic(app, settings, names), direct: directTopic(app, settings, names) };
  const path = artefactPaths;
  return {
    connection: names.dataverse,
    flows: [
      {
        name: names.tokenFlow,
        description:
          `Gets a Microsoft Graph token for ${app.name} and answers with its type and lifetime` +
          `${settings.returnToken ? ", and with the token itself" : ""}.`,
        definition: tokenFlow(app.cloud, names, settings),
      },
      ...byRequest.flows,
    ],
    variables: environmentVariables(app, names, requests),
    components: [
      {
        ...names.tokenTopic,
        kind: "topic",
        description: `Gets a Microsoft Graph access token for ${app.name}.`,
        yaml: topics[settings.tokenTopic],
        uses: usesOf(settings, names),
      },
      ...byRequest.components,
    ],
    phrase: names.tokenTopic.phrase,
    files: joinFiles(
      new Map([
        [path.readme, readme(app, settings, names, requests)],
        [path.flowTopic, topics.flow],
        [path.directTopic, topics.direct],
        [path.postmanCollection, jsonFile(postmanCollection(app, names, plain))],
        [path.postmanEnvironment, jsonFile(postmanEnvironment(app, names, plain))],
      ]),
      byRequest.files,
      new Map(
        requests.map((request) => [requestPaths(request).directTopic, directGraphTopic(app, request, names)]),
      ),
    ),
  };
}

/** What the token topic uses: its flow, or by itself what the flow reads. */
function usesOf({ tokenTopic }: CopilotSettings, names: ArtefactNames): BotComponent["uses"] {
  const { tenantId, clientId, clientSecret, graphScope } = names.variables;
  return tokenTopic === "flow"
    ? {
        workflowIds: [names.tokenFlow.workflowId],
        connectionReferences: [names.dataverse.logicalName],
        variables: [],
      }
    : {
        workflowIds: [],
        connectionReferences: [],
        variables: [tenantId, clientId, clientSecret, graphScope].map(({ schemaName }) => schemaName).sort(),
      };
}
