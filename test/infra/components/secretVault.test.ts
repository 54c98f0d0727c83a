import { describe, expect, it } from "vitest";
import { SecretVault, type SecretVaultArgs } from "../../../infra/components/secretVault";
import type { VaultAdoption } from "../../../infra/plan/vaultAdoption";
import { createInAzure, guid, subscriptionId } from "../../support/azureMocks";
import { inOrder, recordResources, valueOf } from "../../support/recordResources";

const groupId = `/subscriptions/${subscriptionId}/resourceGroups/group`;
const vaultType = "azure-native:keyvault:Vault";
const defaults = {
  softDeleteRetentionInDays: 90,
  sku: "standard",
  readers: [],
  allowedIpRanges: [],
} satisfies Partial<SecretVaultArgs>;

async function registered(more: Partial<SecretVaultArgs> = {}, protect = false, adoption?: VaultAdoption) {
  const { resources, settled } = await recordResources({ create: createInAzure });
  const args = {
    tenantId: "tenant",
    subscriptionId,
    ...defaults,
    ...more,
  };
  const planned = {
    nameSuffix: "0a1b2c3d",
    protect,
    namedAfter: "test",
    ...(adoption === undefined ? {} : { adoption }),
  };
  const vault = new SecretVault("vault", args, { planned });
  await settled();
  return { vault, resources, vaultInputs: resources.find(({ type }) => type === vaultType)?.inputs };
}

const child = (type: string, name: string, inputs: object, options: object = {}) => ({
  type,
  name,
  parent: "copilot-token:infra:SecretVault::vault",
  inputs,
  options,
});

