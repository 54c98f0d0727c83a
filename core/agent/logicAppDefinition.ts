import { workflowSchema, type Cloud } from "../cloud/clouds";
import type { LogicAppRequest } from "./logicAppRequest";
import { secureData, type Respond, type WorkflowAction } from "./workflowFailure";
import { graphAnswer, graphCallActions } from "./graphCall";

/** Name of the trigger; it is part of the Logic App's address. */
export const logicAppTrigger = "manual";

/** Where the trigger listens, below the workflow's own endpoint. */
export const logicAppTriggerPath = `/triggers/${logicAppTrigger}/paths/invoke?api-version=2016-10-01`;

const checkAction = "Look_up_request";

const chosen = `body('${checkAction}')`;

/**
 * A Logic App that asks Microsoft Graph as a managed identity and answers with one field of what comes back.
 *
 * Its callers say which of the configured requests they want and nothing else: no part of an address comes from them,
 * so the identity's other rights are out of their reach. No token is a value of the workflow.
 *
 * @param identityResourceId ARM ID of the user-assigned identity: a text, or what becomes one when it is sent.
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language (read 2026-11)
 * @see https://learn.microsoft.com/azure/logic-apps/authenticate-with-managed-identity (read 2026-11)
 */
export function logicAppDefinition(
  { graph }: Pick<Cloud, "graph">,
  requests: readonly LogicAppRequest[],
  identityResourceId: string | object,
): object {
  return {
    $schema: workflowSchema,
    contentVersion: "1.0.0.0",
    parameters: {
      requests: {
        type: "Object",
        defaultValue: Object.fromEntries(requests.map(({ name, path, field }) => [name, { path, field }])),
      },
    },
    triggers: {
      [logicAppTrigger]: {
        type: "Request",
        kind: "Http",
        inputs: { method: "GET", schema: {} },
        runtimeConfiguration: secureData("inputs", "outputs"),
      },
    },
    actions: {
      ...chooseRequest(),
      ...graphCallActions({
        graph,
        runAfter: { [checkAction]: ["Succeeded"] },
        path: `@{${chosen}?['path']}`,
        answer: {
          select: `item()?[${chosen}?['field']]`,
          separator: ", ",
          fieldText: `@{${chosen}?['field']}`,
        },
        authentication: {
          type: "ManagedServiceIdentity",
          identity: identityResourceId,
          audience: graph,
        },
        respond: respondWith(200),
        secureAnswer: true,
      }),
    },
    outputs: {},
  };
}

/** Takes the request of that name; a name that is in no list has no path, and so ends here. */
function chooseRequest(): Record<string, WorkflowAction> {
  const asked = "coalesce(triggerOutputs()?['queries']?['request'], '')";
  return {
    [checkAction]: {
      runAfter: {},
      type: "ParseJson",
      description: "Knows the requests that the identity's rights may be used for.",
      inputs: {
        content: `@parameters('requests')?[${asked}]`,
        schema: {
          type: "object",
          properties: { path: { type: "string" }, field: { type: "string" } },
          required: ["path", "field"],
        },
      },
      runtimeConfiguration: secureData("inputs"),
    },
    Respond_to_unknown_request: respondWith(404)(
      { [checkAction]: ["Failed", "TimedOut"] },
      { problem: "The Logic App knows no such request." },
    ),
  };
}

function respondWith(statusCode: number): Respond {
  return (runAfter, values) => ({
    runAfter,
    type: "Response",
    kind: "Http",
    inputs: {
      statusCode,
      headers: { "Content-Type": "application/json" },
      body: Object.fromEntries(graphAnswer("").map(({ property }) => [property, values[property] ?? ""])),
    },
    runtimeConfiguration: secureData("inputs"),
  });
}
