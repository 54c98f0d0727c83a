import type { CustomConnector } from "./powerApps";
import { exchange, type Answer, type Platform } from "./platform";
import { isRecord, EmulationError, textOf, type Value } from "./value";

/** How long a connector waits; not documented. */
const timeoutSeconds = 110;

/**
 * Runs one operation of a connector with the token of its connection.
 *
 * @param values Of parameters, by name. Default of each: its own.
 * @throws {EmulationError} for an operation that the connector does not have.
 */
export async function runOperation(
  { openApi }: CustomConnector,
  operationId: string,
  accessToken: string,
  platform: Platform,
  values: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { host, basePath, paths } = openApi as {
    host: string;
    basePath: string;
    paths: Record<string, Value>;
  };
  for (const [path, methods] of Object.entries(paths)) {
    const get = isRecord(methods) ? (methods["get"] ?? null) : null;
    if (!isRecord(get) || get["operationId"] !== operationId) continue;
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
    const url = new URL(`https://${host}${basePath.replace(/\/$/, "")}${filled}`);
    for (const parameter of Array.isArray(get["parameters"]) ? (get["parameters"] as readonly Value[]) : []) {
      if (!isRecord(parameter) || parameter["in"] === "path") continue;
      const name = textOf(parameter, "name");
      url.searchParams.set(name, values[name] ?? textOf(parameter, "default"));
    }
    return exchange(
      platform,
      new Request(url, { headers: { Authorization: `Bearer ${accessToken}` } }),
      timeoutSeconds,
    );
  }
  throw new EmulationError(`The connector has no operation ${operationId}.`);
}
