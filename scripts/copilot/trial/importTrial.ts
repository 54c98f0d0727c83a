import { artefactPaths, type ArtefactFiles } from "../../../copilot/files";
import { importSolution, type Environment } from "../../../emulator/powerPlatform/environment";
import { newAgentSchemaName, type CopilotSettings } from "../../../copilot/settings";

/** Artefacts that were imported. */
export interface ImportedTrial {
  readonly files: ArtefactFiles;
  readonly environment: Environment;
}

/** An environment's ID for those who gave none. */
const trialEnvironmentId = "7d0a2c64-58f1-4e39-9b07-c3e5a1f8d246";

/** The environment and agent of a trial: those in the settings, or examples. */
export function trialPlace(
  settings: CopilotSettings,
): Pick<Environment, "environmentId" | "agentSchemaName"> {
  return {
    environmentId: settings.environmentId ?? trialEnvironmentId,
    agentSchemaName:
      settings.agents[0] ?? newAgentSchemaName(settings.publisherPrefix, settings.newAgent ?? "trial"),
  };
}

/** Imports the very files that a user imports. */
export function importTrial(
  files: ArtefactFiles,
  settings: CopilotSettings,
  more: Pick<Environment, "topicTimeout" | "connections">,
): ImportedTrial {
  const environment = importSolution(
    {
      solutionZip: bytesOf(files, artefactPaths.solutionZip),
      deploymentSettings: textOf(files, artefactPaths.deploymentSettings),
    },
    { ...trialPlace(settings), ...more },
  );
  return { files, environment };
}

function bytesOf(files: ArtefactFiles, path: string): Uint8Array {
  const content = files.get(path);
  if (content === undefined || typeof content === "string") throw new Error(`${path} was not made.`);
  return content;
}

/** A file that is text. */
export function textOf(files: ArtefactFiles, path: string): string {
  const content = files.get(path);
  if (typeof content !== "string") throw new Error(`${path} was not made.`);
  return content;
}
