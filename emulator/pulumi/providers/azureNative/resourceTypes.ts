import type { Autoname } from "./autoname";

/** What the generic ARM handler has to know of a resource type. */
export interface ArmResourceType {
  readonly apiVersion: string;
  /** Its ID; each parameter in braces is an input, but for `subscriptionId`. A scope stands without a leading slash. */
  readonly path: string;
  readonly autoname: Autoname;
  /** Inputs that stand at the body's top. */
  readonly envelope: readonly string[];
  /** Inputs that stand within `properties`, or `properties` itself where the package does not flatten it. */
  readonly body: readonly string[];
  /** Inputs besides those of the path that cannot change in place. */
  readonly forceNew?: readonly string[];
  /** Sent empty at creation when the program leaves them out. */
  readonly emptyAtCreation?: readonly string[];
  /** `properties` stays nested in inputs and outputs. */
  readonly nested?: boolean;
  /** Inputs that ARM calls otherwise within `properties`. */
  readonly wireNames?: Readonly<Record<string, string>>;
  /** `properties` may hold anything: the package does not know the type, so what it is given reaches ARM as it is. */
  readonly untyped?: boolean;
  /** The input that names the API version, instead of `apiVersion`. */
  readonly apiVersionInput?: string;
}

const group = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
/** Resource groups and workspaces have it in lower case in Azure's own specification. */
const lowerGroup = "/subscriptions/{subscriptionId}/resourcegroups/{resourceGroupName}";
const tracked = ["location", "tags"];

/**
 * The resource types of `@pulumi/azure-native` 3.28.0 that this project uses, from the doc comments and constructors
 * of the package: API version, inputs, autonaming.
 */
export const armResourceTypes: Readonly<Record<string, ArmResourceType>> = {
  "azure-native:resources:ResourceGroup": {
    apiVersion: "2024-03-01",
    path: lowerGroup,
    autoname: "random",
    envelope: [...tracked, "managedBy"],
    body: [],
    forceNew: ["location", "managedBy"],
    nested: true,
  },
  "azure-native:keyvault:Vault": {
    apiVersion: "2024-11-01",
    path: `${group}/providers/Microsoft.KeyVault/vaults/{vaultName}`,
    autoname: "random",
    envelope: tracked,
    body: ["properties"],
    forceNew: ["location"],
    emptyAtCreation: ["accessPolicies"],
    nested: true,
  },
  "azure-native:authorization:RoleDefinition": {
    apiVersion: "2022-05-01-preview",
    path: "/{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}",
    autoname: "uuid",
    envelope: [],
    body: ["assignableScopes", "description", "permissions", "roleName", "roleType"],
    wireNames: { roleType: "type" },
  },
  "azure-native:authorization:RoleAssignment": {
    apiVersion: "2022-04-01",
    path: "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    autoname: "uuid",
    envelope: [],
    body: [
      ...["condition", "conditionVersion", "delegatedManagedIdentityResourceId", "description"],
      ...["principalId", "principalType", "roleDefinitionId"],
    ],
    forceNew: ["delegatedManagedIdentityResourceId", "principalId", "principalType", "roleDefinitionId"],
  },
  "azure-native:operationalinsights:Workspace": {
    apiVersion: "2023-09-01",
    path: `${lowerGroup}/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}`,
    autoname: "random",
    envelope: [...tracked, "identity"],
    body: [
      ...["defaultDataCollectionRuleResourceId", "features", "forceCmkForQuery"],
      ...["publicNetworkAccessForIngestion", "publicNetworkAccessForQuery"],
      ...["retentionInDays", "sku", "workspaceCapping"],
    ],
    forceNew: ["location"],
  },
  "azure-native:monitor:DiagnosticSetting": {
    apiVersion: "2021-05-01-preview",
    path: "/{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
    autoname: "random",
    envelope: [],
    body: [
      ...["eventHubAuthorizationRuleId", "eventHubName", "logAnalyticsDestinationType", "logs"],
      ...["marketplacePartnerId", "metrics", "serviceBusRuleId", "storageAccountId", "workspaceId"],
    ],
  },
  "azure-native:monitor:ActionGroup": {
    apiVersion: "2024-10-01-preview",
    path: `${group}/providers/Microsoft.Insights/actionGroups/{actionGroupName}`,
    autoname: "random",
    envelope: [...tracked, "identity"],
    body: [
      ...["armRoleReceivers", "automationRunbookReceivers", "azureAppPushReceivers"],
      ...["azureFunctionReceivers", "emailReceivers", "enabled", "eventHubReceivers", "groupShortName"],
      ...["incidentReceivers", "itsmReceivers", "logicAppReceivers", "smsReceivers", "voiceReceivers"],
      "webhookReceivers",
    ],
    forceNew: ["location"],
  },
  "azure-native:managedidentity:UserAssignedIdentity": {
    apiVersion: "2023-01-31",
    path: `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}`,
    autoname: "random",
    envelope: tracked,
    body: [],
    forceNew: ["location"],
  },
  "azure-native:managedidentity:FederatedIdentityCredential": {
    apiVersion: "2023-01-31",
    path:
      `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}` +
      "/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}",
    autoname: "copy",
    envelope: [],
    body: ["audiences", "issuer", "subject"],
  },
  "azure-native:eventgrid:SystemTopic": {
    apiVersion: "2025-02-15",
    path: `${group}/providers/Microsoft.EventGrid/systemTopics/{systemTopicName}`,
    autoname: "random",
    envelope: [...tracked, "identity"],
    body: ["source", "topicType"],
    forceNew: ["location", "source", "topicType"],
  },
  "azure-native:eventgrid:SystemTopicEventSubscription": {
    apiVersion: "2025-02-15",
    path:
      `${group}/providers/Microsoft.EventGrid/systemTopics/{systemTopicName}` +
      "/eventSubscriptions/{eventSubscriptionName}",
    autoname: "copy",
    envelope: [],
    body: [
      ...["deadLetterDestination", "deadLetterWithResourceIdentity", "deliveryWithResourceIdentity"],
      ...["destination", "eventDeliverySchema", "expirationTimeUtc", "filter", "labels", "retryPolicy"],
    ],
  },
  "azure-native:logic:Workflow": {
    apiVersion: "2019-05-01",
    path: `${group}/providers/Microsoft.Logic/workflows/{workflowName}`,
    autoname: "random",
    envelope: [...tracked, "identity"],
    body: [
      ...["accessControl", "definition", "endpointsConfiguration", "integrationAccount"],
      ...["integrationServiceEnvironment", "parameters", "state"],
    ],
    forceNew: ["location"],
  },
  // Without a parent the path has two slashes in a row, which ARM takes for one.
  "azure-native:resources:Resource": {
    apiVersion: "2024-03-01",
    apiVersionInput: "apiVersion",
    path: `${lowerGroup}/providers/{resourceProviderNamespace}/{parentResourcePath}/{resourceType}/{resourceName}`,
    autoname: "random",
    envelope: [...tracked, "extendedLocation", "identity", "kind", "managedBy", "plan", "sku"],
    body: ["properties"],
    forceNew: ["location"],
    nested: true,
    untyped: true,
  },
};

/** Inputs in the path, in order; the last one is the resource's own name. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)]
    .map(([, parameter = ""]) => parameter)
    .filter((parameter) => parameter !== "subscriptionId");
}
