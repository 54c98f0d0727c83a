import type { ActionDefinition, ActionEnd, ActionWorld } from "./flowActions";
import { withRetries } from "./flowHttp";
import { exchange, type Answer } from "./platform";
import { askVault } from "./secretVariable";
import { isRecord, parseJson, EmulationError, textOf, type Value } from "./value";

type Inputs = { readonly [key: string]: Value };

/** How long the connector waits; not documented, and longer than what it calls here. */
const connectorTimeoutSeconds = 110;

/**
 * An action that goes through a connector.
 *
 * @throws {EmulationError} for an operation that the flows do not use.
 */
export async function runConnectorAction(
  { limit }: ActionDefinition,
  inputs: Inputs,
  world: ActionWorld,
): Promise<Omit<ActionEnd, "inputs">> {
  const { host = null, parameters = null, retryPolicy = null } = inputs;
  const operation = operations.find(
    ({ operationId, connector }) =>
      isRecord(host) && host["operationId"] === operationId && host["apiId"] === connector.id,
  );
  if (operation === undefined || !isRecord(host) || !isRecord(parameters)) {
    throw new EmulationError(
      `OpenApiConnection: not an operation that the flows use: ${JSON.stringify(host)}`,
    );
  }
  const attempt = operation.prepare(parameters, textOf(host, "connectionName"), world);
  return withRetries(world.platform, { retryPolicy, limit }, attempt);
}

interface Operation {
  readonly operationId: string;
  readonly connector: { readonly id: string };
  /** Judges what it was given, and says how to do it. */
  readonly prepare: (parameters: Inputs, connectionName: string, world: ActionWorld) => () => Promise<Answer>;
}

const operations: readonly Operation[] = [
  {
    operationId: "PerformUnboundAction",
    connector: { id: "/providers/Microsoft.PowerApps/apis/shared_commondataserviceforapps" },
    prepare: readSecret,
  },
  {
    operationId: "InvokeHttp",
    connector: { id: "/providers/Microsoft.PowerApps/apis/shared_webcontents" },
    prepare: invokeHttp,
  },
];

/** Dataverse's unbound action: asks the vault, and answers in its own words. */
function readSecret(
  { actionName, "item/EnvironmentVariableName": variableName }: Inputs,
  _connectionName: string,
  { environment, platform }: ActionWorld,
): () => Promise<Answer> {
  if (actionName !== "RetrieveEnvironmentVariableSecretValue" || typeof variableName !== "string") {
    throw new EmulationError(`Not an unbound action that the flows use: ${JSON.stringify(actionName)}`);
  }
  const variable = environment?.variables.get(variableName);
  if (variable?.isSecret !== true) {
    throw new EmulationError(`No secret environment variable ${variableName} exists.`);
  }
  return async () => {
    const answer = await askVault(platform, "Dataverse", variable.value);
    const secret = parseJson(answer.body);
    if (answer.status === 200 && isRecord(secret) && typeof secret["value"] === "string") {
      return { ...answer, body: JSON.stringify({ EnvironmentVariableSecretValue: secret["value"] }) };
    }
    const message = `User is not authorized to read secrets from '${variable.value}' (the vault answered ${answer.status}).`;
    return { ...answer, body: JSON.stringify({ error: { code: "0x80040256", message } }) };
  };
}

/** "Invoke an HTTP request", below the base URL that the connection was made for and with its user's token. */
function invokeHttp(parameters: Inputs, connectionName: string, world: ActionWorld): () => Promise<Answer> {
  const { "request/method": method, "request/url": url, ...others } = parameters;
  if (method !== "GET" || typeof url !== "string" || Object.keys(others).length > 0) {
    throw new EmulationError("InvokeHttp: only a GET without headers and body is known.");
  }
  if (!url.startsWith("/"))
    throw new EmulationError("InvokeHttp: the URL is no path below the connection's.");
  const connection = world.connections?.get(connectionName);
  if (connection === undefined) {
    throw new EmulationError(`The flow stays off: nothing is connected to ${connectionName}.`);
  }
  return async () => {
    const token = await world.platform.connectionToken(connection);
    const request = new Request(`${connection.baseUrl.replace(/\/$/, "")}${url}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    return exchange(world.platform, request, connectorTimeoutSeconds);
  };
}
