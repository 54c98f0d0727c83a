import { graphFlowOutputs } from "../flows/graphFlow";
import type { GraphRequest } from "../../core/permissions/graphRequest";
import type { ArtefactNames } from "../names";
import type { KnownProblem } from "../problems";
import type { CopilotApp } from "../settings";
import { reportOutcome, sendActivity, type TopicNode } from "./nodes";
import { topicFile } from "./topicFile";

/**
 * The topic of the graph-call pair: it receives Microsoft Graph's answer and never a token.
 *
 * @param problems What the flow can meet.
 */
export function graphTopic(
  app: CopilotApp,
  request: GraphRequest,
  names: ArtefactNames,
  problems: readonly KnownProblem[],
): string {
  return topicFile({
    displayName: names.graphTopic.displayName,
    modelDescription: graphTopicDescription(app, request, names),
    triggerQueries: [names.graphTopic.phrase],
    actions: [
      {
        kind: "InvokeFlowAction",
        id: "invokeFlowAction_askGra",
        displayName: names.graphFlow.displayName,
        input: {},
        output: {
          binding: Object.fromEntries(
            graphFlowOutputs(request).map(({ property, variable }) => [property, variable]),
          ),
        },
        flowId: names.graphFlow.workflowId,
      },
      reportOutcome(problems, sayAnswer(request)),
    ],
  });
}

/** What the topic "Ask Microsoft Graph" is for, with or without a flow. */
export function graphTopicDescription(
  app: CopilotApp,
  { path }: GraphRequest,
  { graphTopic: { phrase } }: ArtefactNames,
): string {
  return (
    `Asks Microsoft Graph with the rights of the app ${app.name} (GET ${path}) and reports the answer. ` +
    `Use it when the user says "${phrase}".`
  );
}

/** Says what Microsoft Graph answered. */
export function sayAnswer({ field }: GraphRequest): TopicNode {
  return sendActivity("gotone", `Microsoft Graph answered with {Topic.Count} (${field}): {Topic.Answer}`);
}
