import type { Cloud } from "../core/cloud/clouds";
import { OperatorError, type Fault } from "../core/errors";
import {
  isAgentSchemaName,
  isEnvironmentId,
  isPublisherPrefix,
  secretTags,
} from "../core/agent/powerPlatform";
import { dataverseLimits, longestAgentSchemaName } from "./limits";
import { isGraphPath, type GraphRequest } from "../core/permissions/graphRequest";
import type { NamedApi } from "../core/permissions/apiAddress";
import type { LogicAppOutputs } from "../core/outputs/logicAppOutputs";
import type { LogicAppRequest } from "../core/agent/logicAppRequest";

interface AnyApp {
  readonly cloud: Cloud;
  /** The key in `copilot-token:apps`: it names the artefacts and decides their GUIDs. */
  readonly name: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** Microsoft Graph application permissions. */
  readonly permissions: readonly string[];
}

/** An app that signs in with a client secret. */
export interface SecretApp extends AnyApp {
  /** Other APIs that it has permissions of. */
  readonly apis: readonly NamedApi[];
  /** ARM ID of the vault secret, without a version. */
  readonly secretResourceId: string;
  readonly logicApp?: undefined;
  readonly delegated?: undefined;
}

/** An app that signs in by a certificate whose key may be exported. */
export interface CertificateApp extends AnyApp {
  readonly certificate: {
    readonly vaultName: string;
    readonly certificateName: string;
    /** Name of the vault secret that names the published version. */
    readonly secretName: string;
  };
  readonly logicApp?: undefined;
  readonly delegated?: undefined;
}

/** A managed identity with a Logic App that asks Microsoft Graph in its name. */
export interface LogicAppApp extends AnyApp {
  readonly logicApp: LogicAppOutputs;
  readonly delegated?: undefined;
}

/** An app that acts as its signed-in user. */
export interface UserApp extends AnyApp {
  /** Microsoft Graph delegated permissions. */
  readonly delegated: readonly string[];
  /** How the agent signs in as the app, when it exchanges a user's sign-in for a token. */
  readonly agentCredential: "federated" | "secret" | "certificate";
  /** Address of the certificate in the vault; undefined for an app that has none. */
  readonly certificateUrl?: string | undefined;
  /** The scope by which Teams signs users in; undefined without single sign-on there. */
  readonly tokenExchangeUrl: string | undefined;
  readonly logicApp?: undefined;
}

/** One app as the artefacts need it: identifiers only, and nothing that a rotation changes. */
export type CopilotApp = SecretApp | CertificateApp | LogicAppApp | UserApp;

/** Whether flows and topics sign in as the app with its client secret. */
export function isSecretApp(app: CopilotApp): app is SecretApp {
  return "secretResourceId" in app;
}

/** How the artefacts are made; `defaultCopilotSettings` has the defaults. */
export interface CopilotSettings {
  /** Customization prefix of the solution's publisher: 2 to 8 letters and digits. */
  readonly publisherPrefix: string;
  /** Unique name of the publisher; undefined derives it from the prefix. */
  readonly publisherName: string | undefined;
  /** The Power Platform environment; only the README and the tags on the vault secret need it. */
  readonly environmentId: string | undefined;
  /** Schema names of existing agents that receive the topics with the solution. */
  readonly agents: readonly string[];
  /** Display name of an agent to make; undefined makes none. */
  readonly newAgent: string | undefined;
  /** Which topic "Get Azure Access Token" the agents receive; both are always written as files. */
  readonly tokenTopic: "flow" | "direct";
  /** Hands the token to the conversation, as the tutorials do. */
  readonly returnToken: boolean;
  /** What the graph-call flow reads; undefined takes a read that the app's permissions allow. */
  readonly graphRequest: GraphRequest | undefined;
  /** Reads of other APIs, each as `API URL FIELD`; see `apiRequests.ts`. */
  readonly apiRequests: readonly string[];
  /** Keys of the table of requests; none stands for those that every app gets. */
  readonly requests: readonly string[];
  /** Whose mail is read and sent, by the requests that do so. */
  readonly mailbox: string | undefined;
  /** The agents have classic orchestration, which knows no tools: they get topics alone. */
  readonly classic: boolean;
  /** What pays for the flows' runs: Copilot Studio capacity ("agent flow", which is offered as a tool), or a Power Automate license. */
  readonly flowPlan: "power-automate" | "copilot-studio";
  /** Connection of the flows to Dataverse, for the deployment settings; empty lets the importer choose. */
  readonly connectionId: string;
  /** Whether environment variables are root components of the solution; Microsoft's exports say no. */
  readonly variableRootComponents: boolean;
  /** Whether agents can use other apps too. Then this app's name is part of what users see and say. */
  readonly severalApps: boolean;
}

