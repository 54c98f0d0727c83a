import { clouds } from "../../../core/cloud/clouds";
import { unzipSync } from "fflate";
import { artefacts } from "../../../copilot/artefacts";
import { artefactPaths, type ArtefactFiles } from "../../../copilot/files";
import {
  defaultCopilotSettings,
  type CopilotSettings,
  type LogicAppApp,
  type SecretApp,
  type UserApp,
} from "../../../copilot/settings";

export const app: SecretApp = {
  cloud: clouds.public,
  name: "CopilotAPIAuth",
  tenantId: "5b1c2f0e-7a64-4d0c-9a3b-2f6d8e1c4a70",
  clientId: "0c3f9d51-8b27-4e6a-a1d4-7f2e5b9c6038",
  secretResourceId:
    "/subscriptions/9d3e5a17-42c8-4b6f-8e21-7c0a1b5f6d38/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv/secrets/CopilotAPIAuth",
  permissions: ["User.Read.All"],
  apis: [],
};

/** The same without a secret: a managed identity whose Logic App may be asked two things. */
export const logicAppApp: LogicAppApp = {
  cloud: clouds.public,
  name: "CopilotAPIAuth",
  tenantId: app.tenantId,
  clientId: "7a0c4b1e-93d5-4f28-8c6b-1e2d3f4a5b6c",
  permissions: ["User.Read.All", "Sites.Read.All"],
  logicApp: {
    resourceId:
      "/subscriptions/9d3e5a17-42c8-4b6f-8e21-7c0a1b5f6d38/resourceGroups/rg/providers/Microsoft.Logic/workflows/copilot-token-CopilotAPIAuth",
    endpoint:
      "https://prod-07.westeurope.logic.azure.com:443/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke?api-version=2016-10-01",
    audience: "api://5b1c2f0e-7a64-4d0c-9a3b-2f6d8e1c4a70/CopilotAPIAuth-logic-app",
    requests: [
      { name: "people", path: "/v1.0/users?$top=5&$select=displayName", field: "displayName" },
      { name: "sites", path: "/v1.0/sites/root?$select=displayName", field: "displayName" },
    ],
  },
};

export function makeLogicAppArtefacts(
  settings: Partial<CopilotSettings> = {},
  changes: Partial<LogicAppApp> = {},
): ArtefactFiles {
  return artefacts({ ...logicAppApp, ...changes }, { ...defaultCopilotSettings, ...settings });
}

/** An app that acts as its signed-in user. */
export const userApp: UserApp = {
  cloud: clouds.public,
  name: "HelpdeskAgent",
  tenantId: app.tenantId,
  clientId: "2d8e4f60-1b7c-4a95-83de-5c6f7a8b9c0d",
  permissions: [],
  delegated: ["User.Read", "Files.ReadWrite"],
  agentCredential: "federated",
  tokenExchangeUrl: undefined,
};

export function makeUserArtefacts(
  settings: Partial<CopilotSettings> = {},
  changes: Partial<UserApp> = {},
): ArtefactFiles {
  return artefacts({ ...userApp, ...changes }, { ...defaultCopilotSettings, ...settings });
}

/** An agent of each kind, so that every file that can exist does. */
export const everything: Partial<CopilotSettings> = {
  agents: ["contoso_helpdesk"],
  newAgent: "Token helper",
  environmentId: "7d0a2c64-58f1-4e39-9b07-c3e5a1f8d246",
};

export function makeArtefacts(
  settings: Partial<CopilotSettings> = {},
  changes: Partial<SecretApp> = {},
): ArtefactFiles {
  return artefacts({ ...app, ...changes }, { ...defaultCopilotSettings, ...settings });
}

/** A file's text; fails when it was not made. */
export function textFile(files: ArtefactFiles, path: string): string {
  const content = files.get(path);
  if (content === undefined) throw new Error(`${path} is missing`);
  return typeof content === "string" ? content : new TextDecoder().decode(content);
}

/** An import zip's entries as text, in their order. */
export function zipEntries(
  files: ArtefactFiles,
  path: string = artefactPaths.solutionZip,
): Map<string, string> {
  const zip = files.get(path);
  if (!(zip instanceof Uint8Array)) throw new Error("no zip");
  return new Map(
    Object.entries(unzipSync(zip)).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]),
  );
}

/** Every topic: those written as files and those inside the solution, by path. */
export function topicFiles(files: ArtefactFiles): [string, string][] {
  return [...files.keys()]
    .filter((path) => path.startsWith("topics/") || /^solution\/botcomponents\/.*\/data$/.test(path))
    .map((path) => [path, textFile(files, path)]);
}

/** Every flow's file, by path in the unpacked solution. */
export function flowFiles(files: ArtefactFiles): [string, string][] {
  return [...files.keys()]
    .filter((path) => /^solution\/Workflows\/.*\.json$/.test(path))
    .map((path) => [path, textFile(files, path)]);
}
