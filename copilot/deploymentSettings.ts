import type { ConnectionReference } from "./connectors";
import { jsonFile } from "./files";
import type { CopilotSettings } from "./settings";
import type { EnvironmentVariable } from "./solution/environmentVariables";

/**
 * The file for `pac solution import --settings-file`: values of one environment, which the solution itself leaves out.
 *
 * @see https://learn.microsoft.com/power-platform/alm/conn-ref-env-variables-build-tools (read 2026-11)
 */
export function deploymentSettingsFile(
  connection: ConnectionReference | undefined,
  { connectionId }: Pick<CopilotSettings, "connectionId">,
  variables: readonly EnvironmentVariable[],
): string {
  return jsonFile({
    EnvironmentVariables: variables.map(({ name, value }) => ({ SchemaName: name.schemaName, Value: value })),
    ConnectionReferences:
      connection === undefined
        ? []
        : [
            {
              LogicalName: connection.logicalName,
              ConnectionId: connectionId,
              ConnectorId: connection.connector.id,
            },
          ],
  });
}
