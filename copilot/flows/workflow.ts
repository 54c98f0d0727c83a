import type { Respond, WorkflowAction } from "../../core/agent/workflowFailure";
import { workflowSchema } from "../../core/cloud/clouds";
import type { ConnectionReference } from "../connectors";
import type { VariableName } from "../names";

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

/** One text that an agent gives a flow. */
export interface FlowInput {
  /** Key in the trigger's schema. */
  readonly property: string;
  /** What the designer and the tool show. */
  readonly title: string;
  /** By which a model fills it in. */
  readonly description: string;
}

/**
 * A flow that agents call: the file `Workflows/<Name>-<GUID>.json`.
 *
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language (read 2026-11)
 */
export function workflowFile(
  { logicalName, connector }: ConnectionReference,
  parameters: readonly FlowParameter[],
  actions: Readonly<Record<string, WorkflowAction>>,
  inputs: readonly FlowInput[] = [],
): object {
  return {
    properties: {
      connectionReferences: {
        [connector.name]: {
          // The maker's connection, not the end user's: what it opens belongs to the app.
          runtimeSource: "embedded",
          connection: { connectionReferenceLogicalName: logicalName },
          api: { name: connector.name },
        },
      },
      definition: {
        $schema: workflowSchema,
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
            inputs: {
              schema: {
                type: "object",
                properties: textProperties(inputs),
                required: inputs.map(({ property }) => property),
              },
            },
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

/** Answers the topic. All answers of a flow have one schema, or the flow cannot be saved. */
export function respondToTopic(outputs: readonly FlowOutput[]): Respond {
  return (runAfter, values) => ({
    runAfter,
    type: "Response",
    kind: "Skills",
    inputs: {
      statusCode: 200,
      body: Object.fromEntries(outputs.map(({ property }) => [property, values[property] ?? ""])),
      schema: {
        type: "object",
        properties: textProperties(outputs),
        additionalProperties: {},
      },
    },
  });
}

/** Properties of a schema as the designer writes them. */
function textProperties(properties: readonly FlowInput[]): object {
  return Object.fromEntries(
    properties.map(({ property, title, description }) => [
      property,
      { title, description, type: "string", "x-ms-content-hint": "TEXT", "x-ms-dynamically-added": true },
    ]),
  );
}
