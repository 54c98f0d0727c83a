import type { AppParts } from "./appParts";
import { artefactPaths, below, joinFiles, type ArtefactFiles, jsonFile } from "./files";
import { certificateParts } from "./byCertificate/certificateParts";
import { logicAppParts } from "./logicAppParts";
import { userParts } from "./asUser/userParts";
import { artefactNames, type ArtefactNames } from "./names";
import { secretParts } from "./secretParts";
import { newAgentSchemaName, type CopilotApp, type CopilotSettings } from "./settings";
import { agentInstructions } from "./solution/agent";
import { nothing, type BotComponent } from "./solution/botComponents";
import { buildSolution } from "./solution/solution";
import { systemTopics } from "./topics/systemTopics";
import type { ConnectionReference } from "./connectors";
import type { EnvironmentVariable } from "./solution/environmentVariables";

/** Versions of an app's solutions; undefined where there was none. */
export interface PreviousVersions {
  readonly solution?: string | undefined;
  readonly connector?: string | undefined;
}

/**
 * Everything for one app: topics, flows, solution, settings and a README, and Postman files where there is a secret.
 * Equal input gives equal bytes, and a rotation changes no input.
 *
 * @param previous Of the solutions that these replace; a changed one then has a higher version.
 * @param settings Judged before, by `settingsFaults`, `appFaults` and `requestFaults`.
 */
export function artefacts(
  app: CopilotApp,
  settings: CopilotSettings,
  previous: PreviousVersions = {},
): ArtefactFiles {
  const names = artefactNames(app, settings);
  const parts = partsOf(app, settings, names, previous);
  const newAgent =
    settings.newAgent === undefined
      ? undefined
      : {
          schemaName: newAgentSchemaName(settings.publisherPrefix, settings.newAgent),
          displayName: settings.newAgent,
          classic: settings.classic,
        };
  const agents = [...settings.agents, ...(newAgent === undefined ? [] : [newAgent.schemaName])];
  const { connection, flows, variables, phrase, signInText } = parts;
  // Flows come without an agent; a topic alone is a file to paste, and a solution without it would be empty. So would be one
  // for a certificate's connector, which has a solution of its own.
  if (flows.length === 0 && (agents.length === 0 || "certificate" in app)) return parts.files;
  const components = parts.components.filter(({ kind }) => kind === "topic" || !settings.classic);
  const solution = buildSolution({
    names,
    connection,
    settings,
    flows,
    variables,
    components: [
      ...agents.flatMap((agentSchemaName) => components.map((each) => ({ agentSchemaName, ...each }))),
      ...(newAgent === undefined ? [] : systemComponents(newAgent.schemaName, phrase, signInText)),
      ...(newAgent === undefined || newAgent.classic ? [] : [agentInstructions(newAgent, phrase)]),
    ],
    newAgent,
    previousVersion: previous.solution,
  });
  return joinFiles(
    parts.files,
    new Map([[artefactPaths.deploymentSettings, deploymentSettingsFile(connection, settings, variables)]]),
    below(artefactPaths.solutionFolder, solution.unpacked),
    new Map([[artefactPaths.solutionZip, solution.zip]]),
  );
}

function partsOf(
  app: CopilotApp,
  settings: CopilotSettings,
  names: ArtefactNames,
  previous: PreviousVersions,
): AppParts {
  if (app.delegated !== undefined) return userParts(app, settings, names, previous.connector);
  if ("certificate" in app) return certificateParts(app, settings, names, previous.connector);
  return app.logicApp === undefined ? secretParts(app, settings, names) : logicAppParts(app, settings, names);
}

function systemComponents(
  agentSchemaName: string,
  phrase: string,
  signInText: string | undefined,
): BotComponent[] {
  return systemTopics(agentSchemaName, phrase, signInText).map((topic) => ({
    agentSchemaName,
    kind: "topic",
    ...topic,
    uses: nothing,
  }));
}

/**
 * The file for `pac solution import --settings-file`: values of one environment, which the solution itself leaves out.
 *
 * @see https://learn.microsoft.com/power-platform/alm/conn-ref-env-variables-build-tools (read 2026-11)
 */
function deploymentSettingsFile(
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
