import { randomUUID } from "node:crypto";
import { artefactPaths } from "../../../copilot/files";
import { requestPaths } from "../../../copilot/requestParts";
import type { AgentRequest } from "../../../copilot/requests/agentRequest";
import { requestTable } from "../../../copilot/requests/requestTable";
import type { Reply } from "../../../emulator/powerPlatform/conversation";
import type { Connection } from "../../../emulator/powerPlatform/platform";
import type { TopicEvent } from "../../../emulator/powerPlatform/topicRun";
import { hidden, type HistoryEntry } from "../../../emulator/powerPlatform/runHistory";
import { isRecord } from "../../../emulator/powerPlatform/value";
import type { CopilotTrial } from "./copilotTrial";
import type { LogicAppTrial } from "./logicAppTrial";
import { trialValues } from "./trialTenant";
import type { GraphRequest } from "../../../core/permissions/graphRequest";
import type { UserTrial } from "./userTrial";

/** Longer than the lifetime of any client secret. */
const threeYearsMilliseconds = 3 * 365 * 86_400_000;

/** A value that would find everyone if it became part of the filter. */
const hostileName = "x') or startswith(displayName,'";

/**
 * Runs every topic once, a request with a value by its topic and as a tool, the requests that were asked for, then one
 * topic with an expired client secret.
 *
 * @param requests Keys of the table.
 * @returns Lines for the terminal.
 */
export async function showTrial(trial: CopilotTrial, requests: readonly string[]): Promise<string[]> {
  const { graphTopic, directGraphTopic, flowTopic, directTopic } = artefactPaths;
  const ask = "Ask Microsoft Graph";
  const token = "Generate Access Token";
  const find = "Find a person";
  const findTopic = "topics/find-person.yaml";
  const exchanges: { phrase: string; path: string; title: string; answers?: string[] }[] = [
    { phrase: ask, path: graphTopic, title: `${ask}, with a flow` },
    { phrase: ask, path: directGraphTopic, title: `${ask}, with a topic only` },
    {
      phrase: find,
      path: findTopic,
      title: `${find}, with a topic that asks for the name`,
      answers: ["Adele"],
    },
  ];
  const lines: string[] = [];
  for (const { phrase, path, title, answers } of exchanges) {
    if (trial.files.has(path)) lines.push(...(await exchange(trial, phrase, path, title, answers)));
  }
  if (hasTool(trial, find)) {
    lines.push(...(await toolUse(trial, find, "Adele", `${find}, as a tool that a model chooses`)));
    lines.push(...(await toolUse(trial, find, hostileName, `${find}, with a value that is no name`)));
  }
  for (const request of requestTable.filter(({ key }) => requests.includes(key))) {
    lines.push(...(await requested(trial, request)));
  }
  lines.push(...(await exchange(trial, token, flowTopic, "Get Azure Access Token, with a flow")));
  lines.push(...(await exchange(trial, token, directTopic, "Get Azure Access Token, with a topic only")));
  trial.tenant.clock.advance(threeYearsMilliseconds);
  return [
    ...lines,
    ...(await exchange(trial, token, flowTopic, "Get Azure Access Token, with an expired client secret")),
  ];
}

/** A request by its topic; one that changes something also as a tool, whose user does not agree. */
async function requested(trial: CopilotTrial, request: AgentRequest): Promise<string[]> {
  const { title, key, change } = request;
  const values = trialValues[key] ?? [];
  const answers = [...values, ...(change === undefined ? [] : ["yes"])];
  const { topic } = requestPaths(request);
  const lines = await exchange(trial, title, topic, `${title}, with a flow`, answers);
  if (change === undefined || !hasTool(trial, title)) return lines;
  const inputs = Object.fromEntries(
    request.parameters.map((parameter, index) => [parameter.title, values[index] ?? ""]),
  );
  const { question = "", run } = await trial.use(title, { inputs, agreed: false });
  return [
    ...lines,
    `${title}, as a tool, and the user says no`,
    line("agent", question),
    line("you", "no"),
    line("tool", run === undefined ? "did not run" : "ran"),
    "",
  ];
}

function hasTool({ environment }: CopilotTrial, displayName: string): boolean {
  return [...environment.topics].some(
    ([name, yaml]) => name.includes(".action.") && yaml.includes(`modelDisplayName: ${displayName}\n`),
  );
}

async function toolUse(trial: CopilotTrial, tool: string, name: string, title: string): Promise<string[]> {
  const { run } = await trial.use(tool, { inputs: { Name: name } });
  const { count, answer, problem, code } = run?.answer ?? {};
  return [
    title,
    line("model", `${tool}(Name: ${JSON.stringify(name)})`),
    ...historyLines("flow", run?.history ?? []),
    line("tool", JSON.stringify({ answer, count, problem, code })),
    "",
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
  answers: readonly string[] = [],
): Promise<string[]> {
  const reply: Reply = await trial.say(phrase, topicPath, answers);
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

const adele = "AdeleV@contoso.onmicrosoft.com";
const megan = "MeganB@contoso.onmicrosoft.com";

/**
 * Shows a user who signs in and asks as itself, another one who may not see the first one's file, and a tenant without
 * consent; each by the agent's own sign-in and by the connector. @returns Lines for the terminal.
 *
 * @param withoutConsent The same agent where no one consented.
 */
export async function showUserTrial(trial: UserTrial, withoutConsent: UserTrial): Promise<string[]> {
  const file = trial.fileOf(adele);
  const scenes: readonly [UserTrial, string, string, GraphRequest?][] = [
    [trial, "as the signed-in user", adele],
    [trial, "as a user who may not see the file", megan, file],
    [withoutConsent, "in a tenant without consent", adele],
  ];
  const lines: string[] = [];
  for (const [tenant, title, login, request] of scenes) {
    const { signIn, events } = await tenant.ask(login, request);
    const [card, ...others] = events.flatMap(eventLines);
    const byTopic = [
      ...(card === undefined ? [] : [card]),
      ended(login, signIn),
      line("you", "Ask Microsoft Graph as me"),
      ...others,
    ];
    const { signIn: allowed, answers } = await tenant.askByConnector(login, request);
    const byConnector = [
      ended(login, allowed),
      ...answers.map(({ operationId, status, body }) =>
        line("tool", `${operationId}: HTTP ${status} ${short(body)}`),
      ),
    ];
    lines.push(`Ask Microsoft Graph ${title}: Authenticate manually, with the topic`, ...byTopic, "");
    lines.push(
      `Ask Microsoft Graph ${title}: Authenticate with Microsoft, with the connector`,
      ...byConnector,
      "",
    );
  }
  return lines;
}

function ended(login: string, signIn: "signed in" | { readonly refusal: string }): string {
  return line("user", signIn === "signed in" ? `${login} signed in` : `${login}: ${signIn.refusal}`);
}

/** What of Graph's answer is not the same every time. */
function short(body: string): string {
  const { value, error, ...one } = JSON.parse(body) as Record<string, unknown> & {
    value?: unknown;
    error?: { code?: string };
  };
  return JSON.stringify(
    error?.code ?? value ?? Object.fromEntries(Object.entries(one).filter(([key]) => !key.includes("@"))),
  );
}
