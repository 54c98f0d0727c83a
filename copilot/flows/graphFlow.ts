import type { GraphRequest } from "../graphRequest";
import { graphResource } from "../graphScope";
import type { ArtefactNames } from "../names";
import { answerFailure } from "./failure";
import { readSecret, readSecretAction, secretExpression } from "./readSecret";
import { parameterExpression, respond, secureData, workflowFile, type FlowOutput } from "./workflow";

const callAction = "Call_Microsoft_Graph";

/** What the flow "Ask Microsoft Graph" hands to its topic. */
export function graphFlowOutputs({ field }: GraphRequest): FlowOutput[] {
  return [
    {
      property: "answer",
      title: "answer",
      description: `${field} of each object, parted by commas`,
      variable: "Topic.Answer",
    },
    { property: "count", title: "count", description: "How many objects came back", variable: "Topic.Count" },
    {
      property: "problem",
      title: "problem",
      description: "What went wrong; empty when all went well",
      variable: "Topic.Problem",
    },
  ];
}

/**
 * The flow "Ask Microsoft Graph": the platform signs in by itself (`ActiveDirectoryOAuth`), so that no token exists in
 * the flow at all, and only one field of the answer leaves it.
 *
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app (read 2026-11)
 */
export function graphFlow(names: ArtefactNames, request: GraphRequest): object {
  const { tenantId, clientId, clientSecret } = names.variables;
  const outputs = graphFlowOutputs(request);
  return workflowFile(
    names,
    [
      { variable: tenantId, defaultValue: "" },
      { variable: clientId, defaultValue: "" },
    ],
    {
      ...readSecret(clientSecret, outputs),
      [callAction]: {
        runAfter: { [readSecretAction]: ["Succeeded"] },
        type: "Http",
        description: "Calls Microsoft Graph; the platform fetches and keeps the token.",
        limit: { timeout: "PT60S" },
        inputs: {
          method: "GET",
          uri: `${graphResource}${request.path}`,
          headers: { Accept: "application/json" },
          authentication: {
            type: "ActiveDirectoryOAuth",
            authority: "https://login.microsoftonline.com",
            tenant: `@${parameterExpression(tenantId)}`,
            audience: graphResource,
            clientId: `@${parameterExpression(clientId)}`,
            secret: `@${secretExpression}`,
          },
          retryPolicy: { type: "fixed", count: 2, interval: "PT5S" },
        },
        runtimeConfiguration: secureData("inputs", "outputs"),
      },
      ...answerFailure({
        action: callAction,
        readAs: "Read_refusal",
        schema: {
          type: "object",
          properties: { error: { type: "object", properties: { message: { type: "string" } } } },
        },
        reason: "body('Read_refusal')?['error']?['message']",
        outputs,
      }),
      Pick_field: {
        runAfter: { [callAction]: ["Succeeded"] },
        type: "Select",
        inputs: {
          // A list comes as "value"; a single object comes bare.
          from: `@coalesce(body('${callAction}')?['value'], createArray(body('${callAction}')))`,
          select: `@item()?['${request.field}']`,
        },
      },
      Respond_to_the_agent: respond({ Pick_field: ["Succeeded"] }, outputs, {
        answer: "@{join(body('Pick_field'), ', ')}",
        count: "@{length(body('Pick_field'))}",
      }),
      Respond_without_answer: respond({ Pick_field: ["Failed", "TimedOut"] }, outputs, {
        problem: `HTTP @{outputs('${callAction}')?['statusCode']}: an answer without ${request.field}`,
      }),
    },
  );
}
