import { parse } from "yaml";
import type { Environment } from "./environment";
import { runFlow, type FlowRun } from "./flowRun";
import type { Platform } from "./platform";
import { EmulationError, isRecord, textOf, type Value } from "./value";

/** What came of a tool that a model chose. */
export interface ToolRun {
  /** What the user is asked first, where the tool has a confirmation. */
  readonly question?: string;
  /** Absent when the user did not agree. */
  readonly run?: FlowRun;
}

/** What a model and its user bring to a tool. */
export interface ToolUse {
  /** By the inputs' names, as the model sees them. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Whether the user agrees, where they are asked. */
  readonly agreed?: boolean;
}

/**
 * Uses a tool of the agent as generative orchestration does: the model's values go into the flow's inputs, and the flow's
 * outputs come back.
 *
 * @param displayName What the model calls the tool.
 * @throws {EmulationError} for a tool that the agent does not have, or one of another kind.
 */
export async function useTool(
  displayName: string,
  { inputs = {}, agreed = true }: ToolUse,
  environment: Environment,
  platform: Platform,
): Promise<ToolRun> {
  const tool = toolOf(displayName, environment);
  const { confirmation, action } = tool;
  const question = isRecord(confirmation) ? textOf(confirmation, "activity") : undefined;
  const asked = question === undefined ? {} : { question };
  if (question !== undefined && !agreed) return asked;
  if (!isRecord(action) || action["kind"] !== "InvokeFlowTaskAction") {
    throw new EmulationError("Only tools that run a flow are known.");
  }
  const run = await runFlow(textOf(action, "flowId"), environment, platform, flowInputs(tool, inputs));
  const missing = records(tool["outputs"]).filter(
    (each) => run.answer[textOf(each, "propertyName")] === undefined,
  );
  if (missing.length > 0)
    throw new EmulationError("The tool has an output that its flow does not answer with.");
  return { ...asked, run };
}

function toolOf(displayName: string, environment: Environment): { readonly [key: string]: Value } {
  const prefix = `${environment.agentSchemaName}.action.`;
  const found = [...environment.topics]
    .filter(([schemaName]) => schemaName.startsWith(prefix))
    .map(([, yaml]) => parse(yaml, { strict: true }) as Value)
    .find((tool) => isRecord(tool) && tool["modelDisplayName"] === displayName);
  if (isRecord(found) && found["kind"] === "TaskDialog") return found;
  throw new EmulationError(`The agent has no tool "${displayName}".`);
}

function flowInputs(
  tool: { readonly [key: string]: Value },
  given: Readonly<Record<string, string>>,
): Record<string, Value> {
  const known = records(tool["inputs"]).map((input) => [
    textOf(input, "name"),
    textOf(input, "propertyName"),
  ]);
  const unknown = Object.keys(given).filter((name) => !known.some(([known]) => known === name));
  if (unknown.length > 0) throw new EmulationError(`The tool has no input ${unknown.join(", ")}.`);
  return Object.fromEntries(
    known.flatMap(([name = "", property = ""]) =>
      given[name] === undefined ? [] : [[property, given[name]]],
    ),
  );
}

function records(value: Value | undefined): { readonly [key: string]: Value }[] {
  return Array.isArray(value) ? (value as readonly Value[]).filter(isRecord) : [];
}
