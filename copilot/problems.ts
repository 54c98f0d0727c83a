import { problemMarks } from "../core/agent/problemMarks";

/** What the agent says when nothing came back in time, be it to the flow, to the topic, or from the flow. */
export const noAnswerMessage =
  "Microsoft's service did not answer in time. Ask again; if it stays so, look at the service health.";

/** A problem that has a cure of its own. */
export interface KnownProblem {
  /** Short and stable: part of the topic's node IDs, hence six letters or digits. */
  readonly key: string;
  /** The problem's text holds one of these. */
  readonly marks: readonly string[];
  /** What the agent says: what happened, and who does what about it. */
  readonly message: string;
}

/** What any service of Microsoft can meet. */
const serviceProblems: readonly KnownProblem[] = [
  {
    key: "thrott",
    marks: ["HTTP 429"],
    message: "Microsoft is throttling requests at the moment. Wait a minute, then ask again.",
  },
  {
    key: "server",
    marks: ["HTTP 5"],
    message: "Microsoft's service had an error of its own. Wait a minute, then ask again.",
  },
  {
    key: "noansw",
    marks: [problemMarks.noAnswer, "HTTP 408"],
    message:
      "Microsoft's service did not answer in time. Ask again; if it stays so, look at the service health.",
  },
];

const forbidden: KnownProblem = {
  key: "forbid",
  marks: ["HTTP 403"],
  message:
    "Microsoft Graph refused the request: the app lacks a permission for it, or admin consent was not granted.",
};

/**
 * Problems in the order in which topics look for them: codes before statuses, since a refusal has both.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes (read 2026-11)
 */
export const tokenProblems: readonly KnownProblem[] = [
  {
    key: "expird",
    marks: ["AADSTS7000222"],
    message:
      "The client secret has expired. Ask the owner of the app registration to rotate it (npm run rotate); " +
      "this agent needs no change.",
  },
  {
    key: "secret",
    marks: ["AADSTS7000215"],
    message:
      "Microsoft Entra does not accept the client secret. If it was rotated in the last minutes, try again; " +
      "otherwise the vault's secret belongs to another app or is not the secret's value.",
  },
  {
    key: "noappl",
    marks: ["AADSTS700016"],
    message:
      "Microsoft Entra does not know the app in this tenant. Compare the environment variables for tenant ID and " +
      "client ID with the app registration.",
  },
  {
    key: "nosvcp",
    marks: ["AADSTS7000229"],
    message:
      "The app has no service principal in this tenant: it was deleted. Ask the owner of the app registration to make it " +
      "again (pulumi up --refresh); this agent needs no change.",
  },
  {
    key: "unread",
    marks: [problemMarks.secretUnreadable],
    message:
      "The secret could not be read from the vault. Dataverse needs the role Key Vault Secrets User at the secret, " +
      "and the vault's firewall must let Power Platform in.",
  },
  ...serviceProblems,
];

/** As {@link tokenProblems}, with what only a call of Microsoft Graph can meet. */
export const graphProblems: readonly KnownProblem[] = [...tokenProblems, forbidden];

/** What a call by way of the Logic App can meet: nothing of it has to do with a secret. */
export const logicAppProblems: readonly KnownProblem[] = [
  {
    key: "signin",
    marks: ["AADSTS"],
    message:
      "The flow's connection could not sign in to the Logic App's resource. Sign the connection in again, and compare " +
      "its resource URI with the README.",
  },
  ...serviceProblems,
  {
    key: "locked",
    marks: [problemMarks.logicAppUnreachable],
    message:
      "The Logic App did not take the call. Its connection must be signed in by a user whom the setting logicApp.users " +
      "names, for the Logic App's own resource.",
  },
  forbidden,
];

/** What the agent says to a problem that is in neither table. */
export const otherProblem = "Something unexpected came back.";
