import * as authorization from "@pulumi/azure-native/authorization";
import * as keyvault from "@pulumi/azure-native/keyvault";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { GraphApp } from "copilot-token";

const config = new pulumi.Config();

const group = new resources.ResourceGroup("agent");
const vault = new keyvault.Vault("agent", {
  resourceGroupName: group.name,
  properties: {
    tenantId: authorization.getClientConfigOutput().tenantId,
    sku: { family: "A", name: "standard" },
    enableRbacAuthorization: true,
    enablePurgeProtection: true,
  },
});

const app = new GraphApp("CopilotAPIAuth", {
  permissions: [config.require("permission")],
  vault: { id: vault.id },
  rotation: { everyDays: 60 },
  readers: [{ id: config.require("readerObjectId"), type: "ServicePrincipal" }],
});

export const clientId = app.clientId;
export const secretUri = app.secretUri;
export const nextRotationAt = app.nextRotationAt;
// For npx copilot-token verify, rotate and copilot.
export const copilotToken = app.details;
