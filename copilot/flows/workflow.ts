import type { ArtefactNames, VariableName } from "../names";

/** An action of a flow, as the definition holds it. */
export type FlowAction = Readonly<Record<string, unknown>>;

/** How an action ended; `runAfter` names the ends after which another one starts. */
export type ActionStatus = "Succeeded" | "Failed" | "Skipped" | "TimedOut";

/** One value that a flow hands to the topic that called it. */
export interface FlowOutput {
  /** JSON property of the response, and key of the topic's binding. */
  readonly property: string;
  /** What the designer shows. */
  readonly title: string;
  readonly description: string;
  /** Where the topic keeps it. */
  readonly variable: string;
}

/** An environment variable as a parameter of the flow. Never one of type Secret: such a flow cannot be turned on. */
export interface FlowParameter {
  readonly variable: VariableName;
  /** No tenant's own value: it would travel with the solution. */
  readonly defaultValue: string;
}

/** The connection to Dataverse, under the name that exports give it. */
export const dataverseConnector = "shared_commondataserviceforapps";

/** What comes before the name in a connector's ID. */
const connectorIdPrefix = "/providers/Microsoft.PowerApps/apis/";

/** ID of the Dataverse connector. */
export const dataverseConnectorId = `${connectorIdPrefix}${dataverseConnector}`;

/**
 * A flow that agents call, without inputs: the file `Workflows/<Name>-<GUID>.json`.
 *
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language (read 2026-11)
 */
export function workflowFile(
  names: Pick<ArtefactNames, "connectionReference">,
  parameters: readonly FlowParameter[],
  actions: Readonly<Record<string, FlowAction>>,
): object {
  return {
    properties: {
      connectionReferences: {
        [dataverseConnector]: {
          // The maker's connection, not the end user's: the secret belongs to the app.
          runtimeSource: "embedded",
          connection: { connectionReferenceLogicalName: names.connectionReference },
          api: { name: dataverseConnector },
        },
      },
      definition: {
        $schema:
          "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
        contentVersion: "1.0.0.0",
        parameters: {
          $authentication: { defaultValue: {}, type: "SecureObject" },
          $connections: { defaultValue: {}, type: "Object" },
          ...Object.fromEntries(
            parameters.map(({ variable, defaultValue }) => [
              parameterName(variable),
              { defaultValue, type: "String", metadata: { schemaName: variable.schemaName } },
            ]),
          ),
        },
        triggers: {
          manual: {
            type: "Request",
            kind: "Skills",
            inputs: { schema: { type: "object", properties: {}, required: [] } },
          },
        },
        actions,
        outputs: {},
      },
      templateName: null,
    },
    schemaVersion: "1.0.0.0",
  };
}

/** How a flow calls an environment variable: display name and schema name. */
function parameterName({ displayName, schemaName }: VariableName): string {
  return `${displayName} (${schemaName})`;
}

/** The expression that reads an environment variable, without "@". */
export function parameterExpression(variable: VariableName): string {
  return `parameters('${parameterName(variable).replaceAll("'", "''")}')`;
}

/** Hides an action's inputs and outputs in the run history, wherever the platform takes it. */
export function secureData(...properties: readonly ("inputs" | "outputs")[]): object {
  return { secureData: { properties } };
}

/**
 * Answers the topic. All answers of a flow have one schema, or the flow cannot be saved.
 *
 * @param values Expressions by property; what is missing is answered with an empty text.
 */
export function respond(
  runAfter: Readonly<Record<string, readonly ActionStatus[]>>,
  outputs: readonly FlowOutput[],
  values: Readonly<Record<string, string>>,
): FlowAction {
  return {
    runAfter,
    type: "Response",
    kind: "Skills",
    inputs: {
      statusCode: 200,
      body: Object.fromEntries(outputs.map(({ property }) => [property, values[property] ?? ""])),
      schema: {
        type: "object",
        properties: Object.fromEntries(
          outputs.map(({ property, title, description }) => [
            property,
            {
              title,
              description,
              type: "string",
              "x-ms-content-hint": "TEXT",
              "x-ms-dynamically-added": true,
            },
          ]),
        ),
        additionalProperties: {},
      },
    },
  };
}
