import type { Environment } from "./environment";
import { PlatformFailure, type Connection, type Platform } from "./platform";
import type { HistoryEntry } from "./runHistory";
import { isRecord, EmulationError, type Value } from "./value";
import { runWorkflow } from "./workflowRun";

/** What a flow did. */
export interface FlowRun {
  /** The body of its Response. */
  readonly answer: { readonly [property: string]: Value };
  /** What the run history shows to everyone who may open it, in the order of the run. */
  readonly history: readonly HistoryEntry[];
}

/** An agent waits so long for a flow's answer. */
const agentPatienceSeconds = 100;

/**
 * Runs a flow as an agent does, until it has answered.
 *
 * @param inputs By the keys of the trigger's schema.
 * @throws {PlatformFailure} `FlowActionBadRequest` for other inputs than the schema's, `FlowActionTimedOut` when the answer came too late, `FlowActionException` without one.
 * @throws {EmulationError} for a definition that the platform could not run, or that uses something unknown here.
 */
export async function runFlow(
  workflowId: string,
  environment: Environment,
  platform: Platform,
  inputs: { readonly [property: string]: Value } = {},
): Promise<FlowRun> {
  const file = environment.flows.get(workflowId.toLowerCase());
  if (file === undefined) throw new EmulationError(`No flow ${workflowId} is in the solution.`);
  const properties = isRecord(file) && isRecord(file["properties"]) ? file["properties"] : {};
  const definition = properties["definition"] ?? null;
  checkInputs(definition, inputs);
  const { answer, history } = await runWorkflow(definition, {
    platform,
    inputs,
    environment,
    connections: connectionsOf(properties["connectionReferences"] ?? null, environment),
    parameter: (definition) => parameterValue(definition, environment),
  });
  if (answer === undefined) {
    throw new PlatformFailure("FlowActionException", "The flow ended without an answer.");
  }
  if (answer.afterSeconds > agentPatienceSeconds) {
    throw new PlatformFailure(
      "FlowActionTimedOut",
      `The flow took ${answer.afterSeconds} s; an agent waits ${agentPatienceSeconds}.`,
    );
  }
  return { answer: answer.body, history };
}

/** A flow takes each text that its trigger requires, and nothing else. */
function checkInputs(definition: Value, inputs: { readonly [property: string]: Value }): void {
  const schema = ["triggers", "manual", "inputs", "schema"].reduce<Value>(
    (value, name) => (isRecord(value) ? (value[name] ?? null) : null),
    definition,
  );
  const required =
    isRecord(schema) && Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
  const wrong = [
    ...required.filter((name) => typeof inputs[name] !== "string"),
    ...Object.keys(inputs).filter((name) => !required.includes(name)),
  ];
  if (wrong.length === 0) return;
  throw new PlatformFailure("FlowActionBadRequest", `The flow's inputs are not these: ${wrong.join(", ")}.`);
}

/** A flow's parameters are environment variables. */
function parameterValue(parameter: { readonly [key: string]: Value }, environment: Environment): Value {
  const schemaName = isRecord(parameter["metadata"]) ? parameter["metadata"]["schemaName"] : undefined;
  if (typeof schemaName !== "string") return parameter["defaultValue"] ?? null;
  const variable = environment.variables.get(schemaName);
  if (variable === undefined) throw new EmulationError(`No environment variable ${schemaName} exists.`);
  if (variable.isSecret)
    throw new EmulationError(`A flow with the secret ${schemaName} as parameter stays off.`);
  return variable.value;
}

/** The connections that someone bound to the flow's references, by the definition's own names. */
function connectionsOf(references: Value, { connections }: Environment): Map<string, Connection> {
  const bound = new Map<string, Connection>();
  for (const [name, reference] of Object.entries(isRecord(references) ? references : {})) {
    const connection = isRecord(reference) ? reference["connection"] : undefined;
    const logicalName = isRecord(connection) ? connection["connectionReferenceLogicalName"] : undefined;
    const made = typeof logicalName === "string" ? connections?.get(logicalName) : undefined;
    if (made !== undefined) bound.set(name, made);
  }
  return bound;
}
