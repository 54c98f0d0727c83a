import type { Environment } from "./environment";
import { runAction, type ActionDefinition, type ActionEnd } from "./flowActions";
import { PlatformFailure, type Platform } from "./platform";
import { runHistory, type HistoryEntry } from "./runHistory";
import { isRecord, RehearsalError, type Value } from "./value";
import type { ExpressionScope } from "./workflowExpression";

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
 * Runs a flow as an agent does: without inputs, until it has answered.
 *
 * @throws {PlatformFailure} `FlowActionTimedOut` when the answer came too late, `FlowActionException` without one.
 * @throws {RehearsalError} for a definition that the platform could not run, or that uses something unknown here.
 */
export async function runFlow(
  workflowId: string,
  environment: Environment,
  platform: Platform,
): Promise<FlowRun> {
  const file = environment.flows.get(workflowId.toLowerCase());
  if (file === undefined) throw new RehearsalError(`No flow ${workflowId} is in the solution.`);
  const { parameters, actions } = readDefinition(file);
  const ends = new Map<string, ActionEnd>();
  const scope = expressionScope(parameters, ends, environment);
  const startedAt = platform.now().getTime();
  let answer: FlowRun["answer"] | undefined;
  for (let next = nextAction(actions, ends); next !== undefined; next = nextAction(actions, ends)) {
    const [name, definition] = next;
    const end = mayRun(definition, ends)
      ? await runAction(definition, { scope, environment, platform })
      : skipped;
    ends.set(name, end);
    if (definition.type !== "Response" || end.status !== "Succeeded" || !isRecord(end.inputs)) continue;
    if (answer !== undefined) throw new RehearsalError(`${name} answers a second time.`);
    const body = end.inputs["body"];
    if (!isRecord(body)) throw new RehearsalError(`${name} has no body.`);
    answer = body;
    const elapsedSeconds = (platform.now().getTime() - startedAt) / 1000;
    if (elapsedSeconds > agentPatienceSeconds) {
      throw new PlatformFailure(
        "FlowActionTimedOut",
        `The flow took ${elapsedSeconds} s; an agent waits ${agentPatienceSeconds}.`,
      );
    }
  }
  if (ends.size < actions.size) throw new RehearsalError("The flow's runAfter goes in a circle.");
  if (answer === undefined) {
    throw new PlatformFailure("FlowActionException", "The flow ended without an answer.");
  }
  return { answer, history: runHistory(actions, ends) };
}

const skipped: ActionEnd = { status: "Skipped", inputs: null, outputs: null, error: null };

interface Definition {
  readonly parameters: { readonly [name: string]: Value };
  readonly actions: ReadonlyMap<string, ActionDefinition>;
}

function readDefinition(file: Value): Definition {
  const properties = isRecord(file) ? file["properties"] : undefined;
  const definition = isRecord(properties) ? properties["definition"] : undefined;
  const actions = isRecord(definition) ? definition["actions"] : undefined;
  const parameters = isRecord(definition) ? definition["parameters"] : undefined;
  if (!isRecord(actions) || !isRecord(parameters))
    throw new RehearsalError("That is no definition of a flow.");
  return {
    parameters,
    actions: new Map(
      Object.entries(actions).map(([name, action]) => {
        if (!isRecord(action) || typeof action["type"] !== "string" || !isRecord(action["runAfter"])) {
          throw new RehearsalError(`${name} has no type or no runAfter.`);
        }
        return [
          name,
          {
            type: action["type"],
            runAfter: action["runAfter"],
            inputs: action["inputs"] ?? null,
            limit: action["limit"] ?? null,
            runtimeConfiguration: action["runtimeConfiguration"] ?? null,
          },
        ];
      }),
    ),
  };
}

/** The first action, in the definition's order, whose predecessors have all ended. */
function nextAction(
  actions: Definition["actions"],
  ends: ReadonlyMap<string, ActionEnd>,
): [string, ActionDefinition] | undefined {
  return [...actions].find(
    ([name, { runAfter }]) => !ends.has(name) && Object.keys(runAfter).every((before) => ends.has(before)),
  );
}

function mayRun({ runAfter }: ActionDefinition, ends: ReadonlyMap<string, ActionEnd>): boolean {
  return Object.entries(runAfter).every(
    ([before, statuses]) => Array.isArray(statuses) && statuses.includes(ends.get(before)?.status ?? ""),
  );
}

function expressionScope(
  parameters: Definition["parameters"],
  ends: ReadonlyMap<string, ActionEnd>,
  environment: Environment,
): ExpressionScope {
  const endOf = (name: string): ActionEnd => {
    const end = ends.get(name);
    if (end === undefined) throw new RehearsalError(`An expression reads ${name} before it has run.`);
    return end;
  };
  return {
    parameter: (name) => {
      const parameter = parameters[name];
      if (!isRecord(parameter)) throw new RehearsalError(`The flow declares no parameter ${name}.`);
      const schemaName = isRecord(parameter["metadata"]) ? parameter["metadata"]["schemaName"] : undefined;
      if (typeof schemaName !== "string") return parameter["defaultValue"] ?? null;
      const variable = environment.variables.get(schemaName);
      if (variable === undefined) throw new RehearsalError(`No environment variable ${schemaName} exists.`);
      if (variable.isSecret)
        throw new RehearsalError(`A flow with the secret ${schemaName} as parameter stays off.`);
      return variable.value;
    },
    outputs: (name) => endOf(name).outputs,
    action: (name) => {
      const { status, error, outputs } = endOf(name);
      return { name, status, outputs, error };
    },
  };
}
