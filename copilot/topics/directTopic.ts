import type { ArtefactNames } from "../names";
import { problemCodes } from "../../core/agent/problemCodes";
import { tokenProblems } from "../problems";
import type { CopilotApp, CopilotSettings } from "../settings";
import { conditionGroup, powerFxText, reportOutcome, sendActivity, setVariable } from "./nodes";
import { tokenTopicDescription } from "./tokenTopic";
import { topicFile } from "./topicFile";

/**
 * How long the HTTP node waits: its own default, written out so that the message about it is true.
 */
const requestTimeoutMilliseconds = 30_000;

/**
 * The topic "Get Azure Access Token", direct variant: the topic's own HTTP node posts to the token endpoint.
 * The token stays in a variable of the topic unless `returnToken` is on.
 */
export function directTopic(
  app: CopilotApp,
  { returnToken }: Pick<CopilotSettings, "returnToken">,
  names: ArtefactNames,
): string {
  const { tenantId, clientId, clientSecret, graphScope } = names.variables;
  return topicFile({
    displayName: names.tokenTopic.displayName,
    modelDescription: tokenTopicDescription(app, names.tokenTopic, returnToken),
    triggerQueries: [names.tokenTopic.phrase],
    actions: [
      {
        kind: "HttpRequestAction",
        id: "httpRequestAction_getTok",
        displayName: "Request a token",
        method: "Post",
        url: `=Concatenate("https://login.microsoftonline.com/", Env.${tenantId.schemaName}, "/oauth2/v2.0/token")`,
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
            `"&scope=", EncodeUrl(Env.${graphScope.schemaName}))`,
        },
        errorHandling: {
          kind: "ContinueOnErrorBehavior",
          statusCode: "Topic.TokenStatus",
          errorResponseBody: "Topic.TokenError",
        },
        requestTimeoutInMilliseconds: requestTimeoutMilliseconds,
        response: "Topic.TokenResponse",
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
          condition: "=IsBlank(Topic.TokenResponse.access_token)",
          actions: [
            setVariable("sicode", "Topic.ProblemCode", `=${powerFxText(problemCodes.noAnswer)}`),
            setVariable(
              "silent",
              "Topic.Problem",
              `=${powerFxText(`No answer with a token in it within ${requestTimeoutMilliseconds / 1000} s`)}`,
            ),
          ],
        },
      ]),
      reportOutcome(
        tokenProblems,
        sendActivity(
          "gotone",
          "{Topic.TokenResponse.token_type} token, valid for {Topic.TokenResponse.expires_in} seconds" +
            (returnToken ? ": {Topic.TokenResponse.access_token}" : "."),
        ),
      ),
    ],
  });
}
