// A bare Pulumi program as people write it: the resources of this project's program, for as many apps as its settings
// name, without components, checks, verification and rotation.
const azuread = require("@pulumi/azuread");
const authorization = require("@pulumi/azure-native/authorization");
const keyvault = require("@pulumi/azure-native/keyvault");
const monitor = require("@pulumi/azure-native/monitor");
const operationalinsights = require("@pulumi/azure-native/operationalinsights");
const resources = require("@pulumi/azure-native/resources");
const pulumi = require("@pulumi/pulumi");
const random = require("@pulumi/random");

const config = new pulumi.Config("copilot-token");
const { readers } = config.requireObject("vault");
const { ARM_TENANT_ID: tenantId, ARM_SUBSCRIPTION_ID: subscriptionId } = process.env;
const userRead = "df021288-bdef-4463-88db-98f22de89214";
const secretsUser = "4633458b-17de-408a-b874-0445c86b69e6";

const suffix = new random.RandomString("vault", { length: 8, special: false, upper: false });
const group = new resources.ResourceGroup("bare");
const vault = new keyvault.Vault("vault", {
  resourceGroupName: group.name,
  vaultName: pulumi.interpolate`bare-${suffix.result}`,
  properties: {
    tenantId,
    sku: { family: "A", name: "standard" },
    enableRbacAuthorization: true,
    enableSoftDelete: true,
    enablePurgeProtection: true,
    softDeleteRetentionInDays: 90,
  },
});
const workspace = new operationalinsights.Workspace("audit", {
  resourceGroupName: group.name,
  sku: { name: "PerGB2018" },
  retentionInDays: 90,
});
new monitor.DiagnosticSetting("audit", {
  resourceUri: vault.id,
  workspaceId: workspace.id,
  logs: [{ category: "AuditEvent", enabled: true }],
});
for (const { id, type } of readers) {
  new authorization.RoleAssignment(`reader-${id}`, {
    scope: vault.id,
    principalId: id,
    principalType: type,
    roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${secretsUser}`,
  });
}
const graph = azuread.getServicePrincipalOutput({ clientId: "00000003-0000-0000-c000-000000000000" });
// Makes and changes its own apps only.
const owners = [azuread.getClientConfigOutput().objectId];
const apps = Object.keys(config.requireObject("apps")).map((name) => {
  const application = new azuread.Application(name, {
    displayName: name,
    signInAudience: "AzureADMyOrg",
    owners,
    requiredResourceAccesses: [
      {
        resourceAppId: "00000003-0000-0000-c000-000000000000",
        resourceAccesses: [{ id: userRead, type: "Role" }],
      },
    ],
  });
  const servicePrincipal = new azuread.ServicePrincipal(name, { clientId: application.clientId, owners });
  new azuread.AppRoleAssignment(name, {
    appRoleId: userRead,
    principalObjectId: servicePrincipal.objectId,
    resourceObjectId: graph.objectId,
  });
  const password = new azuread.ApplicationPassword(name, { applicationId: application.id });
  new keyvault.Secret(name, {
    resourceGroupName: group.name,
    vaultName: vault.name,
    secretName: name,
    properties: { value: password.value },
  });
  return [name, application.clientId];
});
exports.apps = Object.fromEntries(apps);
