import type { Environment } from "./environment";
import { PlatformFailure, type Platform } from "./platform";
import { readTopic, runTopic, type TopicEvent, type TopicRun } from "./topicRun";
import { isRecord, EmulationError, type Value } from "./value";

/** What came of something that a user said. */
export interface Reply {
  readonly events: readonly TopicEvent[];
  /** What the agent said, in order. */
  readonly messages: readonly string[];
  /** Variables of the topic at its end; empty when On Error took over. */
  readonly variables: TopicRun["variables"];
}

/**
 * Says something to an agent that has one topic, and the system topic On Error if it came with the solution.
 *
 * @param answers What the user says to the topic's questions.
 * @throws {EmulationError} when the phrase starts no topic, as classic orchestration decides it.
 */
export async function say(
  phrase: string,
  topic: string,
  environment: Environment,
  platform: Platform,
  answers: readonly string[] = [],
): Promise<Reply> {
  const intent = readTopic(topic)["intent"];
  const phrases = isRecord(intent) ? intent["triggerQueries"] : undefined;
  if (!Array.isArray(phrases) || !phrases.some((each) => sameWords(String(each), phrase))) {
    throw new EmulationError(`"${phrase}" starts no topic.`);
  }
  try {
    return reply(await runTopic(topic, environment, platform, { answers }));
  } catch (error) {
    if (!(error instanceof PlatformFailure)) throw error;
    return reply(await onError(error, environment, platform));
  }
}

/** An agent that was there before has an On Error of its own; this one is like Microsoft's. */
const usualOnError = `kind: AdaptiveDialog
beginDialog:
  kind: OnError
  id: main
  actions:
    - kind: SendActivity
      id: sendMessage_error1
      activity: "Error Message: {System.Error.Message} Error Code: {System.Error.Code}"
`;

function onError(
  { code, message }: PlatformFailure,
  environment: Environment,
  platform: Platform,
): Promise<TopicRun> {
  const topic = environment.topics.get(`${environment.agentSchemaName}.topic.OnError`) ?? usualOnError;
  const system = new Map<string, Value>([
    ["Error", { Code: code, Message: message }],
    ["Conversation", { Id: "local" }],
  ]);
  return runTopic(topic, environment, platform, { system });
}

function reply({ events, variables }: TopicRun): Reply {
  return {
    events,
    messages: events.flatMap((event) => (event.kind === "message" ? [event.text] : [])),
    variables,
  };
}

function sameWords(left: string, right: string): boolean {
  return left.trim().toLowerCase() === right.trim().toLowerCase();
}
