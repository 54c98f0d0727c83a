import type { AppParts } from "./appParts";
import { artefactPaths } from "./artefactPaths";
import { logicAppFlow } from "./flows/logicAppFlow";
import { logicAppAddress } from "./logicAppAddress";
import type { ArtefactNames } from "./names";
import { logicAppProblems } from "./problems";
import { logicAppReadme } from "./readme/logicAppReadme";
import { logicAppRequestOf, type CopilotSettings, type LogicAppApp } from "./settings";
import { graphTopic } from "./topics/graphTopic";

/**
 * The parts for an app whose Logic App asks Microsoft Graph: no secret and no token is within the flow's reach, so
 * there is no topic that gets one.
 */
export function logicAppParts(app: LogicAppApp, settings: CopilotSettings, names: ArtefactNames): AppParts {
  const request = logicAppRequestOf(app, settings);
  const topic = graphTopic(app, request, names, logicAppProblems);
  return {
    connection: names.logicApp,
    flows: [
      {
        name: names.graphFlow,
        description: `Asks the Logic App of ${app.name} for "${request.name}" (GET ${request.path} of Microsoft Graph) and answers with ${request.field}.`,
        definition: logicAppFlow(names, request),
      },
    ],
    variables: [
      {
        name: names.variables.logicAppPath,
        type: "String",
        description: "Path of the Logic App's trigger. Not a secret: without a token it opens nothing.",
        value: logicAppAddress(app.logicApp).path,
      },
    ],
    topics: [
      {
        ...names.graphTopic,
        description: `Asks Microsoft Graph with the rights of ${app.name}.`,
        yaml: topic,
        uses: {
          workflowIds: [names.graphFlow.workflowId],
          connectionReferences: [names.logicApp.logicalName],
          variables: [],
        },
      },
    ],
    phrase: names.graphTopic.phrase,
    files: new Map([
      [artefactPaths.readme, logicAppReadme(app, settings, names, request)],
      [artefactPaths.graphTopic, topic],
    ]),
  };
}
