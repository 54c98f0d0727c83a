import { graphResource, type GraphRequest } from "../../core/permissions/graphRequest";
import type { ArtefactNames } from "../names";
import { graphProblems } from "../problems";
import type { CopilotApp } from "../settings";
import { graphTopicDescription, sayAnswer } from "./graphTopic";
import { conditionGroup, powerFxText, reportOutcome, setVariable, type TopicNode } from "./nodes";
import { noAnswer, requestTimeoutMilliseconds, tokenNodes, tokenResponse } from "./tokenNodes";
import { topicFile } from "./topicFile";

/** Where the topic keeps what Microsoft Graph answered. */
const response = "Topic.GraphResponse";

/**
 * The topic "Ask Microsoft Graph", direct variant: one HTTP node gets a token, a second one asks Microsoft Graph with it.
 * The token is in one variable of the topic and in no message, and no flow and no licence for one is needed.
 */
export function directGraphTopic(app: CopilotApp, request: GraphRequest, names: ArtefactNames): string {
  return topicFile({
    displayName: names.graphTopic.displayName,
    modelDescription: graphTopicDescription(app, request, names),
    triggerQueries: [names.graphTopic.phrase],
    actions: [
      ...tokenNodes(names),
      conditionGroup("askgra", [
        { suffix: "askgra", condition: "=IsBlank(Topic.Problem)", actions: askNodes(request) },
      ]),
      reportOutcome(graphProblems, sayAnswer(request)),
    ],
  });
}

/** Asks Microsoft Graph, and keeps one property of each object that comes back. */
function askNodes({ path, field }: GraphRequest): TopicNode[] {
  return [
    {
      kind: "HttpRequestAction",
      id: "httpRequestAction_askGra",
      displayName: "Ask Microsoft Graph",
      method: "Get",
      url: `=${powerFxText(`${graphResource}${path}`)}`,
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
        properties: {
          [field]: "String",
          value: { type: { kind: "Table", properties: { [field]: "String" } } },
        },
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
          `=If(IsBlank(${response}.value), ${response}.${field}, Concat(${response}.value, ThisRecord.${field}, ", "))`,
        ),
      ],
    ),
  ];
}
