import { artefacts } from "../../../copilot/artefacts";
import { asMeRequests } from "../../../copilot/asUser/asMeRequests";
import { operationId } from "../../../copilot/asUser/connector";
import { artefactPaths, type ArtefactFiles } from "../../../copilot/files";
import type { CopilotSettings } from "../../../copilot/settings";
import type { GraphRequest } from "../../../core/permissions/graphRequest";
import { Browser } from "../../../emulator/entra/browser";
import { driveIdOf } from "../../../emulator/graph/drives";
import { runOperation } from "../../../emulator/powerPlatform/connectorOperation";
import { runTopic, type TopicEvent } from "../../../emulator/powerPlatform/topicRun";
import {
  signInToAgent,
  signInToConnector,
  type SigningIn,
  type SignInOutcome,
} from "../../../emulator/powerPlatform/userSignIn";
import type { Value } from "../../../emulator/powerPlatform/value";
import { textOf, trialPlace } from "./importTrial";
import { userTenant, type UserTenant, type UserTenantOptions } from "./userTenant";

/** What a user met: how the sign-in ended, and what came of what was asked. */
export interface UserConversation {
  readonly signIn: "signed in" | { readonly refusal: string };
  readonly events: readonly TopicEvent[];
}

/** Answers of a connector's operations, by operation. */
export interface ConnectorConversation {
  readonly signIn: UserConversation["signIn"];
  readonly answers: readonly {
    readonly operationId: string;
    readonly status: number;
    readonly body: string;
  }[];
}

/** An agent that acts as its signed-in user, in an emulated tenant, by both ways of signing users in. */
export interface UserTrial extends UserTenant {
  readonly files: ArtefactFiles;
  /** Signs a user in by the agent's own settings (Authenticate manually) and says the topic's phrase. */
  ask(login: string, request?: GraphRequest): Promise<UserConversation>;
  /** Signs a user in by Authenticate with Microsoft, and runs every operation of the connector. */
  askByConnector(login: string, request?: GraphRequest): Promise<ConnectorConversation>;
  /** The request for a file of one user's. */
  fileOf(owner: string): GraphRequest;
}

/** Sets the tenant up and makes the files for it. */
export async function userTrial(
  settings: CopilotSettings,
  options: Partial<UserTenantOptions> = {},
): Promise<UserTrial> {
  const trial = await userTenant({
    appName: "HelpdeskAgent",
    delegated: ["User.Read", "Files.ReadWrite"],
    ...options,
  });
  const { tenant, app, platform, manual } = trial;
  const filesFor = (graphRequest = settings.graphRequest) => artefacts(app, { ...settings, graphRequest });
  const signingIn = (login: string): SigningIn => ({
    browser: new Browser((request) => platform.send(request)),
    user: { login },
    tenant,
    send: (request) => platform.send(request),
  });
  const environment = {
    ...trialPlace(settings),
    variables: new Map(),
    flows: new Map(),
    topics: new Map(),
    topicTimeout: "blank",
  } as const;
  const play = async (path: string, files: ArtefactFiles, user: Value): Promise<readonly TopicEvent[]> =>
    (await runTopic(textOf(files, path), environment, platform, { system: new Map([["User", user]]) }))
      .events;
  return {
    ...trial,
    files: filesFor(),
    ask: async (login, request) => {
      const files = filesFor(request);
      const card = await play(artefactPaths.signInTopic, files, null);
      const outcome = await signInToAgent(manual, signingIn(login));
      const AccessToken = "accessToken" in outcome ? outcome.accessToken : null;
      const events = await play(artefactPaths.asMeTopic, files, { AccessToken });
      return { signIn: ended(outcome), events: [...card, ...events] };
    },
    askByConnector: async (login, request) => {
      const zip = filesFor(request).get(artefactPaths.connectorZip);
      if (!(zip instanceof Uint8Array)) throw new Error("No connector was made.");
      const wanted = { ...settings, graphRequest: request ?? settings.graphRequest };
      const connector = await trial.connect(environment.environmentId, zip);
      const outcome = await signInToConnector(connector, signingIn(login));
      const answers = [];
      for (const id of asMeRequests(app, wanted).map(operationId)) {
        if (!("accessToken" in outcome)) break;
        answers.push({
          operationId: id,
          ...(await runOperation(connector, id, outcome.accessToken, platform)),
        });
      }
      return { signIn: ended(outcome), answers };
    },
    fileOf: (owner) => {
      const { users, driveItems = {} } = tenant.state.directory;
      const user = Object.values(users).find(({ userPrincipalName }) => userPrincipalName === owner);
      const item = Object.values(driveItems).find(({ ownerId }) => ownerId === user?.id);
      if (user === undefined || item === undefined) throw new Error(`${owner} has no file.`);
      return { path: `/v1.0/drives/${driveIdOf(user.id)}/items/${item.id}?$select=name`, field: "name" };
    },
  };
}

function ended(outcome: SignInOutcome): UserConversation["signIn"] {
  return "accessToken" in outcome ? "signed in" : outcome;
}
