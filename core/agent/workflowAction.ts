/** An action of a workflow, as the definition of a Logic App or a cloud flow holds it. */
export type WorkflowAction = Readonly<Record<string, unknown>>;

/** How an action ended; `runAfter` names the ends after which another one starts. */
export type ActionStatus = "Succeeded" | "Failed" | "Skipped" | "TimedOut";

export type RunAfter = Readonly<Record<string, readonly ActionStatus[]>>;

/**
 * Makes the action that answers the caller: a flow and a Logic App answer in different kinds, but with one body.
 *
 * @param values Expressions by property; what is missing is answered with an empty text.
 */
export type Respond = (runAfter: RunAfter, values: Readonly<Record<string, string>>) => WorkflowAction;

/**
 * Hides an action's or a trigger's inputs and outputs in the run history, where the platform accepts it. Parse JSON and
 * Response accept only "inputs", which hides both.
 *
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate (read 2026-11)
 */
export function secureData(...properties: readonly ("inputs" | "outputs")[]): object {
  return { secureData: { properties } };
}
