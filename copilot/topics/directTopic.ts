import type { ArtefactNames } from "../names";
import { tokenProblems } from "../problems";
import type { CopilotApp, CopilotSettings } from "../settings";
import { reportOutcome, sendActivity } from "./nodes";
import { tokenNodes, tokenResponse } from "./tokenNodes";
import { tokenTopicDescription } from "./tokenTopic";
import { topicFile } from "./topicFile";

/**
 * The topic "Get Azure Access Token", direct variant: the topic's own HTTP node posts to the token endpoint.
 * The token stays in a variable of the topic unless `returnToken` is on.
 */
export function directTopic(
  app: CopilotApp,
  { returnToken }: Pick<CopilotSettings, "returnToken">,
  names: ArtefactNames,
): string {
  return topicFile({
    displayName: names.tokenTopic.displayName,
    modelDescription: tokenTopicDescription(app, names.tokenTopic, returnToken),
    triggerQueries: [names.tokenTopic.phrase],
    actions: [
      ...tokenNodes(app.cloud, names),
      reportOutcome(
        tokenProblems(app.cloud),
        sendActivity(
          "gotone",
          `{${tokenResponse}.token_type} token, valid for {${tokenResponse}.expires_in} seconds` +
            (returnToken ? `: {${tokenResponse}.access_token}` : "."),
        ),
      ),
    ],
  });
}
