import { artefacts } from "../../../copilot/artefacts";
import { artefactPaths } from "../../../copilot/files";
import { say, type Reply } from "../../../emulator/powerPlatform/conversation";
import { logicAppAddress } from "../../../copilot/flows/logicAppFlow";
import { artefactNames } from "../../../copilot/names";
import type { Environment } from "../../../emulator/powerPlatform/environment";
import type { Connection } from "../../../emulator/powerPlatform/platform";
import type { CopilotSettings } from "../../../copilot/settings";
import { importTrial, textOf, type ImportedTrial } from "./importTrial";
import { logicAppTenant, type LogicAppTenant, type LogicAppTenantOptions } from "./logicAppTenant";

/** An agent that was made for an app with a Logic App, and imported. */
export interface LogicAppTrial extends LogicAppTenant, ImportedTrial {
  /** Says the phrase to the topic "Ask Microsoft Graph"; another environment has other connections. */
  ask(environment?: Environment): Promise<Reply>;
}

export type LogicAppTrialOptions = Partial<
  LogicAppTenantOptions & {
    /** How the connection differs from what the README says. */
    readonly connection: Partial<Connection>;
  }
>;

/** Sets up an emulated tenant with a Logic App, makes the artefacts for it, imports and connects them. */
export async function logicAppTrial(
  settings: CopilotSettings,
  { connection: changes = {}, ...options }: LogicAppTrialOptions = {},
): Promise<LogicAppTrial> {
  const tenant = await logicAppTenant({
    appName: "CopilotAPIAuth",
    permissions: ["User.Read.All"],
    ...options,
  });
  const files = artefacts(tenant.app, settings);
  const connection: Connection = {
    userObjectId: tenant.userObjectId,
    baseUrl: logicAppAddress(tenant.app.logicApp).baseUrl,
    resourceUri: tenant.app.logicApp.audience,
    ...changes,
  };
  const { logicApp } = artefactNames(tenant.app, settings);
  const imported = importTrial(files, settings, {
    topicTimeout: "blank",
    connections: new Map([[logicApp.logicalName, connection]]),
  });
  const topic = textOf(files, artefactPaths.graphTopic);
  return {
    ...tenant,
    ...imported,
    ask: (environment = imported.environment) =>
      say("Ask Microsoft Graph", topic, environment, tenant.platform),
  };
}
