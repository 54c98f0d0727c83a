import * as keyvault from "@pulumi/azure-native/keyvault";
import { getClientConfig } from "@pulumi/azure-native/authorization";
import * as managedidentity from "@pulumi/azure-native/managedidentity";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { GraphApp, type GraphAppArgs } from "copilot-token";

// A program of another project: its own vault, or one that is there already, and one app.
const config = new pulumi.Config("own");

async function ownVault(): Promise<pulumi.Output<string>> {
  const { tenantId } = await getClientConfig();
  const group = new resources.ResourceGroup("own");
  return new keyvault.Vault("own", {
    resourceGroupName: group.name,
    properties: {
      tenantId,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
      enablePurgeProtection: true,
    },
  }).id;
}

/** Arguments that come from a resource which is made in the same run. */
async function laterArgs(named: boolean): Promise<Partial<GraphAppArgs>> {
  const { tenantId, objectId } = await getClientConfig();
  const group = new resources.ResourceGroup("later");
  const { principalId } = new managedidentity.UserAssignedIdentity("later", {
    resourceGroupName: group.name,
  });
  const issuer = pulumi.interpolate`https://login.microsoftonline.com/${tenantId}/v2.0`;
  return {
    readers: [{ id: principalId, type: "ServicePrincipal", ...(named ? { name: "job" } : {}) }],
    owners: [objectId, principalId],
    federated: [{ issuer, subject: principalId, ...(named ? { name: "job-identity" } : {}) }],
  };
}

export = async () => {
  const id = config.get("vaultId") ?? (await ownVault());
  if (config.getBoolean("withoutApp") === true) return {};
  const stackId = config.get("stackId");
  const later = config.get("later");
  const displayName = config.get("displayName");
  const app = new GraphApp(config.get("app") ?? "Agent", {
    permissions: config.getObject<string[]>("permissions") ?? ["User.Read.All"],
    vault: { id },
    rotation: { everyDays: 60, verification: { tokens: 2, overSeconds: 0 } },
    ...(displayName === undefined ? {} : { displayName }),
    ...(stackId === undefined ? {} : { stackId }),
    ...(config.getObject<Partial<GraphAppArgs>>("more") ?? {}),
    readers: (config.getObject<string[]>("readers") ?? []).map((id) => ({ id, type: "ServicePrincipal" })),
    ...(later === undefined ? {} : await laterArgs(later === "named")),
  });
  const { clientId, secretUri, endsAt, nextRotationAt } = app;
  return { clientId, secretUri, endsAt, nextRotationAt, agent: { forCommands: app.details } };
};
