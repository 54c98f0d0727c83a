import { runConnectorAction } from "./connectorActions";
import type { Environment } from "./environment";
import { sendHttpAction, withRetries } from "./flowHttp";
import type { Connection, Platform } from "./platform";
import { isRecord, parseJson, EmulationError, type Value } from "./value";
import { evaluateTemplate, type ExpressionScope } from "./workflowExpression";
import { fitsSchema } from "./workflowSchema";

/** An action as the definition has it. */
export interface ActionDefinition {
  readonly type: string;
  readonly runAfter: { readonly [action: string]: Value };
  readonly inputs: Value;
  readonly limit: Value;
  readonly runtimeConfiguration: Value;
}

/** How an action ended. */
export interface ActionEnd {
  readonly status: "Succeeded" | "Failed" | "Skipped" | "TimedOut";
  /** With every expression evaluated; null when that failed or was never tried. */
  readonly inputs: Value;
  readonly outputs: Value;
  readonly error: Value;
}

export interface ActionWorld {
  readonly scope: ExpressionScope;
  readonly platform: Platform;
  /** The Power Platform environment that a flow lives in; a Logic App lives in none. */
  readonly environment?: Environment;
  /** What a flow is connected to, by the name that its definition gives each connection. */
  readonly connections?: ReadonlyMap<string, Connection>;
  /** ARM IDs of a Logic App's managed identities. */
  readonly identities?: readonly string[];
}

/**
 * Runs one action.
 *
 * @throws {EmulationError} for a type, an operation or an expression that the flows do not use.
 */
export async function runAction(definition: ActionDefinition, world: ActionWorld): Promise<ActionEnd> {
  if (definition.type === "Select") return select(definition.inputs, world.scope);
  const inputs = evaluateTemplate(definition.inputs, world.scope);
  if (!isRecord(inputs)) throw new EmulationError(`${definition.type}: the inputs are no object.`);
  switch (definition.type) {
    case "OpenApiConnection":
      return { inputs, ...(await runConnectorAction(definition, inputs, world)) };
    case "Http":
      return {
        inputs,
        ...(await withRetries(
          world.platform,
          { retryPolicy: inputs["retryPolicy"] ?? null, limit: definition.limit },
          (timeoutSeconds) => sendHttpAction(world.platform, inputs, timeoutSeconds, world.identities),
        )),
      };
    case "ParseJson":
      return parse(inputs);
    case "Response":
      return { status: "Succeeded", inputs, outputs: inputs, error: null };
    default:
      throw new EmulationError(`${definition.type} is not an action that the flows use.`);
  }
}

function parse(inputs: { readonly [key: string]: Value }): ActionEnd {
  const { content = null, schema = null } = inputs;
  const value = typeof content === "string" ? (parseJson(content) ?? null) : content;
  if (value !== null && fitsSchema(value, schema)) {
    return { status: "Succeeded", inputs, outputs: { body: value }, error: null };
  }
  const message = "The content is no JSON, or does not fit the schema.";
  return { status: "Failed", inputs, outputs: null, error: { code: "InvalidTemplate", message } };
}

function select(inputs: Value, scope: ExpressionScope): ActionEnd {
  if (!isRecord(inputs)) throw new EmulationError("Select: the inputs are no object.");
  const from = evaluateTemplate(inputs["from"] ?? null, scope);
  if (!Array.isArray(from)) throw new EmulationError("Select: from is no array.");
  const body = from.map((item: Value) => evaluateTemplate(inputs["select"] ?? null, { ...scope, item }));
  return { status: "Succeeded", inputs: { from }, outputs: { body }, error: null };
}
