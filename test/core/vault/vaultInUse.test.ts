import { clouds } from "../../../core/cloud/clouds";
import { describe, expect, it } from "vitest";
import { releasedTag, tagsWithMark } from "../../../core/ownershipMark";
import { vaultInUse, vaultInUseFault, type OwnStack } from "../../../core/vault/vaultInUse";

const stackId = "57ac1d00-0000-4000-8000-000000000001";
const other = "57ac1d00-0000-4000-8000-000000000002";
const markOf = (id: string) => tagsWithMark({ stackId: id, resource: "Mail", stack: "p/prod" }, []);
const secret = (tags: readonly string[], secretName = "Mail") => ({
  secretName,
  hasClientTag: true,
  application: { applicationObjectId: "Application-Object", clientId: "client", tags },
});
const byHand = (secretName: string) => ({ secretName, hasClientTag: false, application: undefined });
const adopting: OwnStack = {
  cloud: clouds.public,
  isNewVault: true,
  newApps: ["Mail"],
  stackId,
  objectIds: [],
};
const adding: OwnStack = { ...adopting, isNewVault: false };

describe("a vault", () => {
  it.each([
    ["an empty vault", [], adopting],
    ["a secret of a deleted app", [{ ...byHand("Mail"), hasClientTag: true }], adopting],
    ["a secret of another name that was made by hand", [byHand("Mailbox")], adopting],
    ["a secret of this stack", [secret(markOf(stackId))], adopting],
    ["a secret of an app that was released", [secret([releasedTag])], adopting],
    ["a secret of the app that is adopted", [secret([])], { ...adopting, objectIds: ["application-object"] }],
    ["another stack's secret beside the new ones", [secret(markOf(other), "Files")], adding],
  ])("may be used with %s", (_what, secrets, own) => {
    expect(vaultInUse(secrets, own)).toBeUndefined();
  });

  it.each([
    ["to be adopted, with any secret of another stack", [secret(markOf(other), "Files")], adopting],
    ["with another stack's secret of the same name", [secret(markOf(other), "mail")], adding],
    ["for a stack without an ID yet", [secret(markOf(stackId))], { ...adopting, stackId: undefined }],
    ["with a secret of an app without a mark", [secret([])], adopting],
  ])("is refused: %s", (_what, secrets, own) => {
    expect(vaultInUse(secrets, own)).toMatch(
      /client secret of (stack p\/prod|an app)[^.]*, client client\. /,
    );
  });

  it.each([
    ["the app's", "mail", adding],
    ["the one that names its signing key", "Mail-signing-key", adding],
    ["the app's, in a vault to be adopted", "Mail", adopting],
  ])("is refused with a secret made by hand under a name that an app needs: %s", (_what, name, own) => {
    expect(vaultInUse([byHand(name)], own)).toContain(
      `did not make, under a name that an app needs: ${name}.`,
    );
  });

  it("names the setting to change", () => {
    expect(vaultInUseFault("/vault", "why", adopting)).toMatchObject({
      key: "copilot-token:vault.adopt",
      repair: "pulumi config rm --path 'copilot-token:vault.adopt'",
    });
    expect(vaultInUseFault("/vault", "why", adding)).toMatchObject({
      key: "copilot-token:apps",
      value: '["Mail"]',
    });
  });
});
