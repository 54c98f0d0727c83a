import { tokenFlowOutputs } from "../flows/tokenFlow";
import type { ArtefactNames } from "../names";
import { tokenProblems } from "../problems";
import type { CopilotApp, CopilotSettings } from "../settings";
import { reportOutcome, sendActivity } from "./nodes";
import { topicFile } from "./topicFile";
import { tokenTopicDescription } from "./tokenTopic";

/** The topic "Get Azure Access Token", flow variant: calls the flow and keeps its outputs in variables. */
export function flowTopic(
  app: CopilotApp,
  { returnToken }: Pick<CopilotSettings, "returnToken">,
  names: ArtefactNames,
): string {
  const outputs = tokenFlowOutputs(returnToken);
  return topicFile({
    displayName: names.tokenTopic.displayName,
    modelDescription: tokenTopicDescription(app, names.tokenTopic, returnToken),
    triggerQueries: [names.tokenTopic.phrase],
    actions: [
      {
        kind: "InvokeFlowAction",
        id: "invokeFlowAction_getTok",
        displayName: names.tokenFlow.displayName,
        input: {},
        output: {
          binding: Object.fromEntries(outputs.map(({ property, variable }) => [property, variable])),
        },
        flowId: names.tokenFlow.workflowId,
      },
      reportOutcome(
        tokenProblems(app.cloud),
        sendActivity(
          "gotone",
          returnToken
            ? "{Topic.TokenType} token, valid for {Topic.ExpiresIn} seconds: {Topic.AccessToken}"
            : "{Topic.TokenType} token, valid for {Topic.ExpiresIn} seconds.",
        ),
      ),
    ],
  });
}
