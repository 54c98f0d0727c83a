import { defaultGraphRequest, type GraphRequest } from "../core/permissions/graphRequest";
import type { AppParts } from "./appParts";
import { artefactPaths } from "./artefactPaths";
import { jsonFile } from "./files";
import { graphFlow } from "./flows/graphFlow";
import { tokenFlow } from "./flows/tokenFlow";
import type { ArtefactNames } from "./names";
import { postmanCollection, postmanEnvironment } from "./postman";
import { graphProblems } from "./problems";
import { readme } from "./readme/readme";
import type { CopilotSettings, SecretApp } from "./settings";
import type { TopicComponent } from "./solution/botComponents";
import { environmentVariables } from "./solution/environmentVariables";
import type { SolutionFlow } from "./solution/solution";
import { directGraphTopic } from "./topics/directGraphTopic";
import { directTopic } from "./topics/directTopic";
import { flowTopic } from "./topics/flowTopic";
import { graphTopic } from "./topics/graphTopic";

/** The parts for an app that signs in with a client secret: flows read it from the vault, and so does one topic. */
export function secretParts(app: SecretApp, settings: CopilotSettings, names: ArtefactNames): AppParts {
  const request = settings.graphRequest ?? defaultGraphRequest(app.permissions);
  const topics = {
    flow: flowTopic(app, settings, names),
    direct: directTopic(app, settings, names),
    graph: request === undefined ? undefined : graphTopic(app, request, names, graphProblems),
  };
  const path = artefactPaths;
  return {
    connection: names.dataverse,
    flows: flows(app, settings, names, request),
    variables: environmentVariables(app, names),
    topics: topicComponents(app, settings, names, topics),
    phrase: names.tokenTopic.phrase,
    files: new Map([
      [path.readme, readme(app, settings, names, request)],
      [path.flowTopic, topics.flow],
      [path.directTopic, topics.direct],
      ...(request === undefined || topics.graph === undefined
        ? []
        : ([
            [path.graphTopic, topics.graph],
            [path.directGraphTopic, directGraphTopic(app, request, names)],
          ] as const)),
      [path.postmanCollection, jsonFile(postmanCollection(app, names, request))],
      [path.postmanEnvironment, jsonFile(postmanEnvironment(app, names))],
    ]),
  };
}

function flows(
  app: SecretApp,
  settings: CopilotSettings,
  names: ArtefactNames,
  request: GraphRequest | undefined,
): SolutionFlow[] {
  return [
    {
      name: names.tokenFlow,
      description:
        `Gets a Microsoft Graph token for ${app.name} and answers with its type and lifetime` +
        `${settings.returnToken ? ", and with the token itself" : ""}.`,
      definition: tokenFlow(names, settings),
    },
    ...(request === undefined
      ? []
      : [
          {
            name: names.graphFlow,
            description: `Calls GET ${request.path} of Microsoft Graph as ${app.name} and answers with ${request.field}.`,
            definition: graphFlow(names, request),
          },
        ]),
  ];
}

interface TopicTexts {
  readonly flow: string;
  readonly direct: string;
  readonly graph: string | undefined;
}

function topicComponents(
  app: SecretApp,
  { tokenTopic }: CopilotSettings,
  names: ArtefactNames,
  topics: TopicTexts,
): AppParts["topics"] {
  const usesFlow = (workflowId: string): TopicComponent["uses"] => ({
    workflowIds: [workflowId],
    connectionReferences: [names.dataverse.logicalName],
    variables: [],
  });
  const { tenantId, clientId, clientSecret, graphScope } = names.variables;
  const usesVariables: TopicComponent["uses"] = {
    workflowIds: [],
    connectionReferences: [],
    variables: [tenantId, clientId, clientSecret, graphScope].map(({ schemaName }) => schemaName).sort(),
  };
  return [
    {
      ...names.tokenTopic,
      description: `Gets a Microsoft Graph access token for ${app.name}.`,
      yaml: topics[tokenTopic],
      uses: tokenTopic === "flow" ? usesFlow(names.tokenFlow.workflowId) : usesVariables,
    },
    ...(topics.graph === undefined
      ? []
      : [
          {
            ...names.graphTopic,
            description: `Asks Microsoft Graph with the rights of ${app.name}.`,
            yaml: topics.graph,
            uses: usesFlow(names.graphFlow.workflowId),
          },
        ]),
  ];
}
