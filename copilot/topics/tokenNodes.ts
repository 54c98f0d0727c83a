import { problemCodes } from "../../core/agent/problemCodes";
import type { Cloud } from "../../core/cloud/clouds";
import type { ArtefactNames, VariableName } from "../names";
import { conditionGroup, powerFxText, setVariable, type TopicNode } from "./nodes";

/**
 * How long an HTTP node waits: its own default, written out so that the message about it is true.
 */
export const requestTimeoutMilliseconds = 30_000;

/** Where a topic keeps the token endpoint's answer, with the token in it: nothing but the topic's own nodes reads it. */
export const tokenResponse = "Topic.TokenResponse";

/**
 * The nodes by which a topic gets a token without a flow: its HTTP node posts to the token endpoint, and what went wrong
 * is put into `Topic.Problem` and `Topic.ProblemCode`.
 *
 * @param scope Variable that says what the token is for. Default: Microsoft Graph.
 */
export function tokenNodes(
  { authority }: Pick<Cloud, "authority">,
  { variables }: Pick<ArtefactNames, "variables">,
  scope: VariableName = variables.graphScope,
): TopicNode[] {
  const { tenantId, clientId, clientSecret } = variables;
  return [
    {
      kind: "HttpRequestAction",
      id: "httpRequestAction_getTok",
      displayName: "Request a token",
      method: "Post",
      url: `=Concatenate("${authority}/", Env.${tenantId.schemaName}, "/oauth2/v2.0/token")`,
      headers: {
        Accept: "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
      },
      // There is no form kind: a form post is a raw body, so every value is encoded by hand.
      body: {
        kind: "RawRequestContent",
        contentType: "application/x-www-form-urlencoded",
        content:
          `=Concatenate("grant_type=client_credentials&client_id=", EncodeUrl(Env.${clientId.schemaName}), ` +
          `"&client_secret=", EncodeUrl(Text(Env.${clientSecret.schemaName})), ` +
          `"&scope=", EncodeUrl(Env.${scope.schemaName}))`,
      },
      errorHandling: {
        kind: "ContinueOnErrorBehavior",
        statusCode: "Topic.TokenStatus",
        errorResponseBody: "Topic.TokenError",
      },
      requestTimeoutInMilliseconds: requestTimeoutMilliseconds,
      response: tokenResponse,
      responseSchema: {
        kind: "Record",
        properties: { access_token: "String", expires_in: "Number", token_type: "String" },
      },
    },
    conditionGroup("status", [
      {
        suffix: "failed",
        // Microsoft's own topics take a status that is set for the error branch.
        condition: "=!IsBlank(Topic.TokenStatus)",
        actions: [
          {
            kind: "ParseValue",
            id: "parseValue_refuse",
            variable: "Topic.Refusal",
            valueType: { kind: "Record", properties: { error: "String", error_description: "String" } },
            value: "=Topic.TokenError",
            errorPolicy: "DefaultBlank",
          },
          setVariable(
            "rfcode",
            "Topic.ProblemCode",
            '=If(StartsWith(Topic.Refusal.error_description, "AADSTS"), ' +
              'First(Split(Topic.Refusal.error_description, ":")).Value, ' +
              'Concatenate("HTTP_", Text(Topic.TokenStatus)))',
          ),
          setVariable(
            "refuse",
            "Topic.Problem",
            '=Concatenate("HTTP ", Text(Topic.TokenStatus), ": ", ' +
              'Coalesce(Topic.Refusal.error_description, "an answer that is not JSON"))',
          ),
        ],
      },
      {
        suffix: "silent",
        condition: `=IsBlank(${tokenResponse}.access_token)`,
        actions: noAnswer("si", "No answer with a token in it"),
      },
    ]),
  ];
}

/** Says that an HTTP node had no answer in time. @param prefix Two letters that begin the nodes' IDs. */
export function noAnswer(prefix: string, what: string): TopicNode[] {
  return [
    setVariable(`${prefix}code`, "Topic.ProblemCode", `=${powerFxText(problemCodes.noAnswer)}`),
    setVariable(
      `${prefix}lent`,
      "Topic.Problem",
      `=${powerFxText(`${what} within ${requestTimeoutMilliseconds / 1000} s`)}`,
    ),
  ];
}
