import { credentialEndDate } from "../../core/secrets/rotation";
import type { Mocks } from "./recordResources";

/** A GUID that a reader can tell from others, such as `guid("a1")`. */
export function guid(seed: string): string {
  return `${seed.padStart(8, "0")}-0000-4000-8000-000000000000`;
}

export const tenantId = guid("7e");
export const subscriptionId = guid("5b");
/** The random ID of the stack whose program runs. */
export const stackId = guid("57ac1d");
export const callerObjectId = guid("ca11e4");
export const graphObjectId = guid("64a9");

/** Permissions of the tenant in which a test's program runs. */
export const appRoleIds = {
  "User.Read.All": guid("0a1"),
  "Files.ReadWrite.All": guid("0a2"),
  "Mail.Send": guid("0a3"),
  "RoleManagement.ReadWrite.Directory": guid("0a4"),
};

const startsAt = "2026-11-22T10:00:00Z";
const groupId = `/subscriptions/${subscriptionId}/resourceGroups/group`;

/** Answers of Azure's providers, with the properties that the program reads. */
export function createInAzure(
  type: string,
  name: string,
  inputs: Readonly<Record<string, unknown>>,
): { id: string; state: Readonly<Record<string, unknown>> } {
  const state = (id: string, more: object = {}) => ({ id, state: { ...inputs, ...more } });
  switch (type) {
    case "azuread:index/application:Application":
      return state(`/applications/${name}-object`, {
        clientId: `${name}-client`,
        objectId: `${name}-object`,
      });
    case "azuread:index/servicePrincipal:ServicePrincipal":
      return state(`/servicePrincipals/${name}-sp`, { objectId: `${name}-sp` });
    case "pulumi-nodejs:dynamic/copilot-token:ClientSecret":
      return state(String(inputs["secretResourceId"]), {
        keyId: `${name}-${String(inputs["sequence"])}-key`,
        startsAt,
        endsAt: credentialEndDate(new Date(startsAt), Number(inputs["lifetimeDays"])),
      });
    case "random:index/randomUuid:RandomUuid":
      return state(stackId, { result: stackId });
    case "random:index/randomString:RandomString":
      return state(name, { result: "abcd1234" });
    case "azure-native:resources:ResourceGroup":
      return state(groupId, { name: "group", location: "westeurope" });
    case "azure-native:keyvault:Vault": {
      const vaultName = String(inputs["vaultName"]);
      const properties = { vaultUri: `https://${vaultName}.vault.azure.net/` };
      return state(`${groupId}/providers/Microsoft.KeyVault/vaults/${vaultName}`, {
        name: vaultName,
        properties,
      });
    }
    case "azure-native:managedidentity:UserAssignedIdentity":
      return state(`${groupId}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`, {
        name,
        clientId: guid("c11e47"),
        principalId: guid("9419c1"),
      });
    case "azure-native:operationalinsights:Workspace":
    case "azure-native:monitor:ActionGroup":
    case "azure-native:eventgrid:SystemTopic":
      return state(`${groupId}/${name}generated`, { name: `${name}generated` });
    default:
      return state(`${name}-id`);
  }
}

/** Functions that the program calls before it registers anything. */
export const azureFunctions = {
  "azure-native:authorization:getClientConfig": () => ({
    tenantId,
    subscriptionId,
    objectId: callerObjectId,
    clientId: guid("c1"),
  }),
  "azuread:index/getServicePrincipal:getServicePrincipal": () => ({
    objectId: graphObjectId,
    appRoleIds,
    oauth2PermissionScopeIds: { "User.Read": guid("0d1"), "Files.ReadWrite": guid("0d2") },
  }),
} satisfies NonNullable<Mocks["functions"]>;
