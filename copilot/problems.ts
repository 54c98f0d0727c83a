import { commandFix, fixLine, ownCommand, refreshCommand } from "../core/fix";
import { problemCodes, problemOrigins } from "../core/agent/problemCodes";
import type { Cloud } from "../core/cloud/clouds";
import { graphScope } from "./names";
import type { RequestApi } from "./requests/agentRequest";

/** What the agent says when nothing came back in time, be it to the flow, to the topic, or from the flow. */
export const noAnswerMessage =
  "Microsoft's service did not answer in time. Ask again; if it stays so, look at the service health.";

/** A problem that has a cure of its own. */
export interface KnownProblem {
  /** Short and stable: part of the topic's node IDs, hence six letters or digits. */
  readonly key: string;
  /** The problem's code is one of these; one that ends with `*` stands for all that begin so. */
  readonly codes: readonly string[];
  /** What the agent says: what happened, and who does what about it. */
  readonly message: string;
}

// The agent's reader knows no stack: the app's owner has it selected.
const expiredFix = commandFix(
  "agent.expired",
  "Ask the owner of the app registration to rotate it",
  ownCommand("rotate", undefined),
);
const noRoleFix = commandFix(
  "agent.no-role",
  "Ask the owner of the app registration to grant it",
  refreshCommand(undefined),
);
const noServicePrincipalFix = commandFix(
  "agent.no-service-principal",
  "Ask the owner of the app registration to make it again",
  refreshCommand(undefined),
);

/** What any service of Microsoft can meet. @param origin Comes before the codes. */
const serviceProblems = (origin = ""): readonly KnownProblem[] => [
  {
    key: "thrott",
    codes: [`${origin}HTTP_429`],
    message: "Microsoft is throttling requests at the moment. Wait a minute, then ask again.",
  },
  {
    key: "server",
    codes: [`${origin}HTTP_5*`],
    message: "Microsoft's service had an error of its own. Wait a minute, then ask again.",
  },
  {
    key: "noansw",
    codes: [`${origin}${problemCodes.noAnswer}`, `${origin}HTTP_408`],
    message: noAnswerMessage,
  },
];

/** What an API itself says of a request. @param noSuch What a 404 of it means. */
const refusalsOf = (service: string, noSuch: string): readonly KnownProblem[] => [
  {
    key: "forbid",
    codes: ["HTTP_403"],
    message: `${service} refused the request: the app lacks a permission for it, or admin consent was not granted.`,
  },
  {
    key: "nofind",
    codes: ["HTTP_404"],
    message: `${service} found ${noSuch}`,
  },
  {
    key: "badreq",
    codes: ["HTTP_400"],
    message: `${service} could not understand the request. Look at what was asked for: a name, an address, a day.`,
  },
  {
    key: "tokend",
    codes: ["HTTP_401"],
    message: `${service} did not accept the app's token. Ask again; if it stays so, look whether the app was disabled.`,
  },
  {
    key: "unread",
    codes: [problemCodes.unreadableAnswer],
    message: `${service} answered with something other than what was asked for.`,
  },
];

const graphRefusals = refusalsOf(
  "Microsoft Graph",
  "no such person, site or mailbox. Look at the name again.",
);

/**
 * Problems in the order in which topics look for them: codes before statuses, since a refusal has both.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes (read 2026-11)
 */