/** Everything off, nothing handed out, no agent touched. */
export const defaultCopilotSettings: CopilotSettings = {
  publisherPrefix: "cptoken",
  publisherName: undefined,
  environmentId: undefined,
  agents: [],
  newAgent: undefined,
  tokenTopic: "flow",
  returnToken: false,
  graphRequest: undefined,
  apiRequests: [],
  requests: [],
  mailbox: undefined,
  classic: false,
  flowPlan: "copilot-studio",
  connectionId: "",
  variableRootComponents: false,
  severalApps: false,
};

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const secretResourceId =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+\/secrets\/[^/]+$/i;

/** Everything in an app that no artefact could be made of. */
export function appFaults(app: CopilotApp): Fault[] {
  const faults: Fault[] = [];
  const fault = (flag: string, value: string, reason: string, repair: string): void => {
    faults.push({ code: "COPILOT_APP_INVALID", key: `${flag} (${app.name})`, value, reason, repair });
  };
  if (appIdentifier(app.name).length === 0 || appIdentifier(app.name).length > 100) {
    fault(
      "--app",
      app.name,
      "Names in Dataverse are made of letters and digits, and this leaves none or more than 100.",
      "Rename the app in copilot-token:apps, or give --app a name of its own with --tenant-id and --client-id.",
    );
  }
  const ids: readonly [string, string][] = [
    ["--tenant-id", app.tenantId],
    ["--client-id", app.clientId],
  ];
  for (const [flag, value] of ids) {
    if (!guid.test(value)) {
      fault(flag, value, "That is not a GUID.", `Copy it from the app's overview page: ${flag} <GUID>`);
    }
  }
  if ("secretResourceId" in app && !secretResourceId.test(app.secretResourceId)) {
    fault(
      "--secret-id",
      app.secretResourceId,
      "A secret environment variable holds the ARM ID of a vault secret: no vault URL, no version.",
      "az keyvault secret show --vault-name <vault> --name <secret> names both; the ID is /subscriptions/<subscription>" +
        "/resourceGroups/<group>/providers/Microsoft.KeyVault/vaults/<vault>/secrets/<secret>",
    );
  }
  return faults;
}

/**
 * The request that the agent's flow makes of the Logic App: the one that the settings name, else the first.
 *
 * @param settings Judged before, by {@link requestFaults}.
 */
export function logicAppRequestOf(
  { logicApp }: Pick<LogicAppApp, "logicApp">,
  { graphRequest }: Pick<CopilotSettings, "graphRequest">,
): LogicAppRequest {
  const [first] = logicApp.requests;
  const found =
    graphRequest === undefined ? first : logicApp.requests.find((known) => isSame(known, graphRequest));
  if (found === undefined)
    throw new Error("The settings were not checked: the Logic App has no such request.");
  return found;
}

/** What the settings ask of a Logic App that was not set up for it: what it may be asked is decided by the stack. */
export function requestFaults(
  app: CopilotApp,
  { graphRequest }: Pick<CopilotSettings, "graphRequest">,
): Fault[] {
  if (app.logicApp === undefined || graphRequest === undefined) return [];
  const { requests } = app.logicApp;
  if (requests.some((known) => isSame(known, graphRequest))) return [];
  return [
    {
      code: "COPILOT_REQUEST_NOT_ALLOWED",
      key: `--graph-request (${app.name})`,
      value: `${graphRequest.path} (${graphRequest.field})`,
      reason:
        "The app's Logic App performs only its own requests: " +
        `${requests.map(({ path, field }) => `${path} (${field})`).join(", ")}.`,
      repair: "Name one of these, or add it to the app's logicApp.requests and run pulumi up.",
    },
  ];
}

function isSame(left: GraphRequest, right: GraphRequest): boolean {
  return left.path === right.path && left.field === right.field;
}

