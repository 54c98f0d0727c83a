/** What counts here of a Conditional Access policy. */
export interface ConditionalAccessPolicy {
  readonly displayName: string;
  /** `enabled`, `disabled` or `enabledForReportingButNotEnforced`. */
  readonly state: string;
  readonly includedApplications: readonly string[];
  readonly excludedApplications: readonly string[];
  /** Such as `block` or `mfa`. */
  readonly controls: readonly string[];
  /** Whether it is about single ways to sign in, such as a device code. */
  readonly isForFlows: boolean;
}

/** What a user who signs in to an agent uses: the app's own scope, and Microsoft Graph, which Office 365 includes. */
const reached = ["All", "Office365", "00000003-0000-0000-c000-000000000000"];

/**
 * Names of the policies that block users of an app. They may have conditions, such as a place or a group, so that only some
 * sign-ins are blocked.
 *
 * @see https://learn.microsoft.com/graph/api/resources/conditionalaccessconditionset (read 2026-11)
 */
export function blockingPolicies(policies: readonly ConditionalAccessPolicy[], clientId: string): string[] {
  const isTarget = (application: string): boolean =>
    reached.includes(application) || application.toLowerCase() === clientId.toLowerCase();
  return policies
    .filter(
      ({ state, controls, includedApplications, excludedApplications, isForFlows }) =>
        state === "enabled" &&
        !isForFlows &&
        controls.includes("block") &&
        includedApplications.some(isTarget) &&
        !excludedApplications.some(isTarget),
    )
    .map(({ displayName }) => displayName);
}
