import { problemCodes } from "./problemCodes";
import {
  secureData,
  type Respond,
  type RunAfter,
  type WorkflowAction,
  answerFailure,
} from "./workflowFailure";

/** Name of the action that asks Microsoft Graph. */
export const callAction = "Call_Microsoft_Graph";

/** What a workflow answers that has asked Microsoft Graph; every value is text. */
export interface AnswerProperty {
  readonly property: "answer" | "count" | "problem" | "code";
  readonly description: string;
}

/** @param answer What the answer is, for people and models. */
export function graphAnswer(answer: string): AnswerProperty[] {
  return [
    { property: "answer", description: answer },
    { property: "count", description: "How many objects came back" },
    { property: "problem", description: "What went wrong; empty when all went well" },
    { property: "code", description: "A code for what went wrong" },
  ];
}

/** An API other than Microsoft Graph. */
export interface CalledApi {
  readonly name: string;
  /** Scheme and host; may hold expressions. */
  readonly baseUrl: string;
}

export interface GraphCall {
  /** Address of Microsoft Graph in the cloud. */
  readonly graph: string;
  /** Default: Microsoft Graph. */
  readonly api?: CalledApi | undefined;
  readonly runAfter: RunAfter;
  /** From the version on, such as `/v1.0/users?$top=5`; may hold expressions. */
  readonly path: string;
  /** Default: GET. A POST is sent once: a second one could do the same thing twice. */
  readonly method?: "GET" | "POST";
  readonly body?: unknown;
  readonly answer: GraphCallAnswer;
  /** How the platform signs in, in the manner of an HTTP action. */
  readonly authentication: object;
  readonly respond: Respond;
  /** Hides the answer in the run history of the step between too: only the caller may see it. */
  readonly secureAnswer?: boolean;
}

/** What the workflow answers with. */
export type GraphCallAnswer =
  | {
      /** Expression, without "@", for what it takes of each object, such as `item()?['displayName']`. */
      readonly select: string;
      readonly separator: string;
      /** What it takes, for a message; may hold expressions. */
      readonly fieldText: string;
      /** Property of the answer that has the list; "" where the answer itself is the list. Default: `value`. */
      readonly list?: string | undefined;
    }
  | {
      /** Said when the request succeeded, of which nothing comes back. */
      readonly done: string;
    };

/**
 * Asks Microsoft Graph, or another API, and answers with one field of what comes back. The platform itself signs in, so no token is
 * ever a value of the workflow.
 *
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app (read 2026-11)
 */
export function graphCallActions(call: GraphCall): Record<string, WorkflowAction> {
  const { respond, method = "GET", body, api = { name: "Microsoft Graph", baseUrl: call.graph } } = call;
  const action = actionOf(call);
  return {
    [action]: {
      runAfter: call.runAfter,
      type: "Http",
      description: `Calls ${api.name}; the platform fetches and keeps the token.`,
      // Together with its retries: an agent waits 100 seconds for everything.
      limit: { timeout: "PT60S" },
      inputs: {
        method,
        uri: `${api.baseUrl}${call.path}`,
        headers: { Accept: "application/json" },
        ...(body === undefined ? {} : { body }),
        authentication: call.authentication,
        retryPolicy: method === "GET" ? { type: "fixed", count: 2, interval: "PT5S" } : { type: "none" },
      },
      runtimeConfiguration: secureData("inputs", "outputs"),
    },
    ...answerFailure({
      action,
      readAs: "Read_refusal",
      schema: {
        type: "object",
        properties: { error: { type: "object", properties: { message: { type: "string" } } } },
      },
      reason: "body('Read_refusal')?['error']?['message']",
      respond,
    }),
    ...answerActions(call),
  };
}

function actionOf({ api }: GraphCall): string {
  return api === undefined ? callAction : "Call_API";
}

function answerActions(call: GraphCall): Record<string, WorkflowAction> {
  const { answer, respond, secureAnswer } = call;
  const action = actionOf(call);
  if ("done" in answer) {
    return { Respond_to_the_agent: respond({ [action]: ["Succeeded"] }, { answer: answer.done }) };
  }
  return {
    Pick_field: {
      runAfter: { [action]: ["Succeeded"] },
      type: "Select",
      inputs: {
        from: rowsOf(action, answer.list),
        select: `@${answer.select}`,
      },
      ...(secureAnswer === true ? { runtimeConfiguration: secureData("inputs", "outputs") } : {}),
    },
    Respond_to_the_agent: respond(
      { Pick_field: ["Succeeded"] },
      {
        answer: `@{join(body('Pick_field'), '${answer.separator}')}`,
        count: "@{length(body('Pick_field'))}",
      },
    ),
    Respond_without_answer: respond(
      { Pick_field: ["Failed", "TimedOut"] },
      {
        problem: `HTTP @{outputs('${action}')?['statusCode']}: an answer without ${answer.fieldText}`,
        code: problemCodes.unreadableAnswer,
      },
    ),
  };
}

/** A list comes as a property, such as "value"; a single object comes bare. */
function rowsOf(action: string, list = "value"): string {
  return list === ""
    ? `@body('${action}')`
    : `@coalesce(body('${action}')?['${list}'], createArray(body('${action}')))`;
}
