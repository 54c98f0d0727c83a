import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Settings } from "../../../core/settings/settings";
import { findVaultAdoption, hasResourceGroup, recordedVault } from "../../../infra/plan/vaultAdoption";
import type { Recorded } from "../../../infra/plan/tenant";
import { fakeDirectory, type DirectoryContents } from "../../support/fakeDirectory";

const subscriptionId = "9d3e5a17-42c8-4b6f-8e21-7c0a1b5f6d38";
const resourceGroupName = "copilot-token-prod-1a2b3c4d";
const vaultName = "copilot-prod-1a2b3c4d";
const vaultId = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.KeyVault/vaults/${vaultName}`;
const deleted = {
  name: vaultName,
  vaultId,
  location: "westeurope",
  scheduledPurgeAt: "2027-02-20T10:00:00Z",
  isPurgeProtected: true,
};
let said: string[];
beforeEach(() => {
  said = [];
  vi.spyOn(pulumi.log, "info").mockImplementation((message) => {
    said.push(message);
    return Promise.resolve();
  });
  vi.spyOn(pulumi, "getStack").mockReturnValue("prod");
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function find(
  vault: Partial<Settings["vault"]>,
  contents: DirectoryContents = {},
  ownVaultName?: string,
  hasGroup = false,
) {
  const defaults: Settings["vault"] = {
    retentionDays: 90,
    sku: "standard",
    readers: [],
    allowedIpRanges: [],
  };
  const settings = { ...defaults, ...vault };
  const { directory, asked } = fakeDirectory(contents);
  const ownVault = ownVaultName === undefined ? undefined : { name: ownVaultName, resourceId: vaultId };
  return {
    found: await findVaultAdoption({ settings, subscriptionId, ownVault, hasGroup }, directory),
    asked,
  };
}

describe("findVaultAdoption", () => {
  it.each([
    ["a generated name", {}, undefined],
    ["the name of the vault that the stack has, in whatever case", { name: "Kv-Mail" }, "kv-mail"],
  ])("asks nothing for %s", async (_what, vault, ownVaultName) => {
    expect(await find(vault, {}, ownVaultName)).toEqual({ found: undefined, asked: [] });
  });

  it("lets a fixed name through that no deleted vault holds", async () => {
    const { found, asked } = await find({ name: "kv-mail" });
    expect([found, asked]).toEqual([undefined, [`deleted vault kv-mail in ${subscriptionId}`]]);
  });

  it("names the deleted vault that holds a fixed name, until when, and the ways out", async () => {
    const { found } = await find({ name: vaultName }, { deletedVaults: { [vaultName]: deleted } });
    const adopt = `pulumi config set --path 'copilot-token:vault.adopt' ${vaultId} --stack prod`;
    expect(found).toMatchObject({
      code: "VAULT_DELETED",
      key: "copilot-token:vault.name",
      value: `"${vaultName}"`,
      reason: "A deleted vault of this subscription has the name, and keeps it until 2027-02-20T10:00:00Z.",
      repair:
        `If this stack was destroyed, bring back all of it: npm run destroy -- --stack prod --restore && ${adopt}; or ` +
        "Recover only the vault; it needs a resource group of its former name: " +
        "az group create --name copilot-token-prod-1a2b3c4d --location westeurope && " +
        `az keyvault recover --name ${vaultName} && ${adopt}; or Choose another name, or ` +
        "none, which makes one that is free: pulumi config rm --path 'copilot-token:vault.name' --stack prod",
    });
  });

  it("adopts a vault that is there, and says so", async () => {
    const { found } = await find({ adopt: vaultId }, { vaults: [vaultId] });
    const place = { subscriptionId, resourceGroupName, vaultName, vaultId };
    expect(found).toEqual({ ...place, isNew: true, hasGroup: false });
    expect(said).toEqual([expect.stringContaining(`adopts the vault ${vaultName} and its resource group`)]);
  });

  it("adopts only the vault where an unfinished run has made a resource group", async () => {
    const { found } = await find({ adopt: vaultId }, { vaults: [vaultId] }, undefined, true);
    expect(found).toMatchObject({ isNew: true, hasGroup: true });
    expect(said).toEqual([expect.stringContaining(`adopts the vault ${vaultName}. `)]);
  });

  it("finds the vault that an unfinished run made, among what the state holds", () => {
    const urn = "urn:pulumi:prod::copilot-token::copilot-token:infra:SecretVault$azure-native:";
    const group = { [`${urn}resources:ResourceGroup::copilot-token-prod-`]: { outputs: {} } };
    const vault = {
      [`${urn}keyvault:Vault::vault`]: { outputs: { name: vaultName, location: "westeurope" } },
    };
    const held = (resources: object) => {
      const recorded: Recorded = new Map(Object.entries(resources));
      return [recordedVault(recorded), hasResourceGroup(recorded)];
    };
    expect(held({})).toEqual([undefined, false]);
    expect(held(group)).toEqual([undefined, true]);
    expect(held({ ...group, ...vault })).toEqual([{ name: vaultName }, true]);
  });

  it("goes on with a vault that it has adopted, without asking", async () => {
    const { found, asked } = await find({ adopt: vaultId }, {}, vaultName);
    expect([found, asked, said]).toEqual([
      { subscriptionId, resourceGroupName, vaultName, vaultId, isNew: false, hasGroup: false },
      [],
      [],
    ]);
  });

  it.each([
    ["is deleted", {}, { deletedVaults: { [vaultName]: deleted } }, undefined, "VAULT_DELETED"],
    ["is nowhere", {}, {}, undefined, "VAULT_ADOPT_IMPOSSIBLE"],
    ["would be a second one", {}, { vaults: [vaultId] }, "kv-other", "VAULT_FIXED"],
    [
      "lies in another subscription",
      { adopt: vaultId.replace(subscriptionId, "00000000-1111-4222-8333-444444444444") },
      {},
      undefined,
      "VAULT_ADOPT_IMPOSSIBLE",
    ],
  ])("refuses a vault that %s", async (_what, vault, contents, ownVaultName, code) => {
    const { found } = await find({ adopt: vaultId, ...vault }, contents, ownVaultName);
    expect(found).toMatchObject({ code, key: "copilot-token:vault.adopt" });
  });
});
