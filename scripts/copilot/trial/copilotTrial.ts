import { artefacts } from "../../../copilot/artefacts";
import { say, type Reply } from "../../../emulator/powerPlatform/conversation";
import { useTool, type ToolRun, type ToolUse } from "../../../emulator/powerPlatform/toolRun";
import type { Environment } from "../../../emulator/powerPlatform/environment";
import type { CopilotSettings } from "../../../copilot/settings";
import { secretTags } from "../../../core/agent/powerPlatform";
import { copilotTenant, type CopilotTenant } from "./copilotTenant";
import { importTrial, textOf, trialPlace, type ImportedTrial } from "./importTrial";

/** Artefacts that were made for an emulated tenant, and imported: an agent one can talk to. */
export interface CopilotTrial extends CopilotTenant, ImportedTrial {
  /** Says a phrase to one of the written topics, and answers its questions. */
  say(phrase: string, topicPath: string, answers?: readonly string[]): Promise<Reply>;
  /** Uses a tool of the agent, as a model does that chose it. */
  use(displayName: string, use: ToolUse): Promise<ToolRun>;
}

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
  const { environmentId, agentSchemaName } = trialPlace(settings);
  const { topicTimeout = "blank", ...tenantOptions } = options;
  const tenant = await copilotTenant({
    appName: "CopilotAPIAuth",
    permissions: ["User.Read.All"],
    secretTags: secretTags({ environmentId, agents: [agentSchemaName] }),
    ...tenantOptions,
  });
  const files = artefacts(tenant.app, settings);
  const { environment } = importTrial(files, settings, { topicTimeout });
  return {
    ...tenant,
    files,
    environment,
    say: (phrase, topicPath, answers) =>
      say(phrase, textOf(files, topicPath), environment, tenant.platform, answers),
    use: (displayName, use) => useTool(displayName, use, environment, tenant.platform),
  };
}
