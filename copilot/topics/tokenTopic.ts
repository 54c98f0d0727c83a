import type { TopicName } from "../names";
import type { CopilotApp } from "../settings";

/**
 * What the topic "Get Azure Access Token" is for. It quotes the trigger phrase, because phrases alone do not route
 * under generative orchestration; and it warns where the token is handed out.
 */
export function tokenTopicDescription(app: CopilotApp, { phrase }: TopicName, returnToken: boolean): string {
  const purpose = `Gets a Microsoft Graph access token for the app ${app.name}. Use it when the user says "${phrase}".`;
  return returnToken
    ? `${purpose} WARNING: it shows the token, which opens everything the app may do in the whole tenant for about an ` +
        "hour and cannot be recalled. It stays in the chat, in the transcript and in the model's context."
    : `${purpose} It reports the token's type and lifetime and never shows the token.`;
}
