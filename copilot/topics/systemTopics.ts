import { noAnswerMessage } from "../problems";
import { conditionGroup, sendActivity, type TopicNode, dialogFile } from "./nodes";

/** A topic that every agent needs, as it lies in a new agent. */
export interface SystemTopic {
  readonly displayName: string;
  /** Last part of its schema name. */
  readonly identifier: string;
  readonly description: string;
  readonly yaml: string;
}

/**
 * The system topics of a new agent: what the platform starts by itself. Microsoft's smallest agent solution has these
 * and "Search", which asks a model about knowledge that this agent does not have.
 *
 * @param agentSchemaName Topics call each other by it.
 * @param tokenTopicHint What to say to the agent, for the greeting and the fallback.
 * @param signInText What users read when they have to sign in.
 */
export function systemTopics(
  agentSchemaName: string,
  tokenTopicHint: string,
  signInText?: string,
): SystemTopic[] {
  const callTopic = (suffix: string, identifier: string): TopicNode => ({
    kind: "BeginDialog",
    id: `beginDialog_${suffix}`,
    dialog: `${agentSchemaName}.topic.${identifier}`,
  });
  const cancelAll = (suffix: string): TopicNode => ({
    kind: "CancelAllDialogs",
    id: `cancelAllDialogs_${suffix}`,
  });
  return [
    {
      displayName: "Conversation Start",
      identifier: "ConversationStart",
      description: "Begins a new conversation.",
      yaml: dialogFile({
        beginDialog: {
          kind: "OnConversationStart",
          id: "main",
          actions: [
            sendActivity("hello1", `Hello, I am {System.Bot.Name}. Say "${tokenTopicHint}" to try me.`),
          ],
        },
      }),
    },
    {
      displayName: "End of Conversation",
      identifier: "EndofConversation",
      description: "Ends a conversation.",
      yaml: dialogFile({
        startBehavior: "CancelOtherTopics",
        beginDialog: {
          kind: "OnSystemRedirect",
          id: "main",
          actions: [
            sendActivity("bye001", "Goodbye."),
            { kind: "EndConversation", id: "endConversation_bye001" },
          ],
        },
      }),
    },
    {
      displayName: "Escalate",
      identifier: "Escalate",
      description: "Starts when someone asks for a person.",
      yaml: dialogFile({
        startBehavior: "CancelOtherTopics",
        beginDialog: {
          kind: "OnEscalate",
          id: "main",
          intent: {
            displayName: "Escalate",
            includeInOnSelectIntent: false,
            triggerQueries: ["Talk to a person", "Talk to someone", "I need help from a person"],
          },
          actions: [sendActivity("nobody", "No person is behind this agent.")],
        },
      }),
    },
    {
      displayName: "Fallback",
      identifier: "Fallback",
      description: "Starts when no other topic fits.",
      yaml: dialogFile({
        beginDialog: {
          kind: "OnUnknownIntent",
          id: "main",
          actions: [
            conditionGroup(
              "repeat",
              [
                {
                  suffix: "repeat",
                  condition: "=System.FallbackCount < 3",
                  actions: [sendActivity("unknwn", `I did not understand that. I know "${tokenTopicHint}".`)],
                },
              ],
              [callTopic("escala", "Escalate")],
            ),
          ],
        },
      }),
    },
    {
      displayName: "Multiple Topics Matched",
      identifier: "MultipleTopicsMatched",
      description: "Starts when more than one topic fits.",
      yaml: dialogFile({
        beginDialog: {
          kind: "OnSelectIntent",
          id: "main",
          triggerBehavior: "Always",
          actions: [
            {
              kind: "Question",
              id: "question_intent",
              interruptionPolicy: { allowInterruption: false },
              alwaysPrompt: true,
              variable: "System.Recognizer.SelectedIntent",
              prompt: "Which of these did you mean?",
              entity: { kind: "DynamicClosedListEntity", items: "=System.Recognizer.IntentOptions" },
            },
          ],
        },
      }),
    },
    {
      displayName: "On Error",
      identifier: "OnError",
      description: "Starts when a node fails in a way that no topic handles.",
      yaml: dialogFile({
        startBehavior: "UseLatestPublishedContentAndCancelOtherTopics",
        beginDialog: {
          kind: "OnError",
          id: "main",
          actions: [
            conditionGroup(
              "error1",
              [
                {
                  suffix: "toolng",
                  condition: '=System.Error.Code = "FlowActionTimedOut"',
                  actions: [sendActivity("toolng", `${noAnswerMessage} ({System.Error.Message})`)],
                },
              ],
              [
                sendActivity(
                  "error1",
                  "That did not work: {System.Error.Message} ({System.Error.Code}, conversation {System.Conversation.Id})",
                ),
              ],
            ),
            cancelAll("error1"),
          ],
        },
      }),
    },
    {
      displayName: "Reset Conversation",
      identifier: "ResetConversation",
      description: "Forgets the conversation's variables.",
      yaml: dialogFile({
        startBehavior: "UseLatestPublishedContentAndCancelOtherTopics",
        beginDialog: {
          kind: "OnSystemRedirect",
          id: "main",
          actions: [
            {
              kind: "ClearAllVariables",
              id: "clearAllVariables_reset1",
              variables: "ConversationScopedVariables",
            },
            cancelAll("reset1"),
          ],
        },
      }),
    },
    signInTopic(signInText),
  ];
}

/** The system topic that asks users to sign in. */
export function signInTopic(text = "Please sign in to go on."): SystemTopic {
  return {
    displayName: "Sign in",
    identifier: "Signin",
    description: "Starts when the user must sign in.",
    yaml: dialogFile({
      beginDialog: {
        kind: "OnSignIn",
        id: "main",
        actions: [{ kind: "OAuthInput", id: "oAuthInput_signin", title: "Sign in", text }],
      },
    }),
  };
}
