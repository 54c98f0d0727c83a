import { tokenFlowOutputs } from "../flows/tokenFlow";
import type { ArtefactNames } from "../names";
import { tokenProblems } from "../problems";
import type { CopilotApp, CopilotSettings } from "../settings";
import { reportOutcome, sendActivity, topicFile, type TopicNode } from "./nodes";
import { tokenNodes, tokenResponse } from "./tokenNodes";

type ReturnToken = Pick<CopilotSettings, "returnToken">;

/**
 * The topic "Get Azure Access Token", direct variant: the topic's own HTTP node posts to the token endpoint.
 * The token stays in a variable of the topic unless `returnToken` is on.
 */
export function directTopic(app: CopilotApp, settings: ReturnToken, names: ArtefactNames): string {
  const answered = (property: string): string => `{${tokenResponse}.${property}}`;
  return tokenTopic(app, settings, names, tokenNodes(app.cloud, names), [
    answered("token_type"),
    answered("expires_in"),
    answered("access_token"),
  ]);
}

/** The topic "Get Azure Access Token", flow variant: calls the flow and keeps its outputs in variables. */
export function flowTopic(app: CopilotApp, settings: ReturnToken, names: ArtefactNames): string {
  const outputs = tokenFlowOutputs(settings.returnToken);
  const call = {
    kind: "InvokeFlowAction",
    id: "invokeFlowAction_getTok",
    displayName: names.tokenFlow.displayName,
    input: {},
    output: { binding: Object.fromEntries(outputs.map(({ property, variable }) => [property, variable])) },
    flowId: names.tokenFlow.workflowId,
  };
  return tokenTopic(
    app,
    settings,
    names,
    [call],
    ["{Topic.TokenType}", "{Topic.ExpiresIn}", "{Topic.AccessToken}"],
  );
}

/**
 * The topic around the nodes that get a token. Its description quotes the trigger phrase, because phrases alone do not route under
 * generative orchestration; and it warns where the token is handed out.
 *
 * @param answer What the nodes leave: the token's type, its lifetime and the token itself.
 */
function tokenTopic(
  app: CopilotApp,
  { returnToken }: ReturnToken,
  { tokenTopic: { displayName, phrase } }: ArtefactNames,
  getToken: readonly TopicNode[],
  [type, seconds, token]: readonly [string, string, string],
): string {
  const purpose = `Gets a Microsoft Graph access token for the app ${app.name}. Use it when the user says "${phrase}".`;
  const warning =
    "WARNING: it shows the token, which opens everything the app may do in the whole tenant for about an " +
    "hour and cannot be recalled. It stays in the chat, in the transcript and in the model's context.";
  const silence = "It reports the token's type and lifetime and never shows the token.";
  const said = `${type} token, valid for ${seconds} seconds${returnToken ? `: ${token}` : "."}`;
  return topicFile({
    displayName,
    modelDescription: `${purpose} ${returnToken ? warning : silence}`,
    triggerQueries: [phrase],
    actions: [...getToken, reportOutcome(tokenProblems(app.cloud), sendActivity("gotone", said))],
  });
}
