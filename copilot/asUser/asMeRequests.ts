import type { GraphRequest } from "../../core/permissions/graphRequest";
import { userReadsFor, userRequest } from "../../core/permissions/userReads";
import type { CopilotSettings, UserApp } from "../settings";
import { problemCodes } from "../../core/agent/problemCodes";
import { noAnswerMessage, type KnownProblem } from "../problems";

/** A request of the topic, and what its answer is called. */
export interface AsMeRequest extends GraphRequest {
  /** Begins a sentence, such as "Your files". */
  readonly title: string;
}

/** The requests that an app's topic and connector make: the one that the settings name, else all that fit its permissions. */
export function asMeRequests(
  { delegated }: Pick<UserApp, "delegated">,
  { graphRequest }: Pick<CopilotSettings, "graphRequest">,
): AsMeRequest[] {
  if (graphRequest !== undefined) return [{ ...graphRequest, title: "Answer of Microsoft Graph" }];
  return userReadsFor(delegated).map((read) => ({
    ...userRequest(read),
    title: read.what.charAt(0).toUpperCase() + read.what.slice(1),
  }));
}

/** What the agent says to a user without a token. */
export const notSignedIn =
  "You are not signed in, so I cannot see anything of yours. Start a new conversation and sign in when I ask you to. " +
  'If the sign-in said "Need admin approval" or AADSTS65001, your administrator has to consent first; with AADSTS50105, ' +
  "your administrator has to give you access to this agent's app.";

/** What Microsoft Graph can answer to a request in a user's name, in words for that user. */
export const asMeProblems: readonly KnownProblem[] = [
  {
    key: "tokend",
    codes: ["HTTP_401"],
    message: "Your sign-in has ended. Start a new conversation and sign in again.",
  },
  {
    key: "forbid",
    codes: ["HTTP_403"],
    message:
      "Microsoft 365 does not let you see this. Its owner can share it with you. If it is your own, the agent lacks a " +
      "permission: tell its maker.",
  },
  {
    key: "nofind",
    codes: ["HTTP_404"],
    message: "There is nothing of the kind for you: no such item, or you have no mailbox or OneDrive.",
  },
  {
    key: "badreq",
    codes: ["HTTP_400"],
    message: "Microsoft Graph could not understand the request. Tell the agent's maker.",
  },
  {
    key: "thrott",
    codes: ["HTTP_429"],
    message: "Microsoft is throttling requests at the moment. Wait a minute, then ask again.",
  },
  {
    key: "server",
    codes: ["HTTP_5*"],
    message: "Microsoft's service had an error of its own. Wait a minute, then ask again.",
  },
  { key: "noansw", codes: [problemCodes.noAnswer, "HTTP_408"], message: noAnswerMessage },
];
