import { parse } from "yaml";
import type { Environment } from "./environment";
import { runFlow, type FlowRun } from "./flowRun";
import { exchange, NoAnswer, type Platform } from "./platform";
import { evaluatePowerFx, fillTemplate, type VariableLookup } from "./powerFx";
import { readSecretForTopic } from "./secretVariable";
import { isRecord, parseJson, EmulationError, textOf, type Value } from "./value";

/** Something that a topic did. */
export type TopicEvent =
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "flow"; readonly displayName: string; readonly run: FlowRun }
  | { readonly kind: "question"; readonly text: string; readonly answer: string }
  | { readonly kind: "request"; readonly displayName: string; readonly outcome: string };

export interface TopicRun {
  readonly events: readonly TopicEvent[];
  /** The topic's variables at its end, without "Topic.". */
  readonly variables: ReadonlyMap<string, Value>;
}

/** What a topic is played with. */
export interface TopicInputs {
  /** Variables of the scope System, such as `Error.Code` for a topic On Error. */
  readonly system?: ReadonlyMap<string, Value>;
  /** What the user says to the topic's questions, in their order. */
  readonly answers?: readonly string[];
}

type TopicRecord = { readonly [key: string]: Value };

/** A topic's dialog. @throws {EmulationError} when the text is none. */
export function readTopic(yaml: string): TopicRecord {
  const dialog = parse(yaml, { strict: true }) as Value;
  if (!isRecord(dialog) || dialog["kind"] !== "AdaptiveDialog" || !isRecord(dialog["beginDialog"])) {
    throw new EmulationError("That is no topic.");
  }
  return dialog["beginDialog"];
}

/**
 * Plays a topic from its first node to its last.
 *
 * @throws {PlatformFailure} for what ends a topic and goes to On Error.
 * @throws {EmulationError} for nodes and formulas that the topics do not use.
 */
export async function runTopic(
  yaml: string,
  environment: Environment,
  platform: Platform,
  { system = new Map(), answers = [] }: TopicInputs = {},
): Promise<TopicRun> {
  const dialog = readTopic(yaml);
  const player = new TopicPlayer(environment, platform, system, assignedVariables(dialog), [...answers]);
  await player.play(dialog["actions"] ?? null);
  return player;
}

class TopicPlayer implements TopicRun {
  readonly events: TopicEvent[] = [];
  readonly variables = new Map<string, Value>();

  constructor(
    private readonly environment: Environment,
    private readonly platform: Platform,
    private readonly system: ReadonlyMap<string, Value>,
    private readonly assigned: ReadonlySet<string>,
    private readonly answers: string[],
  ) {}

  async play(nodes: Value): Promise<void> {
    if (!Array.isArray(nodes)) throw new EmulationError("A topic without actions.");
    for (const node of nodes as readonly Value[]) {
      if (!isRecord(node)) throw new EmulationError("A node that is no object.");
      await this.#playNode(node);
    }
  }

  async #playNode(node: TopicRecord): Promise<void> {
    switch (node["kind"]) {
      case "SendActivity":
        this.events.push({ kind: "message", text: await this.#fill(textOf(node, "activity")) });
        break;
      case "Question":
        await this.#ask(node);
        break;
      case "SetVariable":
        this.#assign(textOf(node, "variable"), await this.#value(node["value"] ?? null));
        break;
      case "ParseValue":
        this.#assign(textOf(node, "variable"), asRecord(await this.#value(node["value"] ?? null)));
        break;
      case "ConditionGroup":
        await this.#branch(node);
        break;
      case "InvokeFlowAction":
        await this.#callFlow(node);
        break;
      case "HttpRequestAction":
        await this.#request(node);
        break;
      case "OAuthInput":
        this.events.push({ kind: "message", text: `[${textOf(node, "title")}] ${textOf(node, "text")}` });
        break;
      case "CancelAllDialogs":
        break;
      default:
        throw new EmulationError(`${textOf(node, "kind")} is not a node that the topics use.`);
    }
  }

  async #ask(node: TopicRecord): Promise<void> {
    const answer = this.answers.shift();
    const text = await this.#fill(textOf(node, "prompt"));
    if (answer === undefined) throw new EmulationError(`Nothing was said to "${text}".`);
    this.events.push({ kind: "question", text, answer });
    const value = node["entity"] === "BooleanPrebuiltEntity" ? /^yes$/i.test(answer) : answer;
    this.#assign(textOf(node, "variable").replace(/^init:/, ""), value);
  }

  async #branch(node: TopicRecord): Promise<void> {
    const conditions = node["conditions"];
    if (!Array.isArray(conditions)) throw new EmulationError("A ConditionGroup without conditions.");
    for (const item of conditions as readonly Value[]) {
      if (isRecord(item) && (await this.#value(item["condition"] ?? null)) === true) {
        return this.play(item["actions"] ?? null);
      }
    }
    if (node["elseActions"] !== undefined) await this.play(node["elseActions"]);
  }

