import { problemCodes } from "./problemCodes";

/** An action of a workflow, as the definition of a Logic App or a cloud flow holds it. */
export type WorkflowAction = Readonly<Record<string, unknown>>;

/** How an action ended; `runAfter` names the ends after which another one starts. */
type ActionStatus = "Succeeded" | "Failed" | "Skipped" | "TimedOut";

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

export interface FailureAnswer {
  /** The action that may fail; it talks HTTP. */
  readonly action: string;
  /** Name for the action that reads its refusal, such as `Read_refusal`. */
  readonly readAs: string;
  /** Schema of the refusal's body. */
  readonly schema: object;
  /** Expression for what the refusal says, without "@". */
  readonly reason: string;
  /** Comes before the status in the answer's code, such as `SECRET_`. */
  readonly origin?: string;
  readonly respond: Respond;
}

/**
 * Answers a failed HTTP action with a code and a text, so that the caller never waits for a workflow that has died.
 *
 * A body that is not JSON (a proxy's page, nothing at all) has no properties to select: an expression that tried would
 * itself fail, and the workflow with it. So reading the body is an action of its own, with an answer for each end.
 */
export function answerFailure({
  action,
  readAs,
  schema,
  reason,
  origin = "",
  respond,
}: FailureAnswer): Record<string, WorkflowAction> {
  const status = `string(outputs('${action}')?['statusCode'])`;
  const statusCode = `concat('${origin}HTTP_', ${status})`;
  const statusOrNothing = `if(empty(${status}), '${origin}${problemCodes.noAnswer}', ${statusCode})`;
  const said = `coalesce(${reason}, '')`;
  // Actions that never had an answer carry the platform's own reason, such as a refused sign-in.
  const platformReason = `coalesce(actions('${action}')?['error']?['message'], 'nothing that explains it')`;
  return {
    [readAs]: {
      runAfter: { [action]: ["Failed", "TimedOut"] },
      type: "ParseJson",
      inputs: { content: `@body('${action}')`, schema },
    },
    [`Respond_after_${readAs}`]: respond(
      { [readAs]: ["Succeeded"] },
      { problem: `HTTP @{${status}}: @{${said}}`, code: `@{${refusalCode(said, statusCode)}}` },
    ),
    [`Respond_without_${readAs}`]: respond(
      { [readAs]: ["Failed", "TimedOut"] },
      { problem: `@{${platformReason}}`, code: `@{${refusalCode(platformReason, statusOrNothing)}}` },
    ),
  };
}

/**
 * Entra's own code where the reason names one, else another. What follows the reason here makes the expression one that
 * always has a value: the platform may work out both ends of an `if`.
 */
function refusalCode(reason: string, otherwise: string): string {
  const entraCode = `first(split(first(skip(split(concat(${reason}, 'AADSTS:'), 'AADSTS'), 1)), ':'))`;
  return `if(contains(${reason}, 'AADSTS'), concat('AADSTS', ${entraCode}), ${otherwise})`;
}
