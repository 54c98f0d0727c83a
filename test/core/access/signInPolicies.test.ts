import { describe, expect, it } from "vitest";
import { blockingPolicies, type ConditionalAccessPolicy } from "../../../core/access/signInPolicies";

const clientId = "c1a5e5ad-1111-4222-8333-444455556666";

function policy(more: Partial<ConditionalAccessPolicy> = {}): ConditionalAccessPolicy {
  return {
    displayName: "Block",
    state: "enabled",
    includedApplications: ["All"],
    excludedApplications: [],
    controls: ["block"],
    isForFlows: false,
    ...more,
  };
}

describe("blockingPolicies", () => {
  it.each([
    {},
    { includedApplications: [clientId.toUpperCase()] },
    { includedApplications: ["Office365"] },
    { excludedApplications: ["797f4846-ba00-4fd7-ba43-dac1f8f63013"] },
  ])("names one that is enforced for the app or for what it reaches: %j", (more) => {
    expect(blockingPolicies([policy(more)], clientId)).toEqual(["Block"]);
  });

  it.each([
    { state: "disabled" },
    { state: "enabledForReportingButNotEnforced" },
    { controls: ["mfa"] },
    { includedApplications: ["None"] },
    { excludedApplications: [clientId] },
    { isForFlows: true },
  ])("names none that does not block such a sign-in: %j", (more) => {
    expect(blockingPolicies([policy(more)], clientId)).toEqual([]);
  });
});
