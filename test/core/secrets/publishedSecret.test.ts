import { describe, expect, it } from "vitest";
import { readPublishedCredential, readSecretResourceId } from "../../../core/secrets/publishedSecret";

const tags = {
  app: "Mail",
  clientId: "client-id",
  keyId: "key-id",
  sequence: "7",
  startsAt: "2026-11-22T10:00:00Z",
  cause: "leaked",
  provedAt: "2026-11-22T10:00:10.000Z",
  provedBy: "5 tokens",
};

describe("readPublishedCredential", () => {
  it("reads which credential the vault holds", () => {
    expect(readPublishedCredential(tags)).toEqual({
      sequence: 7,
      startsAt: new Date("2026-11-22T10:00:00Z"),
      cause: "leaked",
    });
  });

  it.each([
    ["no tags", undefined],
    ["tags of another program", { team: "finance" }],
    ["sequence 0", { ...tags, sequence: "0" }],
    ["an empty sequence", { ...tags, sequence: "" }],
    ["a sequence in parts", { ...tags, sequence: "1.5" }],
    ["a sequence after which no other can come", { ...tags, sequence: "9007199254740992" }],
    ["a sequence in powers of ten", { ...tags, sequence: "1e300" }],
    ["a word for a sequence", { ...tags, sequence: "seven" }],
    ["a start that is no instant", { ...tags, startsAt: "yesterday" }],
    ["an unknown cause", { ...tags, cause: "whim" }],
  ])("knows nothing from %s", (_what, given) => {
    expect(readPublishedCredential(given)).toBeUndefined();
  });
});

describe("readSecretResourceId", () => {
  const id = "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.KeyVault/vaults/v1/secrets/Mail";
  const place = { subscriptionId: "s1", resourceGroupName: "g1", vaultName: "v1", secretName: "Mail" };

  it.each([
    ["as Azure writes it", id],
    ["in another case", id.replace("resourceGroups", "resourcegroups").replace("KeyVault", "keyvault")],
  ])("takes an ID apart, %s", (_how, given) => {
    expect(readSecretResourceId(given)).toEqual(place);
  });

  it.each([
    "",
    id.replace("/secrets/Mail", ""),
    id.replace("/secrets/", "/keys/"),
    `${id}/versions/1`,
    `${id}/`,
    `x${id}`,
    "https://v1.vault.azure.net/secrets/Mail",
  ])("finds no vault secret in %j", (given) => {
    expect(readSecretResourceId(given)).toBeUndefined();
  });
});
