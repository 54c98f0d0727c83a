import type { LogicAppRequest } from "../core/agent/logicAppRequest";
import type { AppParts } from "./appParts";
import { artefactPaths, joinFiles } from "./files";
import { logicAppFlow, logicAppAddress } from "./flows/logicAppFlow";
import type { ArtefactNames } from "./names";
import { logicAppProblems } from "./problems";
import { logicAppReadme } from "./readme/logicAppReadme";
import { requestParts } from "./requestParts";
import type { AgentRequest } from "./requests/agentRequest";
import { ownRequest } from "./requests/chosenRequests";
import { logicAppRequestOf, type CopilotSettings, type LogicAppApp } from "./settings";

/**
 * The parts for an app whose Logic App asks Microsoft Graph: no secret and no token is within a flow's reach, so there is
 * no topic that gets one. Each request of the Logic App has a flow, the main one under the plain name.
 */
export function logicAppParts(app: LogicAppApp, settings: CopilotSettings, names: ArtefactNames): AppParts {
  const main = logicAppRequestOf(app, settings);
  const others = app.logicApp.requests.filter((request) => request !== main);
  const named = new Map<AgentRequest, LogicAppRequest>([
    [ownRequest(main), main],
    ...others.map((request) => [ownRequest(request, request.name), request] as const),
  ]);
  const requests = [...named.keys()];
  const parts = requestParts(app, requests, names, {
    definition: (request) => logicAppFlow(names, request, named.get(request)?.name ?? ""),
    problems: () => logicAppProblems,
    connectionReference: names.logicApp.logicalName,
  });
  return {
    connection: names.logicApp,
    flows: parts.flows,
    components: parts.components,
    variables: [
      {
        name: names.variables.logicAppPath,
        type: "String",
        description: "Path of the Logic App's trigger. Not a secret: without a token it opens nothing.",
        value: logicAppAddress(app.logicApp).path,
      },
    ],
    phrase: names.ofRequest(requests[0]?.title ?? "").topic.phrase,
    files: joinFiles(
      new Map([[artefactPaths.readme, logicAppReadme(app, settings, names, main, requests)]]),
      parts.files,
    ),
  };
}
