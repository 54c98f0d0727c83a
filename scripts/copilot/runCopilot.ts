import { resolve } from "node:path";
import { artefacts } from "../../copilot/artefacts";
import { apiRequestsOf } from "../../copilot/requests/apiRequests";
import { furtherRequests } from "../../copilot/requests/chosenRequests";
import { requestTable } from "../../copilot/requests/requestTable";
import { artefactPaths, type ArtefactFiles } from "../../copilot/files";
import { appIdentifier, isSecretApp, type CopilotApp, type CopilotSettings } from "../../copilot/settings";
import { UsageError, type ExitCode, type Flags } from "../shared/command";
import { connectCommand } from "./connect";
import { noWayForAgents, readCopilotInput, readCopilotSettings } from "./copilotInput";
import { checkFolder, versionsIn, writeArtefacts } from "./writeArtefacts";
import { trialMailbox } from "./trial/trialTenant";
import { copilotTrial } from "./trial/copilotTrial";
import { logicAppTrial } from "./trial/logicAppTrial";
import { showLogicAppTrial, showTrial, showUserTrial } from "./trial/showTrial";
import { userTrial } from "./trial/userTrial";
import type { World } from "../shared/world";
import { defaultFolder } from "./defaultFolder";

/** Carries out `npm run copilot`. */
export async function runCopilot(flags: Flags, world: World): Promise<ExitCode> {
  if (flags.on("try")) {
    const given = readCopilotSettings(flags);
    // Tools come with an agent.
    const settings = {
      ...given,
      ...(given.agents.length > 0 ? {} : { newAgent: given.newAgent ?? "Trial agent" }),
      // The given one is in no emulated tenant.
      ...(given.mailbox === undefined ? {} : { mailbox: trialMailbox }),
    };
    world.print("The generated files, imported and run in an emulated tenant on this machine.\n");
    // The trial's app has a permission for each request that was asked for.
    const asked = requestTable.filter(({ key }) => settings.requests.includes(key));
    const permissions = ["User.Read.All", ...asked.flatMap((request) => request.permissions.slice(0, 1))];
    const secretTrial = await copilotTrial(settings, { permissions: [...new Set(permissions)] });
    for (const line of await showTrial(secretTrial, settings.requests)) world.print(line);
    // What a Logic App may be asked is decided by its stack, not by a flag.
    const trial = await logicAppTrial({ ...settings, graphRequest: undefined });
    for (const line of await showLogicAppTrial(trial)) world.print(line);
    const asUser = { ...settings, graphRequest: undefined };
    const [consented, unconsented] = [await userTrial(asUser), await userTrial(asUser, { consent: false })];
    for (const line of await showUserTrial(consented, unconsented)) world.print(line);
    return 0;
  }
  const { apps, settings, leftOut } = await readCopilotInput(flags, world);
  if (flags.on("connect")) {
    await connect(world, apps, settings);
    return 0;
  }
  const folderOf = (app: CopilotApp): string =>
    resolve(world.directory, flags.text("out") ?? defaultFolder, appIdentifier(app.name));
  for (const app of apps) await checkFolder(folderOf(app));
  const made: { app: CopilotApp; folder: string; files: ArtefactFiles }[] = [];
  for (const app of apps) {
    const folder = folderOf(app);
    made.push({ app, folder, files: readable(artefacts(app, settings, await versionsIn(folder)), world) });
  }
  for (const { app, folder, files } of made) {
    await writeArtefacts(folder, files);
    world.print(`${app.name}: ${files.size} files in ${folder}`);
    const asked = isSecretApp(app) ? apiRequestsOf(app.cloud, app.apis, settings.apiRequests) : [];
    if (!files.has(graphCallOf(app)) && asked.length === 0) world.tell(noGraphCall(app.name));
    const further = isSecretApp(app) ? furtherRequests(app, settings) : [];
    if (further.length > 0) {
      world.print(`  Its permissions allow more: ${further.map((key) => `--request ${key}`).join(", ")}`);
    }
    if (isSecretApp(app) && app.apis.length > asked.length) {
      const names = app.apis.map(({ name }) => name).join(", ");
      world.print(`  It has permissions of ${names}: --api-request asks one of them`);
    }
  }
  if (leftOut.length > 0) world.tell(`Left out: ${leftOut.join(", ")}. ${noWayForAgents}`);
  const noAgents = apps[0]?.cloud.missing.agents;
  if (noAgents !== undefined) world.tell(`Agents, in ${apps[0]?.cloud.title ?? ""}: ${noAgents}`);
  if (settings.returnToken && apps.some((app) => "secretResourceId" in app)) warnOfToken(world);
  world.print(`Start with ${artefactPaths.readme} there; npm run copilot -- --try shows the conversation.`);
  return 0;
}

/** The pages among the files name commands: as a reader in this folder types them. */
function readable(files: ArtefactFiles, { words }: World): ArtefactFiles {
  return new Map(
    [...files].map(([path, content]) => [path, path.endsWith(".md") ? words(content) : content]),
  );
}

/** The file by which the app's agent asks Microsoft Graph. */
function graphCallOf(app: CopilotApp): string {
  if ("certificate" in app) return artefactPaths.connectorZip;
  return app.delegated === undefined ? artefactPaths.graphTopic : artefactPaths.asMeTopic;
}

async function connect(world: World, apps: readonly CopilotApp[], settings: CopilotSettings): Promise<void> {
  const withConnector = apps.filter(
    (app) => app.delegated !== undefined && app.agentCredential === "federated",
  );
  const [app] = withConnector;
  const { environmentId } = settings;
  if (app?.delegated === undefined || withConnector.length > 1 || environmentId === undefined) {
    throw new UsageError(
      "--connect needs one app with a connector, which has delegated permissions and credential: federated (--app " +
        `${withConnector.map(({ name }) => name).join(" or ") || "NAME"}), and --environment-id or ` +
        "copilot-token:powerPlatform.environmentId: Power Platform admin center, Environments, the environment's details.",
    );
  }
  const command = await connectCommand(world, app, settings, environmentId);
  world.tell(
    `${app.name}: this takes the connector's identity into the stack. Then add the connector to the agent, as the README says.`,
  );
  world.print(command);
}

function noGraphCall(appName: string): string {
  return (
    `${appName}: no read without further identifiers is known for its permissions, so Ask Microsoft Graph ` +
    "was left out. Name one with --graph-request and --graph-field."
  );
}

function warnOfToken(world: World): void {
  world.tell(
    "Warning: with --return-token the agent shows a token that opens everything the app may do in the whole tenant " +
      "for about an hour. It stays in chats, transcripts and traces, and cannot be recalled.",
  );
}
