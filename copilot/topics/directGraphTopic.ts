import { problemCodes } from "../../core/agent/problemCodes";
import type { ArtefactNames, VariableName } from "../names";
import { requestProblems } from "../problems";
import { separator, serviceName, type AgentRequest } from "../requests/agentRequest";
import { fieldsType, inputsUnfit, topicAddress, topicAnswer, topicBody } from "../requests/topicRequest";
import type { CopilotApp } from "../settings";
import { problemsOf, requestTopic, sayAnswer } from "./graphTopic";
import { conditionGroup, powerFxText, reportOutcome, setVariable, type TopicNode } from "./nodes";
import { noAnswer, requestTimeoutMilliseconds, tokenNodes, tokenResponse } from "./tokenNodes";

/** Where the topic keeps what the API answered. */
const response = "Topic.GraphResponse";

/** And its headers: an answer without a body has these alone, by which the topic tells it from none. */
const responseHeaders = "Topic.GraphHeaders";

/**
 * The topic of a request, direct variant: one HTTP node gets a token, a second one asks Microsoft Graph or another API
 * with it.
 * The token is in one variable of the topic and in no message, and no flow and no license for one is needed.
 */
export function directGraphTopic(app: CopilotApp, request: AgentRequest, names: ArtefactNames): string {
  const variables = request.api === undefined ? undefined : names.ofApi(request.api.name);
  const ask = [
    ...tokenNodes(app.cloud, names, variables?.scope),
    conditionGroup("askgra", [
      {
        suffix: "askgra",
        condition: "=IsBlank(Topic.Problem)",
        actions: askNodes(app, request, variables?.baseUrl),
      },
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
    reportOutcome(problemsOf(request, requestProblems(app.cloud, request.api)), sayAnswer(request)),
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

/** Asks the API, and keeps the request's fields of each object that comes back. */
function askNodes(
  { cloud }: Pick<CopilotApp, "cloud">,
  request: AgentRequest,
  baseUrl: VariableName | undefined,
): TopicNode[] {
  const { change } = request;
  return [
    {
      kind: "HttpRequestAction",
      id: "httpRequestAction_askGra",
      displayName: `Ask ${serviceName(request)}`,
      method: request.method === "POST" ? "Post" : "Get",
      url: topicAddress(cloud, request, baseUrl),
      headers: {
        Accept: "application/json",
        Authorization: `=Concatenate("Bearer ", ${tokenResponse}.access_token)`,
      },
      ...(request.body === undefined
        ? {}
        : {
            body: { kind: "RawRequestContent", contentType: "application/json", content: topicBody(request) },
          }),
      errorHandling: {
        kind: "ContinueOnErrorBehavior",
        statusCode: "Topic.GraphStatus",
        errorResponseBody: "Topic.GraphError",
      },
      requestTimeoutInMilliseconds: requestTimeoutMilliseconds,
      ...(change === undefined ? { response, responseSchema: answerType(request) } : { responseHeaders }),
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
        {
          suffix: "grsile",
          condition: `=IsBlank(${change === undefined ? response : responseHeaders})`,
          actions: noAnswer("gs", "No answer"),
        },
      ],
      change === undefined
        ? readAnswer(request)
        : [setVariable("grdone", "Topic.Answer", `=${powerFxText(change.done)}`)],
    ),
  ];
}

/** A list comes as a property, such as "value"; a single object comes bare. */
function answerType(request: AgentRequest): TopicNode {
  const properties = fieldsType(request);
  const { list = "value" } = request;
  const table = { kind: "Table", properties };
  return list === "" ? table : { kind: "Record", properties: { ...properties, [list]: { type: table } } };
}

function readAnswer(request: AgentRequest): TopicNode[] {
  const { list = "value" } = request;
  const rows = list === "" ? response : `${response}.${list}`;
  const several = `Concat(${rows}, ${topicAnswer(request, "ThisRecord")}, ${powerFxText(separator(request))})`;
  return [
    setVariable(
      "grcoun",
      "Topic.Count",
      list === "" ? `=CountRows(${rows})` : `=If(IsBlank(${rows}), 1, CountRows(${rows}))`,
    ),
    setVariable(
      "graske",
      "Topic.Answer",
      list === "" ? `=${several}` : `=If(IsBlank(${rows}), ${topicAnswer(request, response)}, ${several})`,
    ),
  ];
}
