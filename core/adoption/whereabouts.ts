/**
 * Where to look for a resource that a run may have made and was killed before it recorded it. `isMadeAnew`: azure-native
 * cannot import it as the program states it, and nothing rests on it yet, so it is deleted and made again. Nothing is looked for by
 * display name: what has an ID of the program's own making is found by it, and what has none by what it is for.
 */
export type Whereabouts =
  | { readonly kind: "arm"; readonly id: string; readonly apiVersion: string; readonly isMadeAnew?: true }
  | {
      readonly kind: "roleAssignment";
      readonly scope: string;
      readonly roleDefinitionId: string;
      readonly principalId: string;
      readonly apiVersion: string;
      readonly isMadeAnew: true;
    }
  /** By the stack's mark. */
  | {
      readonly kind: "application";
      readonly tags: readonly string[];
      readonly ownerObjectIds: readonly string[];
    }
  | { readonly kind: "servicePrincipal"; readonly clientId: string }
  | {
      readonly kind: "appRoleAssignment";
      readonly principalObjectId: string;
      readonly resourceObjectId: string;
      readonly appRoleId: string;
    }
  | { readonly kind: "federatedCredential"; readonly applicationObjectId: string; readonly name: string }
  | { readonly kind: "preAuthorized"; readonly applicationObjectId: string; readonly clientId: string };

/** What the program gives a resource, without values that are not known yet. */
export type KnownInputs = Readonly<Record<string, unknown>>;

interface ArmPlace {
  /** Each parameter in braces is an input. */
  readonly path: string;
  readonly apiVersion: string;
  readonly isMadeAnew?: true;
}

