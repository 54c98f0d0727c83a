import type { GraphRequest } from "../../core/permissions/graphRequest";
import { userReadsFor, userRequest } from "../../core/permissions/userReads";
import type { CopilotSettings, UserApp } from "../settings";

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
