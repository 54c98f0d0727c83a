import { problemCodes } from "../../core/agent/problemCodes";
import type { ArtefactNames } from "../names";
import { graphProblems } from "../problems";
import { separator, type AgentRequest } from "../requests/agentRequest";
import { fieldsType, inputsUnfit, topicAddress, topicAnswer } from "../requests/topicRequest";
import type { CopilotApp } from "../settings";
import { requestTopic, sayAnswer } from "./graphTopic";
import { conditionGroup, powerFxText, reportOutcome, setVariable, type TopicNode } from "./nodes";
import { noAnswer, requestTimeoutMilliseconds, tokenNodes, tokenResponse } from "./tokenNodes";

/** Where the topic keeps what Microsoft Graph answered. */
const response = "Topic.GraphResponse";

/**
 * The topic of a request, direct variant: one HTTP node gets a token, a second one asks Microsoft Graph with it.
 * The token is in one variable of the topic and in no message, and no flow and no licence for one is needed.
 */
export function directGraphTopic(app: CopilotApp, request: AgentRequest, names: ArtefactNames): string {
  const ask = [
    ...tokenNodes(names),
    conditionGroup("askgra", [
      { suffix: "askgra", condition: "=IsBlank(Topic.Problem)", actions: askNodes(request) },
    ]),
  ];
  return requestTopic(app, request, names, [
    ...(request.parameters.length === 0
      ? ask
      : [
          conditionGroup(
            "unfitt",
            [{ suffix: "inputs", condition: inputsUnfit(request), actions: unfitInputs(request) }],
            ask,
          ),
        ]),
    reportOutcome(graphProblems, sayAnswer(request)),
  ]);
}

function unfitInputs({ parameters }: AgentRequest): TopicNode[] {
  const titles = parameters.map(({ title }) => title).join(", ");
  return [
    setVariable("uncode", "Topic.ProblemCode", `=${powerFxText(problemCodes.unfitInput)}`),
    setVariable(
      "unfitt",
      "Topic.Problem",
      `=${powerFxText(`One of these is empty, too long or has characters that it cannot have: ${titles}`)}`,
    ),
  ];
}

/** Asks Microsoft Graph, and keeps the request's fields of each object that comes back. */
function askNodes(request: AgentRequest): TopicNode[] {
  const properties = fieldsType(request);
  return [
    {
      kind: "HttpRequestAction",
      id: "httpRequestAction_askGra",
      displayName: "Ask Microsoft Graph",
      method: "Get",
      url: topicAddress(request),
      headers: {
        Accept: "application/json",
        Authorization: `=Concatenate("Bearer ", ${tokenResponse}.access_token)`,
      },
      errorHandling: {
        kind: "ContinueOnErrorBehavior",
        statusCode: "Topic.GraphStatus",
        errorResponseBody: "Topic.GraphError",
      },
      requestTimeoutInMilliseconds: requestTimeoutMilliseconds,
      response,
      // A list comes as "value"; a single object comes bare.
      responseSchema: {
        kind: "Record",
        properties: { ...properties, value: { type: { kind: "Table", properties } } },
      },
    },
    conditionGroup(
      "answer",
      [
        {
          suffix: "grfail",
          condition: "=!IsBlank(Topic.GraphStatus)",
          actions: [
            {
              kind: "ParseValue",
              id: "parseValue_grfail",
              variable: "Topic.GraphRefusal",
              valueType: {
                kind: "Record",
                properties: { error: { type: { kind: "Record", properties: { message: "String" } } } },
              },
              value: "=Topic.GraphError",
              errorPolicy: "DefaultBlank",
            },
            setVariable("grcode", "Topic.ProblemCode", '=Concatenate("HTTP_", Text(Topic.GraphStatus))'),
            setVariable(
              "grfail",
              "Topic.Problem",
              '=Concatenate("HTTP ", Text(Topic.GraphStatus), ": ", ' +
                'Coalesce(Topic.GraphRefusal.error.message, "an answer that is not JSON"))',
            ),
          ],
        },
        { suffix: "grsile", condition: `=IsBlank(${response})`, actions: noAnswer("gs", "No answer") },
      ],
      [
        setVariable(
          "grcoun",
          "Topic.Count",
          `=If(IsBlank(${response}.value), 1, CountRows(${response}.value))`,
        ),
        setVariable(
          "graske",
          "Topic.Answer",
          `=If(IsBlank(${response}.value), ${topicAnswer(request, response)}, ` +
            `Concat(${response}.value, ${topicAnswer(request, "ThisRecord")}, ${powerFxText(separator(request))}))`,
        ),
      ],
    ),
  ];
}
