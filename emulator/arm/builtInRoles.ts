import type { RoleDefinition } from "../tenant/tenant";

const secretsReading = [
  "Microsoft.KeyVault/vaults/secrets/getSecret/action",
  "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
];

/** The control plane rights that Key Vault's data roles share. */
const keyVaultReading = [
  "Microsoft.Authorization/*/read",
  "Microsoft.Insights/alertRules/*",
  "Microsoft.Resources/deployments/*",
  "Microsoft.Resources/subscriptions/resourceGroups/read",
  "Microsoft.Support/*",
  "Microsoft.KeyVault/checkNameAvailability/read",
  "Microsoft.KeyVault/deletedVaults/read",
  "Microsoft.KeyVault/locations/*/read",
  "Microsoft.KeyVault/vaults/*/read",
  "Microsoft.KeyVault/operations/read",
];

/**
 * The built-in Azure roles that this project and its users meet, with Azure's own GUIDs and permissions.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged (as of 2026-07, read 2026-11)
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security (read 2026-11)
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/identity (as of 2026-07, read 2026-11)
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/monitor (read 2026-11)
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/integration (read 2026-11)
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage (read 2026-11)
 */
export const builtInRoles: readonly RoleDefinition[] = [
  role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", {
    description:
      "Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.",
    actions: ["*"],
  }),
  role("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", {
    description:
      "Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC, " +
      "manage assignments in Azure Blueprints, or share image galleries.",
    actions: ["*"],
    notActions: [
      "Microsoft.Authorization/*/Delete",
      "Microsoft.Authorization/*/Write",
      "Microsoft.Authorization/elevateAccess/Action",
      "Microsoft.Blueprint/blueprintAssignments/write",
      "Microsoft.Blueprint/blueprintAssignments/delete",
      "Microsoft.Compute/galleries/share/action",
      "Microsoft.Purview/consents/write",
      "Microsoft.Purview/consents/delete",
      "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
      "Microsoft.Subscription/cancel/action",
      "Microsoft.Subscription/enable/action",
    ],
  }),
  role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", {
    description: "View all resources, but does not allow you to make any changes.",
    actions: ["*/read"],
  }),
  role("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator", {
    description: "Lets you manage user access to Azure resources.",
    actions: ["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
  }),
  role("f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Role Based Access Control Administrator", {
    description:
      "Manage access to Azure resources by assigning roles using Azure RBAC. This role does not allow you to " +
      "manage access using other ways, such as Azure Policy.",
    actions: [
      "Microsoft.Authorization/roleAssignments/write",
      "Microsoft.Authorization/roleAssignments/delete",
      "*/read",
      "Microsoft.Support/*",
    ],
  }),
  role("00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator", {
    description:
      "Perform all data plane operations on a key vault and all objects in it, including certificates, keys, " +
      "and secrets. Cannot manage key vault resources or manage role assignments. Only works for key vaults " +
      "that use the 'Azure role-based access control' permission model.",
    actions: keyVaultReading,
    dataActions: ["Microsoft.KeyVault/vaults/*"],
  }),
  role("f25e0fa2-a7c8-4377-a976-54943a77a395", "Key Vault Contributor", {
    description: "Lets you manage key vaults, but not access to them.",
    actions: [
      "Microsoft.Authorization/*/read",
      "Microsoft.Insights/alertRules/*",
      "Microsoft.KeyVault/*",
      "Microsoft.Resources/deployments/*",
      "Microsoft.Resources/subscriptions/resourceGroups/read",
      "Microsoft.Support/*",
    ],
    notActions: [
      "Microsoft.KeyVault/locations/deletedVaults/purge/action",
      "Microsoft.KeyVault/hsmPools/*",
      "Microsoft.KeyVault/managedHsms/*",
    ],
  }),
  role("21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader", {
    description:
      "Read metadata of key vaults and its certificates, keys, and secrets. Cannot read sensitive values such " +
      "as secret contents or key material. Only works for key vaults that use the 'Azure role-based access " +
      "control' permission model.",
    actions: keyVaultReading,
    dataActions: [
      "Microsoft.KeyVault/vaults/*/read",
      "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
    ],
  }),
  role("b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer", {
    description:
      "Perform any action on the secrets of a key vault, except manage permissions. Only works for key vaults " +
      "that use the 'Azure role-based access control' permission model.",
    actions: keyVaultReading,
    dataActions: ["Microsoft.KeyVault/vaults/secrets/*"],
  }),
  role("4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User", {
    description:
      "Read secret contents. Only works for key vaults that use the 'Azure role-based access control' " +
      "permission model.",
    dataActions: secretsReading,
  }),
  role("a4417e6f-fecd-4de8-b567-7b0420556985", "Key Vault Certificates Officer", {
    description:
      "Perform any action on the certificates of a key vault, except manage permissions. Only works for key vaults " +
      "that use the 'Azure role-based access control' permission model.",
    actions: keyVaultReading,
    dataActions: [
      "Microsoft.KeyVault/vaults/certificatecas/*",
      "Microsoft.KeyVault/vaults/certificates/*",
      "Microsoft.KeyVault/vaults/certificatecontacts/write",
    ],
  }),
  role("db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", "Key Vault Certificate User", {
    description:
      "Read certificate contents. Only works for key vaults that use the 'Azure role-based access control' " +
      "permission model.",
    dataActions: [
      "Microsoft.KeyVault/vaults/certificates/read",
      ...secretsReading,
      "Microsoft.KeyVault/vaults/keys/read",
    ],
  }),
  role("14b46e9e-c2b7-41b4-b07b-48a6ebf60603", "Key Vault Crypto Officer", {
    description:
      "Perform any action on the keys of a key vault, except manage permissions. Only works for key vaults " +
      "that use the 'Azure role-based access control' permission model.",
    actions: keyVaultReading,
    dataActions: ["Microsoft.KeyVault/vaults/keys/*", "Microsoft.KeyVault/vaults/keyrotationpolicies/*"],
  }),
  role("12338af0-0e69-4776-bea7-57ae8d297424", "Key Vault Crypto User", {
    description:
      "Perform cryptographic operations using keys. Only works for key vaults that use the 'Azure role-based " +
      "access control' permission model.",
    dataActions: [
      "Microsoft.KeyVault/vaults/keys/read",
      "Microsoft.KeyVault/vaults/keys/update/action",
      "Microsoft.KeyVault/vaults/keys/backup/action",
      "Microsoft.KeyVault/vaults/keys/encrypt/action",
      "Microsoft.KeyVault/vaults/keys/decrypt/action",
      "Microsoft.KeyVault/vaults/keys/wrap/action",
      "Microsoft.KeyVault/vaults/keys/unwrap/action",
      "Microsoft.KeyVault/vaults/keys/sign/action",
      "Microsoft.KeyVault/vaults/keys/verify/action",
    ],
  }),
  role("ba92f5b4-2d11-453d-a403-e96b0029c9fe", "Storage Blob Data Contributor", {
    description: "Allows for read, write and delete access to Azure Storage blob containers and data",
    actions: [
      "Microsoft.Storage/storageAccounts/blobServices/containers/delete",
      "Microsoft.Storage/storageAccounts/blobServices/containers/read",
      "Microsoft.Storage/storageAccounts/blobServices/containers/write",
      "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
    ],
    dataActions: [
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/move/action",
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
    ],
  }),
  role("e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", "Managed Identity Contributor", {
    description: "Create, Read, Update, and Delete User Assigned Identity",
    actions: [
      "Microsoft.ManagedIdentity/userAssignedIdentities/read",
      "Microsoft.ManagedIdentity/userAssignedIdentities/write",
      "Microsoft.ManagedIdentity/userAssignedIdentities/delete",
      "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read",
      "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
      "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/delete",
      "Microsoft.ManagedIdentity/userAssignedIdentities/revokeTokens/action",
      "Microsoft.Authorization/*/read",
      "Microsoft.Insights/alertRules/*",
      "Microsoft.Resources/subscriptions/resourceGroups/read",
      "Microsoft.Resources/deployments/*",
      "Microsoft.Support/*",
    ],
  }),
  role("f1a07417-d97a-45cb-824c-7a7467783830", "Managed Identity Operator", {
    description: "Read and Assign User Assigned Identity",
    actions: [
      "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
      "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
      "Microsoft.Authorization/*/read",
      "Microsoft.Insights/alertRules/*",
      "Microsoft.Resources/subscriptions/resourceGroups/read",
      "Microsoft.Resources/deployments/*",
      "Microsoft.Support/*",
    ],
  }),
  role("749f88d5-cbae-40b8-bcfc-e573ddc772fa", "Monitoring Contributor", {
    description: "Can read all monitoring data and update monitoring settings.",
    actions: [
      "*/read",
      "Microsoft.AlertsManagement/alerts/*",
      "Microsoft.AlertsManagement/alertsSummary/*",
      "Microsoft.Insights/actiongroups/*",
      "Microsoft.Insights/activityLogAlerts/*",
      "Microsoft.Insights/AlertRules/*",
      "Microsoft.Insights/components/*",
      "Microsoft.Insights/createNotifications/*",
      "Microsoft.Insights/dataCollectionEndpoints/*",
      "Microsoft.Insights/dataCollectionRules/*",
      "Microsoft.Insights/dataCollectionRuleAssociations/*",
      "Microsoft.Insights/DiagnosticSettings/*",
      "Microsoft.Insights/eventtypes/*",
      "Microsoft.Insights/LogDefinitions/*",
      "Microsoft.Insights/metricalerts/*",
      "Microsoft.Insights/MetricDefinitions/*",
      "Microsoft.Insights/Metrics/*",
      "Microsoft.Insights/notificationStatus/*",
      "Microsoft.Insights/Register/Action",
      "Microsoft.Insights/scheduledqueryrules/*",
      "Microsoft.Insights/webtests/*",
      "Microsoft.Insights/workbooks/*",
      "Microsoft.Insights/workbooktemplates/*",
      "Microsoft.Insights/privateLinkScopes/*",
      "Microsoft.Insights/privateLinkScopeOperationStatuses/*",
      "Microsoft.OperationalInsights/workspaces/write",
      "Microsoft.OperationalInsights/workspaces/intelligencepacks/*",
      "Microsoft.OperationalInsights/workspaces/savedSearches/*",
      "Microsoft.OperationalInsights/workspaces/search/action",
      "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
      "Microsoft.OperationalInsights/workspaces/storageinsightconfigs/*",
      "Microsoft.Support/*",
      "Microsoft.AlertsManagement/smartDetectorAlertRules/*",
      "Microsoft.AlertsManagement/actionRules/*",
      "Microsoft.AlertsManagement/smartGroups/*",
      "Microsoft.AlertsManagement/migrateFromSmartDetection/*",
      "Microsoft.AlertsManagement/investigations/*",
      "Microsoft.Monitor/investigations/*",
    ],
  }),
  role("92aaf0da-9dab-42b6-94a3-d43ce8d16293", "Log Analytics Contributor", {
    description:
      "Log Analytics Contributor can read all monitoring data and edit monitoring settings. Editing monitoring " +
      "settings includes configuring collection of logs from Azure Storage and Azure diagnostics.",
    actions: [
      "*/read",
      "Microsoft.ClassicCompute/virtualMachines/extensions/*",
      "Microsoft.ClassicStorage/storageAccounts/listKeys/action",
      "Microsoft.Compute/virtualMachines/extensions/*",
      "Microsoft.HybridCompute/machines/extensions/write",
      "Microsoft.Insights/alertRules/*",
      "Microsoft.Insights/diagnosticSettings/*",
      "Microsoft.OperationalInsights/*",
      "Microsoft.OperationsManagement/*",
      "Microsoft.Resources/deployments/*",
      "Microsoft.Resources/subscriptions/resourcegroups/deployments/*",
      "Microsoft.Storage/storageAccounts/listKeys/action",
      "Microsoft.Support/*",
    ],
  }),
  role("87a39d53-fc1b-424a-814c-f7e04687dc9e", "Logic App Contributor", {
    description: "Lets you manage logic app, but not access to them.",
    actions: [
      "Microsoft.Authorization/*/read",
      "Microsoft.ClassicStorage/storageAccounts/listKeys/action",
      "Microsoft.ClassicStorage/storageAccounts/read",
      "Microsoft.Insights/alertRules/*",
      "Microsoft.Insights/metricAlerts/*",
      "Microsoft.Insights/diagnosticSettings/*",
      "Microsoft.Insights/logdefinitions/*",
      "Microsoft.Insights/metricDefinitions/*",
      "Microsoft.Logic/*",
      "Microsoft.Resources/deployments/*",
      "Microsoft.Resources/subscriptions/operationresults/read",
      "Microsoft.Resources/subscriptions/resourceGroups/read",
      "Microsoft.Storage/storageAccounts/listkeys/action",
      "Microsoft.Storage/storageAccounts/read",
      "Microsoft.Support/*",
      "Microsoft.Web/connectionGateways/*",
      "Microsoft.Web/connections/*",
      "Microsoft.Web/customApis/*",
      "Microsoft.Web/serverFarms/join/action",
      "Microsoft.Web/serverFarms/read",
      "Microsoft.Web/sites/functions/listSecrets/action",
    ],
  }),
  role("1e241071-0855-49ea-94dc-649edcd759de", "EventGrid Contributor", {
    description: "Lets you manage EventGrid operations.",
    actions: [
      "Microsoft.Authorization/*/read",
      "Microsoft.EventGrid/*",
      "Microsoft.Insights/alertRules/*",
      "Microsoft.Resources/deployments/*",
      "Microsoft.Resources/subscriptions/resourceGroups/read",
      "Microsoft.Support/*",
    ],
  }),
];

function role(
  name: string,
  roleName: string,
  details: {
    readonly description: string;
    readonly actions?: readonly string[];
    readonly notActions?: readonly string[];
    readonly dataActions?: readonly string[];
  },
): RoleDefinition {
  const { description, actions = [], notActions = [], dataActions = [] } = details;
  return {
    name,
    roleName,
    description,
    roleType: "BuiltInRole",
    assignableScopes: ["/"],
    permissions: [{ actions, notActions, dataActions, notDataActions: [] }],
  };
}
