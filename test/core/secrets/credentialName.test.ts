import { describe, expect, it } from "vitest";
import {
  credentialDisplayName,
  credentialResourceName,
  readCredentialSequence,
} from "../../../core/secrets/credentialName";

describe("credentialResourceName", () => {
  it("joins app and sequence", () => {
    expect(credentialResourceName("CopilotAPIAuth", 7)).toBe("CopilotAPIAuth-7");
  });
});

describe("readCredentialSequence", () => {
  it.each([1, 9, 10, 4096])("reads back what the display name of sequence %i says", (sequence) => {
    expect(readCredentialSequence("Mail-2.a_b", credentialDisplayName("Mail-2.a_b", sequence))).toBe(
      sequence,
    );
  });

  it.each([
    ["no name", null],
    ["an empty name", ""],
    ["a name that somebody gave", "for the demo"],
    ["the resource's name alone", "Mail-1"],
    ["another app", "copilot-token Mailbox-1"],
    ["an app of which ours is the beginning", "copilot-token Mail-1-1"],
    ["another case", "copilot-token mail-1"],
    ["no number", "copilot-token Mail-"],
    ["a word", "copilot-token Mail-one"],
    ["zero", "copilot-token Mail-0"],
    ["a leading zero", "copilot-token Mail-07"],
    ["a fraction", "copilot-token Mail-1.5"],
    ["more behind the number", "copilot-token Mail-1 (old)"],
    ["more before the name", "my copilot-token Mail-1"],
  ])("leaves a credential alone that has %s", (_what, displayName) => {
    expect(readCredentialSequence("Mail", displayName)).toBeUndefined();
  });
});
