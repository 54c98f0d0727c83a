import { describe, expect, it } from "vitest";
import {
  credentialDisplayName,
  isNamedByOther,
  isNamedOurs,
  readCredentialName,
} from "../../../core/secrets/credentialName";

const stackId = "0b5e55ed-57ac-4c1d-8000-00000000000a";
const otherId = "0b5e55ed-57ac-4c1d-8000-00000000000b";

describe("readCredentialName", () => {
  it.each([1, 9, 10, 4096])("reads back what the display name of sequence %i says", (sequence) => {
    expect(readCredentialName("Mail-2.a_b", credentialDisplayName("Mail-2.a_b", sequence, stackId))).toEqual({
      sequence,
      stackId,
    });
  });

  it("reads the name of a client secret from before the mark, which says no stack", () => {
    expect(readCredentialName("Mail", "copilot-token Mail-7")).toEqual({ sequence: 7 });
  });

  it.each([
    ["no name", null],
    ["an empty name", ""],
    ["a name given by hand", "for the demo"],
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
    ["more behind the stack's ID", `copilot-token Mail-1 ${stackId}0`],
    ["half an ID", "copilot-token Mail-1 0b5e55ed"],
  ])("leaves a credential alone that has %s", (_what, displayName) => {
    expect(readCredentialName("Mail", displayName)).toBeUndefined();
  });
});

describe("isNamedOurs", () => {
  it.each([
    ["this stack's", `copilot-token Mail-1 ${stackId}`, true],
    ["this stack's in capitals", `copilot-token Mail-1 ${stackId.toUpperCase()}`, true],
    ["another stack's", `copilot-token Mail-1 ${otherId}`, false],
    ["none, from before the mark", "copilot-token Mail-1", false],
  ])("tells a client secret with a mark that is %s", (_whose, displayName, expected) => {
    expect(isNamedOurs(readCredentialName("Mail", displayName), stackId)).toBe(expected);
  });

  it("takes no mark for its own while the stack has no ID", () => {
    const name = readCredentialName("Mail", `copilot-token Mail-1 ${otherId}`);
    expect(isNamedOurs(name, undefined)).toBe(false);
    expect(isNamedOurs(readCredentialName("Mail", "copilot-token Mail-1"), undefined)).toBe(false);
  });
});

describe("isNamedByOther", () => {
  it.each([
    ["a name of its own", "for the demo", false],
    ["this stack's", `copilot-token Mail-1 ${stackId}`, false],
    ["another stack's", `copilot-token Mail-1 ${otherId}`, true],
    ["from before the mark", "copilot-token Mail-1", true],
  ])("tells a client secret that is %s", (_whose, displayName, expected) => {
    expect(isNamedByOther(displayName, stackId)).toBe(expected);
  });
});
