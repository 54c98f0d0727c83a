import type { Environment } from "./environment";
import { sendHttpAction, withRetries } from "./flowHttp";
import type { Platform } from "./platform";
import { askVault } from "./secretVariable";
import { isRecord, parseJson, RehearsalError, type Value } from "./value";
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
  readonly environment: Environment;
  readonly platform: Platform;
}

/**
 * Runs one action.
 *
 * @throws {RehearsalError} for a type, an operation or an expression that the flows do not use.
 */
export async function runAction(definition: ActionDefinition, world: ActionWorld): Promise<ActionEnd> {
  if (definition.type === "Select") return select(definition.inputs, world.scope);
  const inputs = evaluateTemplate(definition.inputs, world.scope);
  if (!isRecord(inputs)) throw new RehearsalError(`${definition.type}: the inputs are no object.`);
  switch (definition.type) {
    case "OpenApiConnection":
      return { inputs, ...(await readSecret(definition, inputs, world)) };
    case "Http":
      return {
        inputs,
        ...(await withRetries(
          world.platform,
          { retryPolicy: inputs["retryPolicy"] ?? null, limit: definition.limit },
          (timeoutSeconds) => sendHttpAction(world.platform, inputs, timeoutSeconds),
        )),
      };
    case "ParseJson":
      return parse(inputs);
    case "Response":
      return { status: "Succeeded", inputs, outputs: inputs, error: null };
    default:
      throw new RehearsalError(`${definition.type} is not an action that the flows use.`);
  }
}

/** Dataverse's unbound action: asks the vault, and answers in its own words. */
async function readSecret(
  { limit }: ActionDefinition,
  inputs: { readonly [key: string]: Value },
  { environment, platform }: ActionWorld,
): Promise<Omit<ActionEnd, "inputs">> {
  const { host, parameters, retryPolicy = null } = inputs;
  const operation = isRecord(host) ? host["operationId"] : undefined;
  const { actionName, "item/EnvironmentVariableName": variableName } = isRecord(parameters) ? parameters : {};
  if (
    operation !== "PerformUnboundAction" ||
    actionName !== "RetrieveEnvironmentVariableSecretValue" ||
    typeof variableName !== "string"
  ) {
    throw new RehearsalError(
      `OpenApiConnection: not an operation that the flows use: ${JSON.stringify(host)}`,
    );
  }
  const variable = environment.variables.get(variableName);
  if (variable?.isSecret !== true) {
    throw new RehearsalError(`No secret environment variable ${variableName} exists.`);
  }
  return withRetries(platform, { retryPolicy, limit }, async () => {
    const answer = await askVault(platform, "Dataverse", variable.value);
    const secret = parseJson(answer.body);
    if (answer.status === 200 && isRecord(secret) && typeof secret["value"] === "string") {
      return { ...answer, body: JSON.stringify({ EnvironmentVariableSecretValue: secret["value"] }) };
    }
    const message = `User is not authorized to read secrets from '${variable.value}' (the vault answered ${answer.status}).`;
    return { ...answer, body: JSON.stringify({ error: { code: "0x80040256", message } }) };
  });
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
  if (!isRecord(inputs)) throw new RehearsalError("Select: the inputs are no object.");
  const from = evaluateTemplate(inputs["from"] ?? null, scope);
  if (!Array.isArray(from)) throw new RehearsalError("Select: from is no array.");
  const body = from.map((item: Value) => evaluateTemplate(inputs["select"] ?? null, { ...scope, item }));
  return { status: "Succeeded", inputs: { from }, outputs: { body }, error: null };
}
