import { describe, expect, it } from "vitest";
import { readVaultId, vaultAdoptionFault } from "../../../core/vault/vaultAdoption";

const idIn = (group: string): string =>
  `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/kv-mail`;

describe("readVaultId", () => {
  it("takes a vault's ARM ID apart, in whatever case Azure writes it", () => {
    expect(readVaultId(idIn("copilot-token-dev").replace("resourceGroups", "resourcegroups"))).toEqual({
      subscriptionId: "s",
      resourceGroupName: "copilot-token-dev",
      vaultName: "kv-mail",
    });
  });

  it.each(["", "kv-mail", `${idIn("g")}/secrets/Mail`, idIn("g").replace("vaults", "managedHSMs")])(
    "does not take %j for one",
    (id) => {
      expect(readVaultId(id)).toBeUndefined();
    },
  );
});

describe("vaultAdoptionFault", () => {
  it.each([
    [idIn("copilot-token-prod-1a2b3c4d"), undefined],
    [idIn("Copilot-Token-prod-1a2b3c4d"), undefined],
    [idIn("rg-shared"), "rg-shared would become part of the stack too, and be deleted with it."],
    ["kv-mail", "The ARM ID of a key vault is expected"],
  ])("of %s is %s", (id, words) => {
    const fault = vaultAdoptionFault(id);
    if (words === undefined) expect(fault).toBeUndefined();
    else expect(fault).toContain(words);
  });
});
