import { judgeCall, type TriggerCall, type VerifiedClaims } from "./logicAppAccess";
import type { Platform } from "./platform";
import type { HistoryEntry } from "./runHistory";
import { isRecord, EmulationError, type Value } from "./value";
import { runWorkflow } from "./workflowRun";

/** A call of a Logic App: what its caller got, and what stays behind. */
export interface LogicAppRun {
  readonly response: Response;
  /** Empty when the call was refused: then nothing ran. */
  readonly history: readonly HistoryEntry[];
}

/**
 * Calls a Logic App's request trigger.
 *
 * @param workflow The resource as Azure Resource Manager gives it back.
 * @throws {EmulationError} for what the Logic App here does not use.
 */
export async function callLogicApp(
  workflow: Value,
  call: TriggerCall,
  platform: Platform,
  verifiedClaims: VerifiedClaims,
): Promise<LogicAppRun> {
  const { identity = null, properties } = isRecord(workflow) ? workflow : {};
  const { definition = null, accessControl = null } = isRecord(properties) ? properties : {};
  const refusal = judgeCall(accessControl, call, verifiedClaims);
  if (refusal !== undefined) {
    const { status, code, message } = refusal;
    return { response: Response.json({ error: { code, message } }, { status }), history: [] };
  }
  const { answer, history } = await runWorkflow(definition, {
    platform,
    identities: identitiesOf(identity),
    parameter: ({ defaultValue = null }) => defaultValue,
    trigger: readTrigger(definition, call.request),
  });
  if (answer === undefined) throw new EmulationError("The Logic App ended without an answer.");
  return { response: Response.json(answer.body, { status: answer.statusCode }), history };
}

/** The one trigger, with what the request brings it; never the header that says who calls. */
function readTrigger(
  definition: Value,
  request: Request,
): { name: string; outputs: Value; runtimeConfiguration: Value } {
  const triggers = isRecord(definition) ? definition["triggers"] : undefined;
  const [first, ...others] = Object.entries(isRecord(triggers) ? triggers : {});
  const { pathname, searchParams } = new URL(request.url);
  const name = /\/triggers\/([^/]+)\/paths\/invoke$/.exec(pathname)?.[1];
  if (first === undefined || others.length > 0 || first[0] !== name || !isRecord(first[1])) {
    throw new EmulationError(`The Logic App has no trigger ${name ?? "at that path"}.`);
  }
  const [, trigger] = first;
  const inputs = trigger["inputs"];
  if (trigger["type"] !== "Request" || !isRecord(inputs) || inputs["method"] !== request.method) {
    throw new EmulationError(`The trigger takes no ${request.method}.`);
  }
  if (trigger["operationOptions"] !== undefined) {
    throw new EmulationError("The trigger's options would keep the caller's token in the run.");
  }
  const headers = Object.fromEntries([...request.headers].filter(([key]) => key !== "authorization"));
  return {
    name,
    outputs: { headers, queries: Object.fromEntries(searchParams) },
    runtimeConfiguration: trigger["runtimeConfiguration"] ?? null,
  };
}

function identitiesOf(identity: Value): string[] {
  const assigned = isRecord(identity) ? identity["userAssignedIdentities"] : undefined;
  return Object.keys(isRecord(assigned) ? assigned : {});
}