describe("SecretVault", () => {
  it("makes a vault that keeps what is deleted and logs who reads", async () => {
    const { resources } = await registered();
    const vaultId = `${groupId}/providers/Microsoft.KeyVault/vaults/copilot-test-abcd1234`;
    expect(inOrder(resources)).toEqual([
      child(vaultType, "vault", {
        resourceGroupName: "group",
        location: "westeurope",
        vaultName: "copilot-test-abcd1234",
        properties: {
          tenantId: "tenant",
          sku: { family: "A", name: "standard" },
          enableRbacAuthorization: true,
          enabledForDeployment: false,
          enabledForDiskEncryption: false,
          enabledForTemplateDeployment: false,
          publicNetworkAccess: "enabled",
          enableSoftDelete: true,
          enablePurgeProtection: true,
          softDeleteRetentionInDays: 90,
          networkAcls: { bypass: "AzureServices", defaultAction: "Allow", ipRules: [] },
        },
      }),
      child("azure-native:monitor:DiagnosticSetting", "vault", {
        name: "audit",
        resourceUri: vaultId,
        workspaceId: `${groupId}/vault-audit-generated`,
        logs: [{ category: "AuditEvent", enabled: true }],
      }),
      child(
        "azure-native:operationalinsights:Workspace",
        "vault-audit-",
        {
          workspaceName: "vault-audit-0a1b2c3d",
          resourceGroupName: "group",
          location: "westeurope",
          sku: { name: "PerGB2018" },
          retentionInDays: 90,
        },
        { ignoreChanges: ["workspaceName"] },
      ),
      child(
        "azure-native:resources:ResourceGroup",
        "copilot-token-test-",
        { resourceGroupName: "copilot-token-test-0a1b2c3d" },
        { ignoreChanges: ["resourceGroupName"] },
      ),
      {
        type: "copilot-token:infra:SecretVault",
        name: "vault",
        parent: undefined,
        inputs: {},
        options: {},
      },
      child("random:index/randomString:RandomString", "vault", { length: 8, special: false, upper: false }),
    ]);
  });

  it("tells where it is", async () => {
    const { vault } = await registered();
    expect({
      location: await valueOf(vault.location),
      resourceGroupName: await valueOf(vault.resourceGroupName),
      vaultName: await valueOf(vault.vaultName),
      vaultUri: await valueOf(vault.vaultUri),
      vaultResourceId: await valueOf(vault.vaultResourceId),
    }).toEqual({
      location: "westeurope",
      resourceGroupName: "group",
      vaultName: "copilot-test-abcd1234",
      vaultUri: "https://copilot-test-abcd1234.vault.azure.net/",
      vaultResourceId: `${groupId}/providers/Microsoft.KeyVault/vaults/copilot-test-abcd1234`,
    });
  });

  it("takes the name given, and then no random one is made", async () => {
    const { resources, vaultInputs } = await registered({ vaultName: "kv-mail" });
    expect(vaultInputs?.["vaultName"]).toBe("kv-mail");
    expect(resources.map(({ type }) => type).filter((type) => type.startsWith("random:"))).toEqual([]);
  });

  it("takes kind and days of retention from the settings", async () => {
    const { vaultInputs } = await registered({ sku: "premium", softDeleteRetentionInDays: 7 });
    expect(vaultInputs?.["properties"]).toMatchObject({
      sku: { family: "A", name: "premium" },
      softDeleteRetentionInDays: 7,
      networkAcls: { bypass: "AzureServices", defaultAction: "Allow", ipRules: [] },
    });
  });

  it("is closed to all but the ranges given and Azure's own services", async () => {
    const { vaultInputs } = await registered({ allowedIpRanges: ["203.0.113.7", "198.51.100.0/24"] });
    expect((vaultInputs?.["properties"] as { networkAcls: object }).networkAcls).toEqual({
      bypass: "AzureServices",
      defaultAction: "Deny",
      ipRules: [{ value: "203.0.113.7/32" }, { value: "198.51.100.0/24" }],
    });
  });

  it("guards the vault and its group against deletion when told to, and what can be made again not", async () => {
    const { resources } = await registered({}, true);
    expect(
      inOrder(resources)
        .filter(({ options }) => options.protect === true)
        .map(({ type }) => type),
    ).toEqual([vaultType, "azure-native:resources:ResourceGroup"]);
  });

  it("lets readers read every secret of the vault", async () => {
    const id = guid("a11ce");
    const { resources } = await registered({ vaultName: "kv-mail", readers: [{ id, type: "User" }] });
    expect(resources.filter(({ type }) => type.endsWith(":RoleAssignment"))).toEqual([
      child("azure-native:authorization:RoleAssignment", `vault-reader-${id}`, {
        scope: `${groupId}/providers/Microsoft.KeyVault/vaults/kv-mail`,
        roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6`,
        principalId: id,
        principalType: "User",
      }),
    ]);
  });

  const adoption = {
    subscriptionId,
    resourceGroupName: "copilot-token-test-1",
    vaultName: "copilot-test-1",
    vaultId: `/subscriptions/${subscriptionId}/resourceGroups/copilot-token-test-1/providers/Microsoft.KeyVault/vaults/copilot-test-1`,
  };
  const imported = async (isNew: boolean, hasGroup = false) => {
    const { resources } = await registered({}, true, { ...adoption, isNew, hasGroup });
    return inOrder(resources).flatMap(({ type, inputs, options }) =>
      type === vaultType || type.endsWith(":ResourceGroup")
        ? [[inputs["vaultName"] ?? inputs["resourceGroupName"], options]]
        : [],
    );
  };

  it("adopts a vault with its group as found, under their own names, and makes no random one", async () => {
    expect(await imported(true)).toEqual([
      [adoption.vaultName, { protect: true, ignoreChanges: ["*", "location"], import: adoption.vaultId }],
      [
        adoption.resourceGroupName,
        {
          protect: true,
          ignoreChanges: ["*", "resourceGroupName"],
          import: `/subscriptions/${subscriptionId}/resourceGroups/${adoption.resourceGroupName}`,
        },
      ],
    ]);
    const { resources } = await registered({}, false, { ...adoption, isNew: true, hasGroup: false });
    expect(resources.filter(({ type }) => type.startsWith("random:"))).toEqual([]);
  });

  it("leaves the resource group alone that an unfinished run has made", async () => {
    expect(await imported(true, true)).toEqual([
      [adoption.vaultName, { protect: true, ignoreChanges: ["*", "location"], import: adoption.vaultId }],
      [adoption.resourceGroupName, { protect: true, ignoreChanges: ["resourceGroupName"] }],
    ]);
  });

  it("keeps the names of what it adopted, and then brings it in line", async () => {
    expect(await imported(false)).toEqual([
      [adoption.vaultName, { protect: true, ignoreChanges: ["location"] }],
      [adoption.resourceGroupName, { protect: true, ignoreChanges: ["resourceGroupName"] }],
    ]);
  });
});
