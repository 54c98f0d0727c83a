import { problemOrigins } from "../../core/agent/problemCodes";
import {
  secureData,
  type Respond,
  type RunAfter,
  type WorkflowAction,
  answerFailure,
} from "../../core/agent/workflowFailure";
import { dataverse } from "../connectors";
import type { VariableName } from "../names";

/** Name of the action that reads the secret. */
export const readSecretAction = "Get_secret";

/** The expression for the secret's value, without "@". */
export const secretExpression = `body('${readSecretAction}')?['EnvironmentVariableSecretValue']`;

/**
 * Reads the secret environment variable as Dataverse offers it, by an unbound action; with the answers for a failure.
 * A secret can't be read as a parameter: a flow that declares one imports and then refuses to be turned on.
 *
 * @see https://learn.microsoft.com/power-apps/maker/data-platform/environmentvariables-azure-key-vault-secrets (read 2026-11)
 */
export function readSecret(
  clientSecret: VariableName,
  respond: Respond,
  runAfter: RunAfter = {},
): Record<string, WorkflowAction> {
  return {
    [readSecretAction]: {
      runAfter,
      type: "OpenApiConnection",
      description: "Reads the client secret from the vault through the secret environment variable.",
      inputs: {
        host: {
          connectionName: dataverse.name,
          operationId: "PerformUnboundAction",
          apiId: dataverse.id,
        },
        parameters: {
          actionName: "RetrieveEnvironmentVariableSecretValue",
          "item/EnvironmentVariableName": clientSecret.schemaName,
        },
        authentication: "@parameters('$authentication')",
        // The connector's own policy would spend most of the agent's 100 seconds.
        retryPolicy: { type: "fixed", count: 1, interval: "PT5S" },
      },
      runtimeConfiguration: secureData("inputs", "outputs"),
    },
    ...answerFailure({
      action: readSecretAction,
      readAs: "Read_vault_refusal",
      schema: {
        type: "object",
        properties: { error: { type: "object", properties: { message: { type: "string" } } } },
      },
      reason: "body('Read_vault_refusal')?['error']?['message']",
      origin: problemOrigins.secret,
      respond,
    }),
  };
}
