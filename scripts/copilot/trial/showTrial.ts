import { randomUUID } from "node:crypto";
import { artefactPaths } from "../../../copilot/artefacts";
import type { Reply } from "../../../emulator/powerPlatform/conversation";
import type { Connection } from "../../../emulator/powerPlatform/platform";
import type { TopicEvent } from "../../../emulator/powerPlatform/topicRun";
import { hidden, type HistoryEntry } from "../../../emulator/powerPlatform/runHistory";
import { isRecord } from "../../../emulator/powerPlatform/value";
import type { CopilotTrial } from "./copilotTrial";
import type { LogicAppTrial } from "./logicAppTrial";

/** Longer than the lifetime of any client secret. */
const threeYearsMilliseconds = 3 * 365 * 86_400_000;

/** Runs every topic once, then one of them with an expired client secret. @returns Lines for the terminal. */
export async function showTrial(trial: CopilotTrial): Promise<string[]> {
  const { graphTopic, directGraphTopic } = artefactPaths;
  const ask = "Ask Microsoft Graph";
  const graph = trial.files.has(graphTopic)
    ? [
        ...(await exchange(trial, ask, graphTopic, `${ask}, with a flow`)),
        ...(await exchange(trial, ask, directGraphTopic, `${ask}, with a topic only`)),
      ]
    : [];
  const token = "Generate Access Token";
  const lines = [
    ...graph,
    ...(await exchange(trial, token, artefactPaths.flowTopic, "Get Azure Access Token, with a flow")),
    ...(await exchange(trial, token, artefactPaths.directTopic, "Get Azure Access Token, with a topic only")),
  ];
  trial.tenant.clock.advance(threeYearsMilliseconds);
  return [
    ...lines,
    ...(await exchange(
      trial,
      token,
      artefactPaths.flowTopic,
      "Get Azure Access Token, with an expired client secret",
    )),
  ];
}

/** Runs the Logic App's conversation: as its user, then with another user's connection. @returns Lines for the terminal. */
export async function showLogicAppTrial(trial: LogicAppTrial): Promise<string[]> {
  const { connections = new Map<string, Connection>() } = trial.environment;
  const others = [...connections].map(
    ([name, connection]) => [name, { ...connection, userObjectId: randomUUID() }] as const,
  );
  const stranger = { ...trial.environment, connections: new Map(others) };
  const shown = async (title: string, ask: () => Promise<Reply>): Promise<string[]> => {
    const before = trial.platform.logicAppRuns.length;
    const reply = await ask();
    const runs = trial.platform.logicAppRuns.slice(before);
    return [
      title,
      line("you", "Ask Microsoft Graph"),
      ...runs.flatMap(({ response, history }) => [
        line("logic", `answered HTTP ${response.status}${history.length === 0 ? " without running" : ""}`),
        ...historyLines("logic", history),
      ]),
      ...reply.events.flatMap(eventLines),
      "",
    ];
  };
  return [
    ...(await shown("Ask Microsoft Graph, with a Logic App and no secret", () => trial.ask())),
    ...(await shown("Ask Microsoft Graph, with the connection of another user", () => trial.ask(stranger))),
  ];
}

async function exchange(
  trial: CopilotTrial,
  phrase: string,
  topicPath: string,
  title: string,
): Promise<string[]> {
  const reply: Reply = await trial.say(phrase, topicPath);
  return [title, line("you", phrase), ...reply.events.flatMap(eventLines), ""];
}

/** What a topic did, for the terminal. */
export function eventLines(event: TopicEvent): string[] {
  switch (event.kind) {
    case "message":
      return [line("agent", event.text)];
    case "question":
      return [line("agent", event.text), line("you", event.answer)];
    case "request":
      return [line("topic", `${event.displayName}: ${event.outcome}`)];
    case "flow":
      return historyLines("flow", event.run.history);
  }
}

function historyLines(who: string, history: readonly HistoryEntry[]): string[] {
  return history
    .filter(({ status }) => status !== "Skipped")
    .map(({ action, status, outputs }) => {
      const shown = isRecord(outputs) ? JSON.stringify(outputs["body"]) : hidden;
      return line(who, `${action}: ${status}; run history shows ${shown}`);
    });
}

/** One line of a conversation. */
export function line(who: string, text: string): string {
  return `  ${who.padEnd(6)} ${text.replaceAll(/\s*\r?\n\s*/g, " ")}`;
}