const group = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}`;
const topic = `${group}/providers/Microsoft.EventGrid/systemTopics/{systemTopicName}`;
const vault = `${group}/providers/Microsoft.KeyVault/vaults/{vaultName}`;

/** By Pulumi's type; API versions as the provider's own. */
const armPlaces: Readonly<Record<string, ArmPlace>> = {
  "azure-native:resources:ResourceGroup": { path: group, apiVersion: "2024-03-01" },
  "azure-native:keyvault:Vault": { path: vault, apiVersion: "2024-11-01" },
  "azure-native:operationalinsights:Workspace": {
    path: `${group}/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}`,
    apiVersion: "2023-09-01",
  },
  "azure-native:monitor:DiagnosticSetting": {
    path: "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
    apiVersion: "2021-05-01-preview",
    // An imported one has its `resourceUri` without the first slash, as a role assignment its `scope`.
    isMadeAnew: true,
  },
  "azure-native:monitor:ActionGroup": {
    path: `${group}/providers/Microsoft.Insights/actionGroups/{actionGroupName}`,
    apiVersion: "2024-10-01-preview",
  },
  "azure-native:eventgrid:SystemTopic": { path: topic, apiVersion: "2025-02-15" },
  "azure-native:eventgrid:SystemTopicEventSubscription": {
    path: `${topic}/eventSubscriptions/{eventSubscriptionName}`,
    apiVersion: "2025-02-15",
  },
  "azure-native:managedidentity:UserAssignedIdentity": { path: identity, apiVersion: "2023-01-31" },
  "azure-native:managedidentity:FederatedIdentityCredential": {
    path: `${identity}/federatedIdentityCredentials/{federatedIdentityCredentialResourceName}`,
    apiVersion: "2023-01-31",
  },
  "azure-native:authorization:RoleDefinition": {
    path: "{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}",
    apiVersion: "2022-05-01-preview",
    isMadeAnew: true,
  },
};

/**
 * A generic resource names its API version itself, which azure-native does not know when it imports one.
 *
 * @see https://github.com/pulumi/pulumi-azure-native/issues/4109 (read 2026-11)
 */
const genericType = "azure-native:resources:Resource";
const genericPath = `${group}/providers/{resourceProviderNamespace}/{resourceType}/{resourceName}`;

const others: Readonly<Record<string, (inputs: KnownInputs) => Whereabouts | undefined>> = {
  "azure-native:authorization:RoleAssignment": (inputs) => {
    const known = textsOf(inputs, "scope", "roleDefinitionId", "principalId");
    return known && { kind: "roleAssignment", ...known, apiVersion: "2022-04-01", isMadeAnew: true };
  },
  "azuread:index/application:Application": ({ tags, owners }) =>
    areTexts(tags)
      ? { kind: "application", tags, ownerObjectIds: areTexts(owners) ? owners : [] }
      : undefined,
  "azuread:index/servicePrincipal:ServicePrincipal": (inputs) => {
    const known = textsOf(inputs, "clientId");
    return known && { kind: "servicePrincipal", ...known };
  },
  "azuread:index/appRoleAssignment:AppRoleAssignment": (inputs) => {
    const known = textsOf(inputs, "principalObjectId", "resourceObjectId", "appRoleId");
    return known && { kind: "appRoleAssignment", ...known };
  },
  "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential": (inputs) => {
    const known = textsOf(inputs, "applicationId", "displayName");
    return (
      known && {
        kind: "federatedCredential",
        applicationObjectId: objectIdIn(known.applicationId),
        name: known.displayName,
      }
    );
  },
  "azuread:index/applicationPreAuthorized:ApplicationPreAuthorized": (inputs) => {
    const known = textsOf(inputs, "applicationId", "authorizedClientId");
    return (
      known && {
        kind: "preAuthorized",
        applicationObjectId: objectIdIn(known.applicationId),
        clientId: known.authorizedClientId,
      }
    );
  },
};

/**
 * Types of which a killed run leaves nothing to import: values that exist only in the state, and the client secret, whose
 * provider itself finds what was published.
 */
const leavingNothing: readonly RegExp[] = [
  /^random:/,
  /^pulumi-nodejs:dynamic\//,
  /^copilot-token:/,
  /^pulumi:/,
];

/** Whether it is known what a killed run can leave of a type. */
export function isTraceable(type: string): boolean {
  return (
    type in armPlaces ||
    type in others ||
    type === genericType ||
    leavingNothing.some((pattern) => pattern.test(type))
  );
}

/**
 * Where a resource with these inputs would be.
 *
 * @returns undefined where a killed run leaves nothing, or where an input is not known yet: then its resource is not
 *   made yet either.
 */
export function whereaboutsOf(
  type: string,
  inputs: KnownInputs,
  subscriptionId: string,
): Whereabouts | undefined {
  const place = armPlaces[type];
  if (place !== undefined) {
    const { path, ...rest } = place;
    const id = filled(path, { ...inputs, subscriptionId });
    return id === undefined ? undefined : { kind: "arm", id, ...rest };
  }
  if (type === genericType) {
    const id = filled(genericPath, { ...inputs, subscriptionId });
    const known = textsOf(inputs, "apiVersion");
    return id === undefined || known === undefined
      ? undefined
      : { kind: "arm", id, ...known, isMadeAnew: true };
  }
  return others[type]?.(inputs);
}

/** The object ID at the end of a resource's path in Microsoft Graph, such as `/applications/{objectId}`. */
export function objectIdIn(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function filled(path: string, inputs: KnownInputs): string | undefined {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = ""]) => parameter);
  const known = textsOf(inputs, ...parameters);
  if (known === undefined) return undefined;
  const id = path.replaceAll(/\{(\w+)\}/g, (_match, parameter: string) => known[parameter] ?? "");
  return `/${id.replace(/^\/+/, "")}`;
}

function textsOf<Key extends string>(
  inputs: KnownInputs,
  ...keys: readonly Key[]
): Record<Key, string> | undefined {
  const known: Partial<Record<Key, string>> = {};
  for (const key of keys) {
    const value = inputs[key];
    if (typeof value !== "string" || value === "") return undefined;
    known[key] = value;
  }
  return known as Record<Key, string>;
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
