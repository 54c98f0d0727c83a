import { artefactPaths, artefacts } from "../../../copilot/artefacts";
import type { ArtefactFiles } from "../../../copilot/files";
import { say, type Reply } from "../../../copilot/rehearsal/conversation";
import { importSolution, type Environment } from "../../../copilot/rehearsal/environment";
import type { CopilotSettings } from "../../../copilot/settings";
import { newAgentSchemaName } from "../../../copilot/solution/agent";
import { secretTags } from "../../../infra/core/powerPlatform";
import { copilotTenant, type CopilotTenant } from "./copilotTenant";

/** Artefacts that were made for an emulated tenant, and imported: an agent one can talk to. */
export interface CopilotTrial extends CopilotTenant {
  readonly files: ArtefactFiles;
  readonly environment: Environment;
  /** Says a phrase to one of the written topics. */
  say(phrase: string, topicPath: string): Promise<Reply>;
}

/** An environment's ID for those who gave none. */
const trialEnvironmentId = "7d0a2c64-58f1-4e39-9b07-c3e5a1f8d246";

export type CopilotTrialOptions = Partial<
  Omit<Parameters<typeof copilotTenant>[0], "secretTags"> &
    Pick<Environment, "topicTimeout"> & {
      /** Default: what the stack's setting would make of the settings. */
      readonly secretTags: Readonly<Record<string, string>>;
    }
>;

/** Sets up an emulated tenant, makes the artefacts for it and imports them. */
export async function copilotTrial(
  settings: CopilotSettings,
  options: CopilotTrialOptions = {},
): Promise<CopilotTrial> {
  const environmentId = settings.environmentId ?? trialEnvironmentId;
  const agentSchemaName =
    settings.agents[0] ?? newAgentSchemaName(settings.publisherPrefix, settings.newAgent ?? "trial");
  const { topicTimeout = "blank", ...tenantOptions } = options;
  const tenant = await copilotTenant({
    appName: "CopilotAPIAuth",
    permissions: ["User.Read.All"],
    secretTags: secretTags({ environmentId, agents: [agentSchemaName] }),
    ...tenantOptions,
  });
  const files = artefacts(tenant.app, settings);
  const environment = importSolution(
    {
      solutionZip: bytesOf(files, artefactPaths.solutionZip),
      deploymentSettings: textOf(files, artefactPaths.deploymentSettings),
    },
    { environmentId, agentSchemaName, topicTimeout },
  );
  return {
    ...tenant,
    files,
    environment,
    say: (phrase, topicPath) => say(phrase, textOf(files, topicPath), environment, tenant.platform),
  };
}

function bytesOf(files: ArtefactFiles, path: string): Uint8Array {
  const content = files.get(path);
  if (content === undefined || typeof content === "string") throw new Error(`${path} was not made.`);
  return content;
}

function textOf(files: ArtefactFiles, path: string): string {
  const content = files.get(path);
  if (typeof content !== "string") throw new Error(`${path} was not made.`);
  return content;
}
