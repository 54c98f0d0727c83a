import { problemCodes } from "../../core/agent/problemCodes";
import { graphFlowOutputs } from "../flows/graphFlow";
import type { ArtefactNames } from "../names";
import type { KnownProblem } from "../problems";
import { serviceName, type AgentRequest } from "../requests/agentRequest";
import { inputProperty } from "../requests/encoding";
import { questions, topicVariable } from "../requests/topicRequest";
import type { CopilotApp } from "../settings";
import { conditionGroup, reportOutcome, sendActivity, type TopicNode, topicFile } from "./nodes";

/**
 * The topic of a request: it asks its user for the values, calls the flow, and receives the API's answer and never a
 * token.
 *
 * @param problems What the flow can meet.
 */
export function graphTopic(
  app: CopilotApp,
  request: AgentRequest,
  names: ArtefactNames,
  problems: readonly KnownProblem[],
): string {
  const { flow } = names.ofRequest(request.title);
  const call: TopicNode = {
    kind: "InvokeFlowAction",
    id: "invokeFlowAction_askGra",
    displayName: flow.displayName,
    input:
      request.parameters.length === 0
        ? {}
        : {
            binding: Object.fromEntries(
              request.parameters.map((parameter) => [
                inputProperty(request, parameter.name),
                `=${topicVariable(parameter)}`,
              ]),
            ),
          },
    output: {
      binding: Object.fromEntries(
        graphFlowOutputs(request).map(({ property, variable }) => [property, variable]),
      ),
    },
    flowId: flow.workflowId,
  };
  return requestTopic(app, request, names, [
    call,
    reportOutcome(problemsOf(request, problems), sayAnswer(request)),
  ]);
}

/**
 * Problems as a request has them: after one that changes something, a missing answer does not mean that nothing was done.
 */
export function problemsOf(
  { change }: Pick<AgentRequest, "change">,
  problems: readonly KnownProblem[],
): readonly KnownProblem[] {
  if (change === undefined) return problems;
  return problems.map((problem) =>
    problem.codes.includes(problemCodes.noAnswer) || problem.codes.includes("HTTP_5*")
      ? { ...problem, message: change.unsure }
      : problem,
  );
}

/**
 * The frame of a request's topic, with or without a flow: name, phrase, a question for each value, and one whether to
 * change something.
 */
export function requestTopic(
  app: CopilotApp,
  request: AgentRequest,
  names: ArtefactNames,
  actions: readonly TopicNode[],
): string {
  const { topic } = names.ofRequest(request.title);
  return topicFile({
    displayName: topic.displayName,
    modelDescription:
      `${request.description} It acts with the rights of the app ${app.name}. ` +
      `Use it only when the user says "${topic.phrase}".`,
    triggerQueries: [topic.phrase],
    actions: [...questions(request), ...confirmed(request, actions)],
  });
}

/** Goes on only when the user says yes, where something is changed. */
function confirmed({ change }: AgentRequest, actions: readonly TopicNode[]): readonly TopicNode[] {
  if (change === undefined) return actions;
  return [
    {
      kind: "Question",
      id: "question_confirm",
      interruptionPolicy: { allowInterruption: false },
      alwaysPrompt: true,
      variable: "init:Topic.Confirmed",
      prompt: change.question,
      entity: "BooleanPrebuiltEntity",
    },
    conditionGroup(
      "confir",
      [{ suffix: "confir", condition: "=Topic.Confirmed = true", actions }],
      [sendActivity("notdon", "I changed nothing.")],
    ),
  ];
}

/** Says what the API answered. */
export function sayAnswer(request: AgentRequest): TopicNode {
  return sendActivity(
    "gotone",
    request.change === undefined
      ? `${serviceName(request)} answered with {Topic.Count} (${request.fields.join(", ")}): {Topic.Answer}`
      : "{Topic.Answer}",
  );
}
