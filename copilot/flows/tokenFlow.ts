import { problemCodes } from "../../core/agent/problemCodes";
import { secureData, answerFailure } from "../../core/agent/workflowFailure";
import type { Cloud } from "../../core/cloud/clouds";
import { graphScope, type ArtefactNames } from "../names";
import type { CopilotSettings } from "../settings";
import { readSecret, readSecretAction, secretExpression } from "./readSecret";
import { parameterExpression, respondToTopic, workflowFile, type FlowOutput } from "./workflow";

/** What the flow "Get Azure Access Token" hands to its topic, in the topic's own variables. */
export function tokenFlowOutputs(returnToken: boolean): FlowOutput[] {
  return [
    {
      property: "token_type",
      title: "token_type",
      description: "Type of the token, Bearer",
      variable: "Topic.TokenType",
    },
    {
      property: "expires_in",
      title: "expires_in",
      description: "Lifetime of the token in seconds",
      variable: "Topic.ExpiresIn",
    },
    ...(returnToken
      ? [
          {
            property: "access_token",
            title: "access_token",
            description: "The token itself: a person who reads it can do everything that the app can do",
            variable: "Topic.AccessToken",
          },
        ]
      : []),
    {
      property: "problem",
      title: "problem",
      description: "What went wrong; empty when all went well",
      variable: "Topic.Problem",
    },
    {
      property: "code",
      title: "code",
      description: "A code for what went wrong",
      variable: "Topic.ProblemCode",
    },
  ];
}

/**
 * Schema of the token endpoint's answer: its three fields, all of them needed, so that half an answer is none.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow (read 2026-11)
 */
const tokenSchema = {
  type: "object",
  properties: {
    token_type: { type: "string" },
    expires_in: { type: "integer" },
    access_token: { type: "string" },
  },
  required: ["token_type", "expires_in", "access_token"],
};

/** The flow "Get Azure Access Token": secret, token request, Parse JSON, answer. */
export function tokenFlow(
  cloud: Cloud,
  names: ArtefactNames,
  { returnToken }: Pick<CopilotSettings, "returnToken">,
): object {
  const { tenantId, clientId, clientSecret, graphScope: scope } = names.variables;
  const respond = respondToTopic(tokenFlowOutputs(returnToken));
  return workflowFile(
    names.dataverse,
    [
      { variable: tenantId, defaultValue: "" },
      { variable: clientId, defaultValue: "" },
      { variable: scope, defaultValue: graphScope(cloud) },
    ],
    {
      ...readSecret(clientSecret, respond),
      HTTP: {
        runAfter: { [readSecretAction]: ["Succeeded"] },
        type: "Http",
        description: "Asks Microsoft Entra for a token (client credentials).",
        // Together with its retries; the agent waits 100 seconds for the whole flow.
        limit: { timeout: "PT60S" },
        inputs: {
          method: "POST",
          uri: `${cloud.authority}/@{${parameterExpression(tenantId)}}/oauth2/v2.0/token`,
          headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
          body:
            `grant_type=client_credentials&client_id=@{encodeUriComponent(${parameterExpression(clientId)})}` +
            `&client_secret=@{encodeUriComponent(${secretExpression})}` +
            `&scope=@{encodeUriComponent(${parameterExpression(scope)})}`,
          retryPolicy: { type: "fixed", count: 2, interval: "PT5S" },
        },
        runtimeConfiguration: secureData("inputs", "outputs"),
      },
      ...answerFailure({
        action: "HTTP",
        readAs: "Read_refusal",
        schema: { type: "object", properties: { error_description: { type: "string" } } },
        reason: "body('Read_refusal')?['error_description']",
        respond,
      }),
      Parse_JSON: {
        runAfter: { HTTP: ["Succeeded"] },
        type: "ParseJson",
        // Hidden in the run history as HTTP is, since it takes HTTP's secured outputs.
        inputs: { content: "@body('HTTP')", schema: tokenSchema },
      },
      Respond_to_the_agent: respond(
        { Parse_JSON: ["Succeeded"] },
        {
          token_type: "@{body('Parse_JSON')?['token_type']}",
          expires_in: "@{body('Parse_JSON')?['expires_in']}",
          // From the secured action itself: the run history shows the output of Parse JSON.
          access_token: "@{body('HTTP')?['access_token']}",
        },
      ),
      Respond_without_token: respond(
        { Parse_JSON: ["Failed", "TimedOut"] },
        {
          problem: "HTTP @{outputs('HTTP')?['statusCode']} without the three fields of a token",
          code: problemCodes.notAToken,
        },
      ),
    },
  );
}
