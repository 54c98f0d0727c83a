import { deploymentSettingsFile } from "./deploymentSettings";
import { below, joinFiles, jsonFile, type ArtefactFiles } from "./files";
import { graphFlow } from "./flows/graphFlow";
import { tokenFlow } from "./flows/tokenFlow";
import { defaultGraphRequest, type GraphRequest } from "./graphRequest";
import { artefactNames, type ArtefactNames } from "./names";
import { postmanCollection, postmanEnvironment } from "./postman";
import { readme } from "./readme/readme";
import type { CopilotApp, CopilotSettings } from "./settings";
import { newAgentSchemaName } from "./solution/agent";
import type { TopicComponent } from "./solution/botComponents";
import { environmentVariables } from "./solution/environmentVariables";
import { buildSolution, type SolutionFlow } from "./solution/solution";
import { directTopic } from "./topics/directTopic";
import { flowTopic } from "./topics/flowTopic";
import { graphTopic } from "./topics/graphTopic";
import { systemTopics } from "./topics/systemTopics";
import { tokenTriggerQueries } from "./topics/tokenTopic";

/** Where the files of one app lie, relative to its folder. */
export const artefactPaths = {
  readme: "README.md",
  flowTopic: "topics/get-azure-access-token.flow.yaml",
  directTopic: "topics/get-azure-access-token.direct.yaml",
  graphTopic: "topics/ask-microsoft-graph.yaml",
  solutionFolder: "solution",
  solutionZip: "solution.zip",
  deploymentSettings: "deployment-settings.json",
  postmanCollection: "postman/collection.json",
  postmanEnvironment: "postman/environment.json",
} as const;

/**
 * Everything for one app: topics, flows, solution, settings, Postman files and a README.
 * Equal input gives equal bytes, and a rotation changes no input.
 *
 * @param settings Judged before, by `settingsFaults` and `appFaults`.
 */
export function artefacts(app: CopilotApp, settings: CopilotSettings): ArtefactFiles {
  const names = artefactNames(app, settings);
  const request = settings.graphRequest ?? defaultGraphRequest(app.permissions);
  const topics = {
    flow: flowTopic(app, settings, names),
    direct: directTopic(app, settings, names),
    graph: request === undefined ? undefined : graphTopic(app, request, names),
  };
  const variables = environmentVariables(app, names);
  const newAgent =
    settings.newAgent === undefined
      ? undefined
      : {
          schemaName: newAgentSchemaName(settings.publisherPrefix, settings.newAgent),
          displayName: settings.newAgent,
        };
  const agents = [...settings.agents, ...(newAgent === undefined ? [] : [newAgent.schemaName])];
  const solution = buildSolution({
    names,
    settings,
    flows: flows(app, settings, names, request),
    variables,
    topics: [
      ...agents.flatMap((agent) => topicComponents(agent, app, settings, names, topics)),
      ...(newAgent === undefined ? [] : systemComponents(newAgent.schemaName)),
    ],
    newAgent,
  });
  const path = artefactPaths;
  return joinFiles(
    new Map([
      [path.readme, readme(app, settings, names, request)],
      [path.flowTopic, topics.flow],
      [path.directTopic, topics.direct],
      ...(topics.graph === undefined ? [] : [[path.graphTopic, topics.graph] as const]),
      [path.deploymentSettings, deploymentSettingsFile(names, settings, variables)],
      [path.postmanCollection, jsonFile(postmanCollection(app, names, request))],
      [path.postmanEnvironment, jsonFile(postmanEnvironment(app, names))],
    ]),
    below(path.solutionFolder, solution.unpacked),
    new Map([[path.solutionZip, solution.zip]]),
  );
}

function flows(
  app: CopilotApp,
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
  agentSchemaName: string,
  app: CopilotApp,
  { tokenTopic }: CopilotSettings,
  names: ArtefactNames,
  topics: TopicTexts,
): TopicComponent[] {
  const usesFlow = (workflowId: string): TopicComponent["uses"] => ({
    workflowIds: [workflowId],
    connectionReferences: [names.connectionReference],
    variables: [],
  });
  const usesVariables: TopicComponent["uses"] = {
    workflowIds: [],
    connectionReferences: [],
    variables: Object.values(names.variables)
      .map(({ schemaName }) => schemaName)
      .sort(),
  };
  return [
    {
      agentSchemaName,
      ...names.tokenTopic,
      description: `Gets a Microsoft Graph access token for ${app.name}.`,
      yaml: topics[tokenTopic],
      uses: tokenTopic === "flow" ? usesFlow(names.tokenFlow.workflowId) : usesVariables,
    },
    ...(topics.graph === undefined
      ? []
      : [
          {
            agentSchemaName,
            ...names.graphTopic,
            description: `Asks Microsoft Graph with the rights of ${app.name}.`,
            yaml: topics.graph,
            uses: usesFlow(names.graphFlow.workflowId),
          },
        ]),
  ];
}

function systemComponents(agentSchemaName: string): TopicComponent[] {
  const nothing: TopicComponent["uses"] = { workflowIds: [], connectionReferences: [], variables: [] };
  const hint = tokenTriggerQueries[0] ?? "";
  return systemTopics(agentSchemaName, hint).map((topic) => ({ agentSchemaName, ...topic, uses: nothing }));
}