export const tokenProblems = (cloud: Cloud): readonly KnownProblem[] => [
  {
    key: "expird",
    codes: ["AADSTS7000222"],
    message: "The client secret has expired. This agent needs no change. " + fixLine(expiredFix),
  },
  {
    key: "secret",
    codes: ["AADSTS7000215"],
    message:
      "Microsoft Entra does not accept the client secret. If it was rotated in the last minutes, try again; " +
      "otherwise the vault's secret belongs to another app or is not the secret's value.",
  },
  {
    key: "noappl",
    codes: ["AADSTS700016"],
    message:
      "Microsoft Entra does not know the app in this tenant. Compare the environment variables for tenant ID and " +
      "client ID with the app registration.",
  },
  {
    key: "nosvcp",
    codes: ["AADSTS7000229"],
    message:
      "The app has no service principal in this tenant: it was deleted. This agent needs no change. " +
      fixLine(noServicePrincipalFix),
  },
  {
    key: "notena",
    codes: ["AADSTS90002", "AADSTS900023", "AADSTS50059"],
    message:
      "Microsoft Entra does not know the tenant. Compare the environment variable for the tenant ID with the tenant.",
  },
  {
    key: "disabl",
    codes: ["AADSTS7000112"],
    message:
      "The app is disabled in Microsoft Entra. Ask an administrator why, and to enable sign-in for it again.",
  },
  {
    key: "noassi",
    codes: ["AADSTS501051"],
    message:
      "The app holds no role of the API that it asks for, and the API requires one. " + fixLine(noRoleFix),
  },
  {
    key: "condac",
    codes: ["AADSTS53003"],
    message:
      "A Conditional Access policy blocks the app. Ask an administrator to let it sign in from the addresses of Power Platform.",
  },
  {
    key: "noscop",
    codes: ["AADSTS1002012", "AADSTS70011", "AADSTS500011"],
    message: `Microsoft Entra does not accept the scope. Set its environment variable to ${graphScope(cloud)}.`,
  },
  {
    key: "novalu",
    codes: ["AADSTS900144", "AADSTS7000218"],
    message:
      "A value was missing in the token request. Set the environment variables of the solution: tenant ID, client ID, client secret and scope.",
  },
  {
    key: "notokn",
    codes: [problemCodes.notAToken],
    message:
      "Microsoft Entra answered without a token. A proxy or a network policy may have answered in its place.",
  },
  {
    key: "nosecr",
    codes: [`${problemOrigins.secret}*`],
    message:
      "The secret could not be read from the vault. Dataverse needs the role Key Vault Secrets User at the secret, " +
      "and the vault's firewall must let Power Platform in.",
  },
  ...serviceProblems(),
];

/** As {@link tokenProblems}, with what only a call of Microsoft Graph can meet. */
export const graphProblems = (cloud: Cloud): readonly KnownProblem[] => [
  ...tokenProblems(cloud),
  {
    key: "unfitt",
    codes: [problemCodes.unfitInput],
    message:
      "I cannot ask for that: a value is empty, too long, or has characters that such a value never has.",
  },
  ...graphRefusals,
];

/** What a request of an app with a client secret can meet. */
export function requestProblems(cloud: Cloud, api: RequestApi | undefined): readonly KnownProblem[] {
  if (api === undefined) return graphProblems(cloud);
  return [
    ...tokenProblems(cloud).map((problem) =>
      problem.key === "noscop"
        ? {
            ...problem,
            message: `Microsoft Entra does not accept the scope. Set the environment variable for the scope of ${api.name} to ${api.audience}/.default.`,
          }
        : problem,
    ),
    ...refusalsOf(api.name, "nothing at this address. Compare its base URL and the path with the API."),
  ];
}

/** What a call by way of the Logic App can meet: nothing of it has to do with a secret. */
export const logicAppProblems: readonly KnownProblem[] = [
  {
    key: "signin",
    codes: ["AADSTS*"],
    message:
      "The flow's connection could not sign in to the Logic App's resource. Sign the connection in again, and compare " +
      "its resource URI with the README.",
  },
  ...serviceProblems(),
  ...serviceProblems(problemOrigins.logicApp).map((problem) => ({
    ...problem,
    key: `l${problem.key.slice(1)}`,
  })),
  {
    key: "locked",
    codes: [`${problemOrigins.logicApp}*`],
    message:
      "The Logic App did not take the call. Its connection must be signed in by a user whom the setting logicApp.users " +
      "names, for the Logic App's own resource.",
  },
  ...graphRefusals,
];

/** What the agent says to a problem that is in neither table. */
export const otherProblem = "Something unexpected came back.";
