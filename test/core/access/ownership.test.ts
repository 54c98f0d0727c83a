import { describe, expect, it } from "vitest";
import { callerOf, ownershipFault } from "../../../core/access/ownership";

const deployer = "11111111-2222-4333-8444-555555555555";
const somebody = "22222222-2222-4333-8444-555555555555";
const application = (...roles: string[]) => callerOf({ oid: deployer, roles });

describe("ownershipFault", () => {
  it("is for a service principal that may change only apps that it owns, and is no owner", () => {
    const caller = application("Application.ReadWrite.OwnedBy");
    if (caller === undefined) throw new Error("no caller");
    expect(ownershipFault([somebody], caller)).toMatchObject({
      code: "OWNERS_WITHOUT_DEPLOYER",
      repair: `pulumi config set --path 'copilot-token:owners[1]' ${deployer}`,
    });
  });

  it.each([
    ["no owners, so the deployer is one", [], application()],
    ["the caller among them, in any case", [somebody, deployer.toUpperCase()], application()],
    ["a caller that may change every app", [somebody], application("Application.ReadWrite.All")],
    [
      "a caller with a directory role for apps",
      [somebody],
      callerOf({ oid: deployer, wids: ["9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"] }),
    ],
    ["a person, whose roles decide", [somebody], callerOf({ oid: deployer, scp: "user_impersonation" })],
  ])("is none for %s", (_what, owners, caller) => {
    if (caller === undefined) throw new Error("no caller");
    expect(ownershipFault(owners, caller)).toBeUndefined();
  });

  it("knows no caller in a token that does not say whose it is", () => {
    expect(callerOf({})).toBeUndefined();
  });
});
