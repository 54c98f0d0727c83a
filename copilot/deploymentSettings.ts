import { dataverseConnectorId } from "./flows/workflow";
import { jsonFile } from "./files";
import type { ArtefactNames } from "./names";
import type { CopilotSettings } from "./settings";
import type { EnvironmentVariable } from "./solution/environmentVariables";

/**
 * The file for `pac solution import --settings-file`: values of one environment, which the solution itself leaves out.
 *
 * @see https://learn.microsoft.com/power-platform/alm/conn-ref-env-variables-build-tools (read 2026-11)
 */
export function deploymentSettingsFile(
  names: Pick<ArtefactNames, "connectionReference">,
  { connectionId }: Pick<CopilotSettings, "connectionId">,
  variables: readonly EnvironmentVariable[],
): string {
  return jsonFile({
    EnvironmentVariables: variables.map(({ name, value }) => ({ SchemaName: name.schemaName, Value: value })),
    ConnectionReferences: [
      {
        LogicalName: names.connectionReference,
        ConnectionId: connectionId,
        ConnectorId: dataverseConnectorId,
      },
    ],
  });
}