/** Everything in the settings that could not be imported. */
export function settingsFaults(settings: CopilotSettings): Fault[] {
  const faults: Fault[] = [];
  const fault = (key: string, value: string, reason: string, repair: string): void => {
    faults.push({ code: "COPILOT_SETTING_INVALID", key, value, reason, repair });
  };
  if (!isPublisherPrefix(settings.publisherPrefix)) {
    fault(
      "--prefix",
      settings.publisherPrefix,
      'Dataverse takes 2 to 8 letters and digits, a letter first, and nothing that begins with "mscrm".',
      "--prefix contoso",
    );
  }
  if (settings.publisherName !== undefined && !/^[a-z_]\w{0,99}$/i.test(settings.publisherName)) {
    fault(
      "--publisher",
      settings.publisherName,
      "A publisher's unique name has letters, digits and underscores, and no digit first.",
      "Leave it out, or copy it from Power Apps, Solutions, Publishers.",
    );
  }
  if (settings.environmentId !== undefined && !isEnvironmentId(settings.environmentId)) {
    fault(
      "--environment-id",
      settings.environmentId,
      'An environment ID is a GUID, or "Default-" and a GUID.',
      "Copy it from Power Platform admin center, Environments, the environment's details.",
    );
  }
  for (const agent of settings.agents.filter((name) => !isAgentSchemaName(name))) {
    fault(
      "--agent",
      agent,
      "That is not an agent's schema name: a prefix, an underscore and a name, such as contoso_helpdesk.",
      "Copy it from Copilot Studio, Settings, Advanced, Metadata, or make an agent with --new-agent.",
    );
  }
  for (const agent of settings.agents.filter((name) => name.length > longestAgentSchemaName)) {
    fault(
      "--agent",
      agent,
      `Dataverse takes ${dataverseLimits.schemaName} characters of a topic's or tool's schema name. It begins with the agent's, which may have ${longestAgentSchemaName} and has ${agent.length}.`,
      "Name an agent with a shorter schema name; a schema name cannot be changed later.",
    );
  }
  const newAgents =
    settings.newAgent === undefined ? [] : [newAgentSchemaName(settings.publisherPrefix, settings.newAgent)];
  for (const agent of duplicates([...settings.agents, ...newAgents])) {
    fault(
      "--agent",
      agent,
      newAgents.includes(agent)
        ? `It is named twice: --new-agent "${settings.newAgent ?? ""}" has this schema name.`
        : "It is named twice.",
      "Name it once.",
    );
  }
  if (settings.environmentId !== undefined) {
    try {
      secretTags({ environmentId: settings.environmentId, agents: settings.agents });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      fault("--agent", settings.agents.join(", "), error.message, "Name fewer of them.");
    }
  }
  if (settings.newAgent !== undefined && !/^(?=.*[a-z0-9])[^\p{Cc}]{1,42}$/iu.test(settings.newAgent)) {
    fault(
      "--new-agent",
      settings.newAgent,
      "An agent's name has 1 to 42 characters, at least one of them a letter or a digit.",
      '--new-agent "Token helper"',
    );
  }
  if (settings.graphRequest !== undefined) {
    if (!isGraphPath(settings.graphRequest.path)) {
      fault(
        "--graph-request",
        settings.graphRequest.path,
        "The flow makes a GET of Microsoft Graph; this is not a path there.",
        "--graph-request '/v1.0/users?$top=5&$select=displayName'",
      );
    }
    if (!/^[a-z][a-z0-9]*$/i.test(settings.graphRequest.field)) {
      fault(
        "--graph-field",
        settings.graphRequest.field,
        "It names one property of the objects that come back.",
        "--graph-field displayName",
      );
    }
  }
  return faults;
}

/** What is left of an app's name in schema names: its letters and digits. */
export function appIdentifier(appName: string): string {
  return appName.replace(/[^a-zA-Z0-9]/g, "");
}

/** Schema name of an agent to make: the publisher's prefix and the name's letters and digits. */
export function newAgentSchemaName(publisherPrefix: string, displayName: string): string {
  return `${publisherPrefix}_${appIdentifier(displayName)}`;
}

/** Names that another one before is equal to: Dataverse ignores case. */
function duplicates(names: readonly string[]): string[] {
  const lowerCase = names.map((name) => name.toLowerCase());
  return names.filter((_, index) => lowerCase.indexOf(lowerCase[index] ?? "") !== index);
}
