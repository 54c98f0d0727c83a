import { runAction, type ActionDefinition, type ActionEnd, type ActionWorld } from "./flowActions";
import { runHistory, type HistoryEntry, type Trigger } from "./runHistory";
import { isRecord, EmulationError, type Value } from "./value";
import type { ExpressionScope } from "./workflowExpression";

/** A workflow's answer to its caller. */
export interface WorkflowAnswer {
  readonly statusCode: number;
  readonly body: { readonly [property: string]: Value };
  /** After so many seconds of the platform's clock. */
  readonly afterSeconds: number;
}

/** What a workflow did. */
export interface WorkflowRun {
  /** Absent when no Response was reached. */
  readonly answer?: WorkflowAnswer;
  /** What the run history shows to everyone who may open it, in the order of the run. */
  readonly history: readonly HistoryEntry[];
}

/** What a workflow runs in: everything but its expressions' scope, which the run makes itself. */
export interface WorkflowWorld extends Omit<ActionWorld, "scope"> {
  /** @throws {EmulationError} for a parameter that has no value here. */
  parameter(definition: { readonly [key: string]: Value }): Value;
  /** The body that a flow's trigger was called with. */
  readonly inputs?: Value;
  /** What the trigger was called with, where an expression or the history asks for it. */
  readonly trigger?: Trigger;
}

/**
 * Runs a workflow, be it a cloud flow or a Logic App, from its first action to its last.
 *
 * @param definition As the workflow definition language has it.
 * @throws {EmulationError} for a definition that the platform could not run, or that uses something unknown here.
 */
export async function runWorkflow(definition: Value, world: WorkflowWorld): Promise<WorkflowRun> {
  const { parameters, actions } = readDefinition(definition);
  const ends = new Map<string, ActionEnd>();
  const scope = expressionScope(parameters, ends, world);
  const startedAt = world.platform.now().getTime();
  let answer: WorkflowAnswer | undefined;
  for (let next = nextAction(actions, ends); next !== undefined; next = nextAction(actions, ends)) {
    const [name, action] = next;
    const end = mayRun(action, ends) ? await runAction(action, { ...world, scope }) : skipped;
    ends.set(name, end);
    if (action.type !== "Response" || end.status !== "Succeeded" || !isRecord(end.inputs)) continue;
    if (answer !== undefined) throw new EmulationError(`${name} answers a second time.`);
    const { body, statusCode = 200 } = end.inputs;
    if (!isRecord(body)) throw new EmulationError(`${name} has no body.`);
    const afterSeconds = (world.platform.now().getTime() - startedAt) / 1000;
    answer = { statusCode: Number(statusCode), body, afterSeconds };
  }
  if (ends.size < actions.size) throw new EmulationError("The flow's runAfter goes in a circle.");
  const history = runHistory(actions, ends, world.trigger);
  return answer === undefined ? { history } : { answer, history };
}

const skipped: ActionEnd = { status: "Skipped", inputs: null, outputs: null, error: null };

interface Definition {
  readonly parameters: { readonly [name: string]: Value };
  readonly actions: ReadonlyMap<string, ActionDefinition>;
}

function readDefinition(definition: Value): Definition {
  const actions = isRecord(definition) ? definition["actions"] : undefined;
  const parameters = isRecord(definition) ? definition["parameters"] : undefined;
  if (!isRecord(actions) || !isRecord(parameters))
    throw new EmulationError("That is no definition of a flow.");
  return {
    parameters,
    actions: new Map(
      Object.entries(actions).map(([name, action]) => {
        if (!isRecord(action) || typeof action["type"] !== "string" || !isRecord(action["runAfter"])) {
          throw new EmulationError(`${name} has no type or no runAfter.`);
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
  world: WorkflowWorld,
): ExpressionScope {
  const endOf = (name: string): ActionEnd => {
    const end = ends.get(name);
    if (end === undefined) throw new EmulationError(`An expression reads ${name} before it has run.`);
    return end;
  };
  return {
    parameter: (name) => {
      const parameter = parameters[name];
      if (!isRecord(parameter)) throw new EmulationError(`The flow declares no parameter ${name}.`);
      return world.parameter(parameter);
    },
    outputs: (name) => endOf(name).outputs,
    action: (name) => {
      const { status, error, outputs } = endOf(name);
      return { name, status, outputs, error };
    },
    ...(world.trigger === undefined
      ? { trigger: { body: world.inputs ?? null } }
      : { trigger: world.trigger.outputs }),
  };
}
