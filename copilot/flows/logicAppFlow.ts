import { problemOrigins } from "../../core/agent/problemCodes";
import { secureData, answerFailure } from "../../core/agent/workflowFailure";
import type { ArtefactNames } from "../names";
import type { AgentRequest } from "../requests/agentRequest";
import { graphFlowOutputs } from "./graphFlow";
import { parameterExpression, respondToTopic, workflowFile } from "./workflow";
import type { LogicAppOutputs } from "../../core/outputs/logicAppOutputs";

const askAction = "Ask_the_Logic_App";

/**
 * A flow that asks Microsoft Graph by way of a Logic App: it names a request and hands its answer on. The connection signs
 * in as the user who made it, with a token that opens this Logic App and nothing else.
 *
 * @param requestName By which the Logic App knows the request.
 * @see https://learn.microsoft.com/connectors/webcontents (read 2026-11)
 */
export function logicAppFlow(names: ArtefactNames, request: AgentRequest, requestName: string): object {
  const { logicAppPath } = names.variables;
  const { connector } = names.logicApp;
  const outputs = graphFlowOutputs(request);
  const respond = respondToTopic(outputs);
  return workflowFile(names.logicApp, [{ variable: logicAppPath, defaultValue: "" }], {
    [askAction]: {
      runAfter: {},
      type: "OpenApiConnection",
      description: "Asks the Logic App, which asks Microsoft Graph as its managed identity.",
      inputs: {
        host: { connectionName: connector.name, operationId: "InvokeHttp", apiId: connector.id },
        parameters: {
          "request/method": "GET",
          "request/url": `@{${parameterExpression(logicAppPath)}}&request=${requestName}`,
        },
        authentication: "@parameters('$authentication')",
        // The Logic App has retried already.
        retryPolicy: { type: "fixed", count: 1, interval: "PT5S" },
      },
      runtimeConfiguration: secureData("inputs", "outputs"),
    },
    ...answerFailure({
      action: askAction,
      readAs: "Read_Logic_App_refusal",
      schema: {
        type: "object",
        properties: {
          error: { type: "object", properties: { message: { type: "string" } } },
          problem: { type: "string" },
        },
      },
      reason:
        "coalesce(body('Read_Logic_App_refusal')?['error']?['message'], body('Read_Logic_App_refusal')?['problem'])",
      origin: problemOrigins.logicApp,
      respond,
    }),
    Respond_to_the_agent: respond(
      { [askAction]: ["Succeeded"] },
      Object.fromEntries(
        outputs.map(({ property }) => [property, `@{body('${askAction}')?['${property}']}`]),
      ),
    ),
  });
}

/** A Logic App's address in the two parts that Power Platform wants: the connection's, and the flow's. */
interface LogicAppAddress {
  /** The connection's "Base Resource URL". */
  readonly baseUrl: string;
  /** Path and query of the trigger. */
  readonly path: string;
}

/** Takes an endpoint apart. The port that Azure writes out is the usual one, which a base URL need not repeat. */
export function logicAppAddress({ endpoint }: Pick<LogicAppOutputs, "endpoint">): LogicAppAddress {
  const { origin, pathname, search } = new URL(endpoint);
  return { baseUrl: origin, path: `${pathname}${search}` };
}
