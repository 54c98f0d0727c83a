import { chooseCloud } from "../../core/cloud/chosenCloud";
import type { Cloud } from "../../core/cloud/clouds";
import { readSecretResourceId } from "../../core/secrets/publishedSecret";
import { isPublishedKind } from "../../core/settings/credentialKind";
import { faultsError, OperatorError, type Fault } from "../../core/errors";
import { configKey } from "../../core/settings/settingsFaults";
import { cloudOf, type AppOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import {
  appFaults,
  appIdentifier,
  defaultCopilotSettings,
  requestFaults,
  settingsFaults,
  type CopilotApp,
  type CopilotSettings,
} from "../../copilot/settings";
import { apisOfRequests } from "../../copilot/requests/apiRequests";
import { chosenRequestFaults } from "../../copilot/requests/chosenRequests";
import { UsageError, type Flags } from "../shared/command";
import { loadOutputs, type OutputsRequest } from "../shared/stackOutputs";
import type { World } from "../shared/world";

/** What the artefacts are made from. */
export interface CopilotInput {
  readonly apps: readonly CopilotApp[];
  readonly settings: CopilotSettings;
  /** Names of the stack's apps that no agent can use: left out where others are there. */
  readonly leftOut: readonly string[];
}

const appWithoutStack = "--app NAME --tenant-id GUID --client-id GUID --secret-id ARM_ID --permission NAME";

/** Flags that describe an app without a stack. */
const appFlags = ["tenant-id", "client-id", "secret-id"] as const;

/** Flags that name an app, its source or an output folder: `--try` has an app of its own and writes no files. */
const flagsOfAnApp = ["app", "outputs", "stack", "out", "permission", "api-request", ...appFlags] as const;

/**
 * Reads apps and settings from the flags and, unless the flags describe an app by themselves, from the stack's outputs.
 *
 * @throws {UsageError} naming every fault at once.
 */
export async function readCopilotInput(flags: Flags, world: World): Promise<CopilotInput> {
  const { cloud } = chooseCloud(world.env);
  const fromFlags = appFlags.some((name) => flags.text(name) !== undefined);
  if (fromFlags) {
    return {
      ...judge([appOfFlags(flags, cloud)], copilotSettings(flags, undefined), missingAppFlags(flags)),
      leftOut: [],
    };
  }
  const file = flags.text("outputs");
  const stack = flags.text("stack");
  const outputs = await outputsOf(world, {
    ...(file === undefined ? {} : { file }),
    ...(stack === undefined ? {} : { stack }),
  });
  const wanted = flags.texts("app");
  const asked = Object.keys(outputs.apps).filter((name) => wanted.length === 0 || wanted.includes(name));
  const apps = usableApps(outputs).filter(({ name }) => asked.includes(name));
  const leftOut = asked.filter((name) => !apps.some((app) => app.name === name));
  const refused = wanted.length > 0 || apps.length === 0 ? leftOut : [];
  const faults = [...unknownApps(wanted, outputs), ...refused.map((name) => appWithoutWay(name, outputs))];
  return { ...judge(apps, copilotSettings(flags, outputs), faults), leftOut };
}

/** The stack's apps that an agent can use, asked for or not. */
function usableApps(outputs: StackOutputs | undefined): CopilotApp[] {
  const cloud = cloudOf(outputs ?? {});
  return Object.entries(outputs?.apps ?? {}).flatMap(
    ([name, app]) => copilotAppOf(cloud, name, outputs?.tenantId ?? "", app) ?? [],
  );
}

/**
 * An app of the stack as the artefacts need it: with its delegated permissions or its Logic App where it has one, else
 * with its secret, or with its certificate where the key may be exported.
 *
 * @returns Undefined for an app that has none of these: no flow or topic can sign in as it.
 */
export function copilotAppOf(
  cloud: Cloud,
  name: string,
  tenantId: string,
  app: AppForCopilot,
): CopilotApp | undefined {
  const { clientId, permissions, signIn, logicApp, secretResourceId, delegated } = app;
  const common = { cloud, name, tenantId, clientId, permissions };
  // Its secret signs the agent's user in, on Copilot Studio's own page; a flow or topic gets nothing by it.
  if (delegated !== undefined) {
    return {
      ...common,
      delegated,
      agentCredential: isPublishedKind(signIn) ? signIn : "federated",
      ...(app.certificate === undefined ? {} : { certificateUrl: certificateUrl(cloud, app.certificate) }),
      tokenExchangeUrl: app.userSignIn?.tokenExchangeUrl,
    };
  }
  if (logicApp !== undefined) return { ...common, logicApp };
  // A connection of Power Platform needs the file; a key that stays in the vault signs in no agent.
  if (signIn === "certificate" && app.certificate?.exportable === true) {
    const { certificateName, secretName } = app.certificate;
    return { ...common, certificate: { vaultName: vaultOf(app.certificate), certificateName, secretName } };
  }
  // A secret on its way out is for consumers that have it, not for new ones.
  if (secretResourceId === undefined || signIn !== "secret") return undefined;
  return { ...common, secretResourceId, apis: app.apis ?? [] };
}

/** Without a version: the agent uses the newest certificate. */
function certificateUrl({ vaultSuffix }: Cloud, certificate: CertificateForCopilot): string {
  return `https://${vaultOf(certificate)}.${vaultSuffix}/certificates/${certificate.certificateName}`;
}

function vaultOf({ secretResourceId }: CertificateForCopilot): string {
  return readSecretResourceId(secretResourceId)?.vaultName ?? "";
}

type CertificateForCopilot = Omit<NonNullable<AppOutputs["certificate"]>, "credential">;

/** What this command needs of an app in the outputs. */
interface AppForCopilot
  extends
    Pick<AppOutputs, "clientId" | "signIn">,
    Partial<Pick<AppOutputs, "apis" | "delegated" | "userSignIn" | "secretResourceId" | "logicApp">> {
  readonly permissions: readonly string[];
  readonly certificate?: CertificateForCopilot | undefined;
}

/** Why an agent cannot use an app. */
export const noWayForAgents =
  "A flow or topic of an agent needs a client secret that stays, or a Logic App: no documented way lets it use the " +
  "agent's own Entra Agent ID for Microsoft Graph.";

function appWithoutWay(name: string, { apps }: StackOutputs): Fault {
  return appFault(
    "--app",
    name,
    noWayForAgents,
    apps[name]?.signIn === "managedIdentity"
      ? `Give it one in ${configKey(["apps", name, "logicApp"])}, and run pulumi up.`
      : apps[name]?.signIn === "certificate"
        ? `A connector needs the certificate as a file: docs/certificates.md, "A key that may be exported", names the risk of ${configKey(["apps", name, "certificate", "exportable"])}.`
        : "Add an app with credential: managedIdentity and a logicApp under a key of its own, and run pulumi up.",
  );
}

/** Without outputs nothing can be written, so missing outputs are a usage error. */
async function outputsOf(world: World, request: OutputsRequest): Promise<StackOutputs> {
  try {
    return (await loadOutputs(world, request)).outputs;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new UsageError(
      `${error.message}
Or describe an app without a stack: ${appWithoutStack}`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Only the settings: for `--try`, which has its own app.
 *
 * @throws {UsageError} naming every invalid flag, or the flags that `--try` does not use.
 */
export function readCopilotSettings(flags: Flags): CopilotSettings {
  const idle = flagsOfAnApp.filter((name) => flags.text(name) !== undefined || flags.texts(name).length > 0);
  if (idle.length > 0) {
    throw new UsageError(
      `--try plays an app of its own in an Azure emulated here and writes nothing, so it cannot take ` +
        `--${idle.join(", --")}. Leave out --try to write the files for that app, or the other flags to see the conversations.`,
    );
  }
  return judge([], copilotSettings(flags, undefined), []).settings;
}

function judge(
  apps: readonly CopilotApp[],
  settings: CopilotSettings,
  otherFaults: readonly Fault[],
): Omit<CopilotInput, "leftOut"> {
  const faults = [
    ...otherFaults,
    // What is missing was named already.
    ...apps.flatMap(appFaults).filter(({ value }) => value !== ""),
    ...sameNames(apps),
    ...settingsFaults(settings),
    ...apps.flatMap((app) => requestFaults(app, settings)),
    ...chosenRequestFaults(apps, settings),
  ];
  if (faults.length > 0) throw UsageError.from(faultsError(faults));
  return { apps, settings };
}

function copilotSettings(flags: Flags, outputs: StackOutputs | undefined): CopilotSettings {
  const configured = outputs?.powerPlatform;
  const graphPath = flags.text("graph-request");
  const graphField = flags.text("graph-field");
  const agents = flags.texts("agent");
  return {
    publisherPrefix:
      flags.text("prefix") ?? configured?.publisherPrefix ?? defaultCopilotSettings.publisherPrefix,
    publisherName: flags.text("publisher"),
    environmentId: flags.text("environment-id") ?? configured?.environmentId,
    agents: agents.length > 0 ? agents : (configured?.agents ?? []),
    newAgent: flags.text("new-agent"),
    tokenTopic: flags.on("direct") ? "direct" : "flow",
    returnToken: flags.on("return-token"),
    graphRequest:
      graphPath === undefined && graphField === undefined
        ? undefined
        : { path: graphPath ?? "", field: graphField ?? "displayName" },
    apiRequests: flags.texts("api-request"),
    requests: flags.texts("request"),
    mailbox: flags.text("mailbox"),
    classic: flags.on("classic"),
    flowPlan: flags.on("cloud-flow") ? "power-automate" : "copilot-studio",
    connectionId: flags.text("connection-id") ?? "",
    variableRootComponents: flags.on("variable-roots"),
    severalApps: usableApps(outputs).length > 1,
  };
}

function appOfFlags(flags: Flags, cloud: Cloud): CopilotApp {
  return {
    cloud,
    name: flags.texts("app")[0] ?? "",
    tenantId: flags.text("tenant-id") ?? "",
    clientId: flags.text("client-id") ?? "",
    secretResourceId: flags.text("secret-id") ?? "",
    permissions: flags.texts("permission"),
    // Without a stack nothing tells which APIs the app has permissions of: those that are asked for.
    apis: apisOfRequests(cloud, flags.texts("api-request")),
  };
}

function missingAppFlags(flags: Flags): Fault[] {
  const missing = appFlags.filter((name) => flags.text(name) === undefined);
  const names = flags.texts("app").length;
  return [
    ...missing.map((name) =>
      appFault(`--${name}`, "(missing)", "Without a stack an app needs all of it.", `--${name} <value>`),
    ),
    ...(names === 1
      ? []
      : [
          appFault(
            "--app",
            String(names),
            "Without a stack exactly one name is needed.",
            "--app CopilotAPIAuth",
          ),
        ]),
  ];
}

function unknownApps(wanted: readonly string[], outputs: StackOutputs): Fault[] {
  return wanted
    .filter((name) => outputs.apps[name] === undefined)
    .map((name) =>
      appFault(
        "--app",
        name,
        "The stack has no such app.",
        `It has: ${Object.keys(outputs.apps).join(", ")}`,
      ),
    );
}

function sameNames(apps: readonly CopilotApp[]): Fault[] {
  return apps
    .filter(({ name }, index) =>
      // Dataverse and many file systems ignore case.
      apps
        .slice(0, index)
        .some((other) => appIdentifier(other.name).toLowerCase() === appIdentifier(name).toLowerCase()),
    )
    .map(({ name }) =>
      appFault(
        "--app",
        name,
        "Another app has the same letters and digits (in capitals or not), so their environment variables would be one.",
        "Make one of them at a time, each with a --prefix of its own.",
      ),
    );
}

function appFault(key: string, value: string, reason: string, repair: string): Fault {
  return { code: "COPILOT_APP_INVALID", key, value, reason, repair };
}
