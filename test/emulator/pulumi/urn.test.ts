import { describe, expect, it } from "vitest";
import { urnMatcher, urnOf } from "../../../emulator/pulumi/urn";

const consent =
  "urn:pulumi:dev::app::copilot-token:infra:AdminConsent$azuread:index/grant:Grant::A-User.Read.All";
const root = urnOf("dev", "app", undefined, { type: "azuread:index/grant:Grant", name: "A" });

describe("urnMatcher", () => {
  it.each([
    ["**AdminConsent$azuread:index/grant:Grant::**", [true, false]],
    ["**azuread:index/grant:Grant::**", [true, true]],
    // One star does not go beyond a colon, and all else means itself.
    ["**azuread:index/grant:Grant::A-*", [true, false]],
    ["*Grant::A", [false, false]],
    ["**A-User?Read?All", [false, false]],
    [root, [false, true]],
  ])("takes %s as the Pulumi CLI does", (pattern, matched) => {
    expect([consent, root].map(urnMatcher([pattern]))).toEqual(matched);
  });

  it("matches nothing without a pattern", () => {
    expect(urnMatcher([])(root)).toBe(false);
  });
});
