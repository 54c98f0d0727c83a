import { beforeAll, describe, expect, it } from "vitest";
import { graphRoutes } from "../../emulator/graph";
import { at, ConformanceTenant } from "./conformance/run";

const id = "00000000-1111-2222-3333-444444444444";
const methods = ["GET", "POST", "PATCH", "PUT", "DELETE"];

/** Paths of Graph's public reference, around those that are emulated. */
const graphPaths = `
  administrativeUnits admin/sharepoint/settings agreements appCatalogs/teamsApps
  applications/ID/addKey applications/ID/removeKey
  applications/ID/checkMemberGroups applications/ID/extensionProperties applications/ID/setVerifiedPublisher
  applications/ID/tokenIssuancePolicies applications/ID/tokenLifetimePolicies applications/ID/synchronization/jobs
  applications/delta applications/getAvailableExtensionProperties applications/validateProperties
  auditLogs/provisioning contracts deviceManagement/deviceConfigurations devices/ID directory/administrativeUnits
  directory/customSecurityAttributeSets directory/federationConfigurations directoryObjects/ID/checkMemberGroups
  directoryObjects/validateProperties directoryRoleTemplates drives/ID/root/children education/classes
  groupLifecyclePolicies groups/ID/events groups/ID/sites groups/delta identity/b2xUserFlows
  identity/conditionalAccess/namedLocations identityGovernance/accessReviews/definitions identityProviders invitations
  me/messages oauth2PermissionGrants/delta permissionGrants planner/tasks/ID
  policies/homeRealmDiscoveryPolicies policies/tokenLifetimePolicies print/printers
  reports/getEmailActivityUserDetail roleManagement/directory/roleDefinitions schemaExtensions
  servicePrincipals/ID/addKey servicePrincipals/ID/createdObjects
  servicePrincipals/ID/delegatedPermissionClassifications servicePrincipals/ID/endpoints
  servicePrincipals/ID/homeRealmDiscoveryPolicies servicePrincipals/ID/synchronization/templates
  servicePrincipals/delta sites/ID/columns sites/ID/pages solutions/bookingBusinesses subscriptions
  teams/ID/channels teamwork/workforceIntegrations tenantRelationships/delegatedAdminRelationships
  users/ID/appRoleAssignedResources users/ID/authentication/methods users/ID/changePassword users/ID/inferenceClassification
  users/ID/licenseDetails users/ID/revokeSignInSessions users/delta`;

/** Providers and types of ARM that the emulated tenant does not have, and parts of those that it has. */
const armPaths = `
  providers/Microsoft.Network/networkSecurityGroups providers/Microsoft.Network/privateEndpoints/one
  providers/Microsoft.Network/virtualNetworks/one/virtualNetworkPeerings/two providers/Microsoft.Compute/virtualMachines/one
  providers/Microsoft.Web/sites/one providers/Microsoft.KeyVault/managedHSMs/one
  providers/Microsoft.KeyVault/vaults/one/keys/two providers/Microsoft.KeyVault/vaults/one/privateEndpointConnections/two
  providers/Microsoft.Authorization/locks/one providers/Microsoft.Authorization/policyAssignments/one
  providers/Microsoft.Resources/deployments/one providers/Microsoft.Insights/components/one`;

const vaultPaths = `
  keys/one/two/encrypt keys/one/two/decrypt keys/one/two/wrapkey keys/one/two/unwrapkey keys/one/two/release
  keys/one/two/attestation certificates/issuers certificates/issuers/one certificates/contacts
  certificates/one/two/three storage storage/one deletedstorage rng security/securitydomain settings`;

const words = (text: string): string[] => text.trim().split(/\s+/);

let tenant: ConformanceTenant;
beforeAll(async () => {
  tenant = await ConformanceTenant.create();
  await tenant.ask({
    ask: "PUT arm/{subscription}/resourceGroups/rg?api-version=2021-04-01",
    body: { location: "westeurope" },
    status: 201,
  });
  await tenant.ask({
    ask: "PUT arm/{subscription}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-conform?api-version=2024-11-01",
    body: {
      location: "westeurope",
      properties: { tenantId: "{tenant}", sku: { family: "A", name: "standard" }, accessPolicies: [] },
    },
    status: 200,
  });
});

/** Whether some route of Graph is for a path by any method; what is emulated in part may refuse otherwise. */
function isEmulated(method: string, path: string): boolean {
  return graphRoutes.some(
    (route) =>
      route.method === method &&
      new RegExp(`^${route.pattern.replaceAll("$", "\\$").replaceAll(/\{\w+\}/g, "[^/]+")}$`, "i").test(path),
  );
}

async function expect501(method: string, address: string): Promise<void> {
  const body = method === "GET" || method === "DELETE" ? {} : { body: {} };
  const { response, body: answer } = await tenant.ask({ ask: `${method} ${address}`, status: 501, ...body });
  expect([method, address, response.status, at(answer, "error.code")]).toEqual([
    method,
    address,
    501,
    "NotEmulated",
  ]);
  const [path = ""] = address.slice(address.indexOf("/")).split("?");
  expect(at(answer, "error.message")).toContain(`${method} https://`);
  expect(at(answer, "error.message")).toContain(tenant.fill(path));
}

describe("what is not emulated answers 501 with its path, by every method", () => {
  it.each(methods)("%s of Graph", async (method) => {
    for (const template of words(graphPaths)) {
      const path = template.replaceAll("ID", id);
      for (const version of ["v1.0", "beta"]) await expect501(method, `graph/${version}/${path}`);
    }
  });

  it.each(methods.filter((method) => method !== "GET"))(
    "%s of what Graph serves by other methods alone",
    async (method) => {
      const patterns = new Set(graphRoutes.map(({ pattern }) => pattern));
      for (const pattern of patterns) {
        const path = pattern.replaceAll(/\{\w+\}/g, id);
        if (!isEmulated(method, path)) await expect501(method, `graph/v1.0/${path}`);
      }
    },
  );

  it.each(methods)("%s of ARM", async (method) => {
    for (const path of words(armPaths)) {
      await expect501(method, `arm/{subscription}/resourceGroups/rg/${path}?api-version=2024-11-01`);
    }
  });

  it.each(methods)("%s of a vault", async (method) => {
    for (const path of words(vaultPaths)) await expect501(method, `vault/${path}?api-version=7.6`);
  });
});
