import { problemMarks } from "./problemMarks";
import { secureData, type Respond, type WorkflowAction } from "./workflowAction";

export interface FailureAnswer {
  /** The action that may fail; it talks HTTP. */
  readonly action: string;
  /** Name for the action that reads its refusal, such as `Read_refusal`. */
  readonly readAs: string;
  /** Schema of the refusal's body. */
  readonly schema: object;
  /** Expression for what the refusal says, without "@". */
  readonly reason: string;
  /** Comes before the status in the answer's text. */
  readonly prefix?: string;
  readonly respond: Respond;
}

/**
 * Answers a failed HTTP action as text, so that the caller never waits for a workflow that has died.
 *
 * A body that is not JSON (a proxy's page, nothing at all) has no properties to select: an expression that tried would
 * itself fail, and the workflow with it. So reading the body is an action of its own, with an answer for each end.
 */
export function answerFailure({
  action,
  readAs,
  schema,
  reason,
  prefix = "",
  respond,
}: FailureAnswer): Record<string, WorkflowAction> {
  const status = `string(outputs('${action}')?['statusCode'])`;
  const statusOrNothing = `if(empty(${status}), '${problemMarks.noAnswer}', concat('HTTP ', ${status}))`;
  // Actions that never had an answer carry the platform's own reason, such as a refused sign-in.
  const platformReason = `coalesce(actions('${action}')?['error']?['message'], 'nothing that explains it')`;
  return {
    [readAs]: {
      runAfter: { [action]: ["Failed", "TimedOut"] },
      type: "ParseJson",
      inputs: { content: `@body('${action}')`, schema },
      runtimeConfiguration: secureData("inputs"),
    },
    [`Respond_after_${readAs}`]: respond(
      { [readAs]: ["Succeeded"] },
      { problem: `${prefix}HTTP @{${status}}: @{${reason}}` },
    ),
    [`Respond_without_${readAs}`]: respond(
      { [readAs]: ["Failed", "TimedOut"] },
      { problem: `${prefix}@{${statusOrNothing}}: @{${platformReason}}` },
    ),
  };
}
