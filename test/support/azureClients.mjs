// What someone's own script would do, with nothing but unmodified clients from npm and the environment.
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { ResourceManagementClient } from "@azure/arm-resources";
import { DefaultAzureCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";

const subscriptionId = process.env.AZURE_SUBSCRIPTION_ID;
const readerObjectId = process.argv[2];
const credential = new DefaultAzureCredential();
const seen = {};

const resources = new ResourceManagementClient(credential, subscriptionId);
const group = await resources.resourceGroups.createOrUpdate("clients", { location: "West Europe" });
seen.group = [group.location, (await resources.resourceGroups.checkExistence("clients")).body];

const vaults = new KeyVaultManagementClient(credential, subscriptionId).vaults;
const vault = await vaults.createOrUpdate("clients", "kv-clients", {
  location: "westeurope",
  properties: {
    tenantId: process.env.AZURE_TENANT_ID,
    sku: { family: "A", name: "standard" },
    enableRbacAuthorization: true,
    enablePurgeProtection: true,
  },
});
seen.vault = [vault.name, vault.properties.vaultUri, vault.properties.provisioningState];
seen.found = [];
for await (const { name, type } of resources.resources.list()) seen.found.push([name, type]);

const authorization = new AuthorizationManagementClient(credential, subscriptionId);
const filter = "roleName eq 'Key Vault Secrets User'";
const roles = [];
for await (const role of authorization.roleDefinitions.list(vault.id, { filter })) roles.push(role);
const assignment = await authorization.roleAssignments.create(
  `${vault.id}/secrets/one`,
  "00000000-1111-2222-3333-444444444444",
  { roleDefinitionId: roles[0].id, principalId: readerObjectId, principalType: "ServicePrincipal" },
);
seen.assignment = [
  roles.length,
  roles[0].roleName,
  assignment.principalId,
  assignment.scope === `${vault.id}/secrets/one`,
];

const secrets = new SecretClient(vault.properties.vaultUri, credential);
const first = await secrets.setSecret("one", "first", { contentType: "text/plain", tags: { sequence: "1" } });
await secrets.setSecret("one", "second");
await secrets.updateSecretProperties("one", first.properties.version, { enabled: false });
seen.secret = [(await secrets.getSecret("one")).value, first.properties.recoveryLevel];
seen.disabled = await refusal(secrets.getSecret("one", { version: first.properties.version }));
seen.versions = [];
for await (const { enabled, tags } of secrets.listPropertiesOfSecretVersions("one"))
  seen.versions.push([enabled, tags]);
// They come in the order of their IDs, which are random.
seen.versions.sort(([one], [other]) => Number(one) - Number(other));
for (let count = 1; count <= 30; count++) await secrets.setSecret(`more-${count}`, "x");
seen.count = 0;
for await (const { name } of secrets.listPropertiesOfSecrets()) seen.count += name === "" ? 0 : 1;

const interval = { intervalInMs: 5 };
await (await secrets.beginDeleteSecret("one", interval)).pollUntilDone();
seen.deleted = (await secrets.getDeletedSecret("one")).recoveryId;
seen.missing = await refusal(secrets.getSecret("one"));
seen.taken = await refusal(secrets.setSecret("one", "third"));
seen.purge = await refusal(secrets.purgeDeletedSecret("one"));
await (await secrets.beginRecoverDeletedSecret("one", interval)).pollUntilDone();
seen.recovered = (await secrets.getSecret("one")).value;

await resources.resourceGroups.beginDeleteAndWait("clients");
seen.left = [];
for await (const { name } of vaults.listDeleted()) seen.left.push(name);
console.log(JSON.stringify(seen));

async function refusal(promise) {
  try {
    await promise;
    return "not refused";
  } catch (error) {
    return [error.statusCode, error.code];
  }
}
