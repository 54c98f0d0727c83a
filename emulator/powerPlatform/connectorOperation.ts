import type { CustomConnector } from "./powerApps";
import { exchange, type Answer, type Platform } from "./platform";
import { isRecord, EmulationError, textOf, type Value } from "./value";

/** How long a connector waits; not documented. */
const timeoutSeconds = 110;

/**
 * Runs one operation of a connector with the token of its connection, and every parameter at its default.
 *
 * @throws {EmulationError} for an operation that the connector does not have.
 */
export async function runOperation(
  { openApi }: CustomConnector,
  operationId: string,
  accessToken: string,
  platform: Platform,
): Promise<Answer> {
  const { host, basePath, paths } = openApi as {
    host: string;
    basePath: string;
    paths: Record<string, Value>;
  };
  for (const [path, methods] of Object.entries(paths)) {
    const get = isRecord(methods) ? (methods["get"] ?? null) : null;
    if (!isRecord(get) || get["operationId"] !== operationId) continue;
    const url = new URL(`https://${host}${basePath.replace(/\/$/, "")}${path}`);
    for (const parameter of Array.isArray(get["parameters"]) ? (get["parameters"] as readonly Value[]) : []) {
      if (isRecord(parameter)) url.searchParams.set(textOf(parameter, "name"), textOf(parameter, "default"));
    }
    return exchange(
      platform,
      new Request(url, { headers: { Authorization: `Bearer ${accessToken}` } }),
      timeoutSeconds,
    );
  }
  throw new EmulationError(`The connector has no operation ${operationId}.`);
}