  async #callFlow(node: TopicRecord): Promise<void> {
    const input = node["input"];
    const inputs: Record<string, Value> = {};
    const bound = isRecord(input) && isRecord(input["binding"]) ? input["binding"] : {};
    for (const [property, value] of Object.entries(bound)) inputs[property] = await this.#value(value);
    const run = await runFlow(textOf(node, "flowId"), this.environment, this.platform, inputs);
    const output = node["output"];
    const binding = isRecord(output) && isRecord(output["binding"]) ? output["binding"] : {};
    for (const property of Object.keys(binding)) {
      const value = run.answer[property];
      if (value === undefined) throw new EmulationError(`BindingKeyNotFoundError: ${property}`);
      this.#assign(textOf(binding, property), value);
    }
    this.events.push({ kind: "flow", displayName: textOf(node, "displayName"), run });
  }

  async #request(node: TopicRecord): Promise<void> {
    const { body } = node;
    const handling = node["errorHandling"];
    if (!isRecord(handling) || handling["kind"] !== "ContinueOnErrorBehavior") {
      throw new EmulationError("HttpRequestAction: only ContinueOnErrorBehavior is known.");
    }
    const headers = new Headers();
    for (const [name, value] of Object.entries(isRecord(node["headers"]) ? node["headers"] : {})) {
      headers.set(name, await this.#text(value));
    }
    const content = body === undefined ? undefined : await this.#requestBody(body, headers);
    const request = new Request(await this.#text(node["url"]), {
      method: textOf(node, "method").toUpperCase(),
      headers,
      ...(content === undefined ? {} : { body: content }),
    });
    const assign = (key: string, from: TopicRecord, value: Value): void => {
      if (from[key] !== undefined) this.#assign(textOf(from, key), value);
    };
    const seconds = Number(node["requestTimeoutInMilliseconds"] ?? 30_000) / 1000;
    const displayName = textOf(node, "displayName");
    for (const key of ["statusCode", "errorResponseBody"]) assign(key, handling, null);
    for (const key of ["response", "responseHeaders"]) assign(key, node, null);
    try {
      const answer = await exchange(this.platform, request, seconds);
      this.events.push({ kind: "request", displayName, outcome: `HTTP ${answer.status}` });
      if (answer.status >= 200 && answer.status < 300) {
        assign("responseHeaders", node, Object.fromEntries(answer.headers));
        assign("response", node, typed(parseJson(answer.body) ?? null, node["responseSchema"] ?? null));
      } else {
        assign("statusCode", handling, answer.status);
        assign("errorResponseBody", handling, answer.body);
      }
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      this.events.push({ kind: "request", displayName, outcome: error.message });
      if (this.environment.topicTimeout === "status 408") assign("statusCode", handling, 408);
    }
  }

  async #requestBody(body: Value, headers: Headers): Promise<string> {
    if (!isRecord(body) || body["kind"] !== "RawRequestContent") {
      throw new EmulationError("HttpRequestAction: only a raw body is known.");
    }
    headers.set("Content-Type", await this.#text(body["contentType"]));
    return this.#text(body["content"]);
  }

  /** A value of a node: a formula begins with "=", anything else is literal. */
  async #value(value: Value): Promise<Value> {
    if (typeof value !== "string" || !value.startsWith("=")) return value;
    return evaluatePowerFx(value.slice(1), await this.#lookup(value));
  }

  async #text(value: Value | undefined): Promise<string> {
    const text = await this.#value(value ?? null);
    if (typeof text !== "string") throw new EmulationError("A header, an address or a body that is no text.");
    return text;
  }

  async #fill(template: string): Promise<string> {
    return fillTemplate(template, await this.#lookup(template));
  }

  /** Reads the secrets that a formula names first, so that evaluating it needs no waiting. */
  async #lookup(formula: string): Promise<VariableLookup> {
    const env = new Map<string, Value>();
    for (const [, schemaName = ""] of formula.matchAll(/\bEnv\.(\w+)/g)) {
      const variable = this.environment.variables.get(schemaName);
      if (variable === undefined) throw new EmulationError(`No environment variable ${schemaName} exists.`);
      env.set(
        schemaName,
        variable.isSecret
          ? await readSecretForTopic(this.platform, this.environment, variable.value)
          : variable.value,
      );
    }
    return (scope, name) => {
      const scopes: Record<string, ReadonlyMap<string, Value> | undefined> = {
        Env: env,
        Topic: this.variables,
        System: this.system,
      };
      const variables = scopes[scope];
      if (variables === undefined) throw new EmulationError(`There is no scope ${scope}.`);
      if (scope === "Topic" && !this.assigned.has(name)) {
        throw new EmulationError(`No node assigns Topic.${name}.`);
      }
      return variables.get(name) ?? null;
    };
  }

  #assign(variable: string, value: Value): void {
    const name = /^Topic\.(\w+)$/.exec(variable)?.[1];
    if (name === undefined) throw new EmulationError(`${variable} is not a variable of the topic.`);
    this.variables.set(name, value);
  }
}

/** Variables that some node assigns: their names have no prefix, while formulas begin with "=". */
function assignedVariables(value: Value): Set<string> {
  if (typeof value === "string") return new Set(/^(?:init:)?Topic\.(\w+)$/.exec(value)?.slice(1));
  const parts = typeof value === "object" && value !== null ? Object.values(value) : [];
  return new Set(parts.flatMap((part: Value) => [...assignedVariables(part)]));
}

/** ParseValue with DefaultBlank: JSON text or a record, else Blank. */
function asRecord(value: Value): Value {
  const parsed = typeof value === "string" ? (parseJson(value) ?? null) : value;
  return isRecord(parsed) ? parsed : null;
}

/** Keeps what the response schema names; an answer that does not fit it is Blank. */
function typed(value: Value, schema: Value): Value {
  const { kind, properties } = isRecord(schema) ? schema : {};
  if (!isRecord(properties)) return value;
  if (kind === "Table") {
    const row: Value = { kind: "Record", properties };
    return Array.isArray(value) ? (value as readonly Value[]).map((each) => typed(each, row)) : null;
  }
  if (!isRecord(value)) return null;
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      typed(value[name] ?? null, isRecord(property) ? (property["type"] ?? property) : property),
    ]),
  );
}
