import type { Scenario, Step } from "./run";

const group: Step = {
  ask: "PUT arm/{subscription}/resourceGroups/rg?api-version=2021-04-01",
  body: { location: "westeurope" },
  status: 201,
};
const vaultPath = "arm/{subscription}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-conform";
const version = "api-version=2023-02-01";
const vaultBody = (properties: object = {}): object => ({
  location: "westeurope",
  properties: {
    tenantId: "{tenant}",
    sku: { family: "A", name: "standard" },
    accessPolicies: [],
    enableSoftDelete: true,
    softDeleteRetentionInDays: 7,
    ...properties,
  },
});
const makeVault: Step = { ask: `PUT ${vaultPath}?${version}`, body: vaultBody(), status: 200 };
const authorization = "providers/Microsoft.Authorization";
const time = "2026-11-22T10:00:00.0000000Z";
const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const guid = "88888888-0000-0000-0000-000000000001";

const networkPath = "arm/{subscription}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v";
const endpoint = (provisioningState: string): object => ({
  provisioningState,
  service: "Microsoft.KeyVault",
  locations: ["*"],
});

/** What Azure Resource Manager answers. */
export const armScenarios: readonly Scenario[] = [
  {
    name: "a new vault is answered 200, waits for DNS, and has no property that was not sent",
    basis: "recorded",
    steps: [
      group,
      {
        ...makeVault,
        has: {
          tags: {},
          properties: {
            accessPolicies: [],
            enabledForDeployment: false,
            provisioningState: "RegisteringDns",
            publicNetworkAccess: "Enabled",
            vaultUri: "https://kv-conform.vault.azure.net",
          },
        },
        lacks: [
          "properties.enabledForDiskEncryption",
          "properties.enabledForTemplateDeployment",
          "properties.enableRbacAuthorization",
          "properties.networkAcls",
        ],
      },
      {
        ask: `GET ${vaultPath}?${version}`,
        status: 200,
        has: {
          properties: {
            provisioningState: "RegisteringDns",
            vaultUri: "https://kv-conform.vault.azure.net/",
          },
        },
      },
      {
        ask: `GET ${vaultPath}?${version}`,
        status: 200,
        has: { properties: { provisioningState: "Succeeded" } },
      },
      { ...makeVault, has: { properties: { provisioningState: "Succeeded" } } },
    ],
  },
  {
    name: "a vault's network rules come back in Key Vault's spelling, and none where they let everybody in",
    basis: "recorded",
    steps: [
      group,
      {
        ...makeVault,
        body: vaultBody({ networkAcls: { bypass: "AzureServices", defaultAction: "Allow" } }),
        lacks: ["properties.networkAcls"],
      },
      {
        ask: `PUT ${vaultPath}?${version}`,
        body: vaultBody({
          networkAcls: {
            bypass: "AzureServices",
            defaultAction: "Deny",
            ipRules: [{ value: "20.1.2.3/32" }],
            virtualNetworkRules: [
              {
                id: "/Subscriptions/S/resourceGroups/RG/providers/Microsoft.Network/virtualNetworks/V/subnets/Default",
              },
            ],
          },
        }),
        status: 200,
        has: {
          properties: {
            networkAcls: {
              bypass: "AzureServices",
              defaultAction: "Deny",
              ipRules: [{ value: "20.1.2.3/32" }],
              virtualNetworkRules: [
                {
                  id: "/subscriptions/s/resourcegroups/rg/providers/microsoft.network/virtualnetworks/v/subnets/default",
                },
              ],
            },
          },
        },
      },
    ],
  },
  {
    name: "a deleted vault is kept, recovered with 200, and purged in the background",
    basis: "recorded",
    steps: [
      group,
      makeVault,
      { ask: `DELETE ${vaultPath}?${version}`, status: 200 },
      {
        ask: `GET arm/{subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-conform?${version}`,
        status: 200,
        has: {
          type: "Microsoft.KeyVault/deletedVaults",
          properties: { deletionDate: "2026-11-22T10:00:00Z", scheduledPurgeDate: "2026-11-29T10:00:00Z" },
        },
      },
      {
        ...makeVault,
        body: vaultBody({ createMode: "recover" }),
        has: {
          properties: {
            provisioningState: "RegisteringDns",
            vaultUri: "https://kv-conform.vault.azure.net/",
          },
        },
      },
      { ask: `DELETE ${vaultPath}?${version}`, status: 200 },
      {
        ask: `POST arm/{subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-conform/purge?${version}`,
        status: 202,
        answerHeaders: {
          Location:
            /^https:\/\/management\.azure\.com\/subscriptions\/[\w-]{36}\/providers\/Microsoft\.KeyVault\/locations\/westeurope\/operationResults\/[\w-]+\?api-version=2023-02-01$/,
        },
      },
      {
        ask: `GET arm/{subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-conform?${version}`,
        status: 404,
      },
    ],
  },
  {
    name: "roles say when they came, and the answer to a PUT that it was just now",
    basis: "recorded",
    steps: [
      {
        ask: `GET arm/{subscription}/${authorization}/roleDefinitions?$filter=roleName eq 'reader'&api-version=2022-05-01-preview`,
        status: 200,
        has: {
          value: [
            {
              name: reader,
              type: "Microsoft.Authorization/roleDefinitions",
              properties: {
                roleName: "Reader",
                type: "BuiltInRole",
                assignableScopes: ["/"],
                createdOn: "2015-02-02T21:55:09.8806423Z",
                createdBy: null,
                updatedBy: null,
              },
            },
          ],
        },
      },
      ...[1, 2].map((): Step => ({
        ask: `PUT arm/{subscription}/${authorization}/roleDefinitions/${guid}?api-version=2022-05-01-preview`,
        body: {
          properties: {
            roleName: "custom",
            description: "custom",
            permissions: [{ actions: ["Microsoft.Compute/*/read"] }],
            assignableScopes: ["/{subscription}"],
          },
        },
        status: 201,
        has: { properties: { createdOn: time, updatedOn: time, createdBy: null, updatedBy: "{me}" } },
      })),
      {
        ask: `DELETE arm/{subscription}/${authorization}/roleDefinitions/${guid}?api-version=2022-05-01-preview`,
        status: 200,
        has: { properties: { createdBy: "{me}", updatedBy: "{me}" } },
      },
    ],
  },
  {
    name: "a role assignment is put with 201, again too, under a condition of any service",
    basis: "recorded",
    steps: [
      group,
      ...[1, 2].map((): Step => ({
        ask: `PUT arm/{subscription}/resourceGroups/rg/${authorization}/roleAssignments/${guid}?api-version=2022-04-01`,
        body: {
          properties: {
            roleDefinitionId: `/{subscription}/${authorization}/roleDefinitions/${reader}`,
            principalId: "{user}",
            principalType: "User",
            description: "why",
            condition:
              "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:Name] stringEquals 'foo'",
            conditionVersion: "2.0",
          },
        },
        status: 201,
        has: {
          properties: {
            createdBy: null,
            updatedBy: "{me}",
            description: "why",
            scope: "/{subscription}/resourceGroups/rg",
          },
        },
      })),
      {
        ask: `DELETE arm/{subscription}/resourceGroups/rg/${authorization}/roleAssignments/${guid}?api-version=2022-04-01`,
        status: 200,
        has: { properties: { createdBy: "{me}" } },
      },
      {
        ask: `PUT arm/{subscription}/${authorization}/roleAssignments/${guid}?api-version=2022-04-01`,
        body: {
          properties: {
            roleDefinitionId: `/{subscription}/${authorization}/roleDefinitions/${reader}`,
            principalId: "00000000-1111-2222-3333-444444444444",
            principalType: "ServicePrincipal",
          },
        },
        status: 201,
      },
    ],
  },
  {
    name: "an API version that ARM does not have is refused, with those that it has",
    basis: "reported",
    steps: [
      group,
      {
        ask: `GET ${vaultPath}?api-version=2099-01-01`,
        status: 400,
        code: "NoRegisteredProviderFound",
      },
      {
        ask: `GET arm/{subscription}/${authorization}/roleAssignments?api-version=2099-01-01`,
        status: 400,
        code: "InvalidResourceType",
      },
      {
        ask: "GET arm/{subscription}/resourceGroups/rg?api-version=2099-01-01",
        status: 400,
        code: "InvalidApiVersionParameter",
      },
    ],
  },
  {
    name: "a virtual network and its subnet are under way in the answer to their PUT, and polled among the operations",
    basis: "recorded",
    steps: [
      group,
      {
        ask: `PUT ${networkPath}?api-version=2024-03-01`,
        body: {
          location: "westeurope",
          properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] }, enableVmProtection: false },
        },
        status: 201,
        has: {
          location: "westeurope",
          properties: {
            provisioningState: "Updating",
            addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
            subnets: [],
            virtualNetworkPeerings: [],
            enableDdosProtection: false,
          },
        },
        lacks: ["tags", "properties.enableVmProtection"],
        answerHeaders: {
          "Azure-AsyncOperation": /\/providers\/Microsoft\.Network\/locations\/westeurope\/operations\//,
        },
      },
      {
        ask: `PUT ${networkPath}/subnets/s?api-version=2024-01-01`,
        body: {
          name: "s",
          properties: { addressPrefix: "10.0.0.0/21", serviceEndpoints: [{ service: "Microsoft.KeyVault" }] },
        },
        status: 201,
        has: { properties: { serviceEndpoints: [endpoint("Updating")], provisioningState: "Updating" } },
      },
      {
        ask: `GET ${networkPath}/subnets/s?api-version=2024-01-01`,
        status: 200,
        has: {
          properties: {
            provisioningState: "Succeeded",
            addressPrefix: "10.0.0.0/21",
            ipamPoolPrefixAllocations: [],
            serviceEndpoints: [endpoint("Succeeded")],
            delegations: [],
            privateEndpointNetworkPolicies: "Disabled",
            privateLinkServiceNetworkPolicies: "Enabled",
          },
        },
        lacks: ["location", "tags"],
      },
      {
        ask: `GET ${networkPath}?api-version=2024-03-01`,
        status: 200,
        has: { properties: { provisioningState: "Succeeded", subnets: [{ name: "s" }] } },
      },
      { ask: `DELETE ${networkPath}/subnets/s?api-version=2024-01-01`, status: 200 },
      {
        ask: `GET ${networkPath}?api-version=2024-03-01`,
        status: 200,
        has: { properties: { subnets: [] } },
      },
    ],
  },
];
