import { azureRoles, type AzureRole } from "./azureRoles";
import { directoryRoles, type DirectoryRole } from "./directoryRoles";

/** The identities that work on a stack. Each signs in for itself and holds only the rights that its work needs. */
export const identityKeys = ["deployer", "granter", "rotator", "verifier"] as const;
export type IdentityKey = (typeof identityKeys)[number];

/** Where an Azure right is held. */
export type RightScope =
  /** Where the stack's resources are made: the subscription, unless a smaller scope is named. */
  | "stack"
  /** Where the secrets lie: the stack's vault, once it is there. */
  | "vault"
  /** The blob container with the stack's state. */
  | "stateContainer"
  /** The Key Vault key that is the state's secrets provider. */
  | "stateKey";

/** One thing that Azure asks leave for: on the control plane, or on a service's own plane. */
export type AzureAction = { readonly action: string } | { readonly dataAction: string };

/** An application permission of Microsoft Graph. */
export interface GraphRight {
  readonly kind: "graph";
  readonly permission: string;
  /** Greater permissions that do as well. */
  readonly orElse: readonly string[];
  /** What a person has in its place, any of which is enough; the least one first. */
  readonly asUser: readonly DirectoryRole[];
  /** What people take for enough, and is not. */
  readonly notEnough?: DirectoryRole;
  readonly purpose: string;
}

/** Ownership of the stack's applications and service principals, without which `…OwnedBy` changes nothing. */
export interface OwnershipRight {
  readonly kind: "ownership";
  readonly purpose: string;
}

/** A role of Azure. */
export interface AzureRight {
  readonly kind: "azure";
  readonly role: AzureRole | CustomRole;
  readonly scope: RightScope;
  /** The only roles that its holder may assign and remove; absent for a role that cannot assign roles. */
  readonly mayAssign?: readonly AzureRole[];
  /** What the commands do by it. */
  readonly uses: readonly AzureAction[];
  /** The roles of a person in its place, all of them. Default: the same one. */
  readonly asUser?: readonly AzureRole[];
  /** Only later runs need it: a first one does without. */
  readonly later?: true;
  /** Given by the stack itself, by its setting `vault.readers`. Default: given by the bootstrap. */
  readonly byReaders?: true;
  readonly purpose: string;
}

export type Right = GraphRight | OwnershipRight | AzureRight;

/** A role that Azure does not bring along. */
export interface CustomRole {
  readonly name: string;
  readonly description: string;
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

const {
  globalAdministrator,
  privilegedRoleAdministrator,
  applicationAdministrator,
  cloudApplicationAdministrator,
} = directoryRoles;

const makeApps: GraphRight = {
  kind: "graph",
  permission: "Application.ReadWrite.OwnedBy",
  orElse: ["Application.ReadWrite.All"],
  asUser: [applicationAdministrator, cloudApplicationAdministrator, globalAdministrator],
  purpose: "create apps and client secrets",
};

/**
 * Graph asks for it beside `AppRoleAssignment.ReadWrite.All` too: a grant names two service principals.
 *
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto (read 2026-11)
 */
const readDirectory: GraphRight = {
  kind: "graph",
  permission: "Application.Read.All",
  orElse: ["Application.ReadWrite.All", "Directory.Read.All"],
  asUser: [
    applicationAdministrator,
    cloudApplicationAdministrator,
    privilegedRoleAdministrator,
    globalAdministrator,
  ],
  purpose: "read Microsoft Graph's permissions and existing apps",
};

const grantConsent: GraphRight = {
  kind: "graph",
  permission: "AppRoleAssignment.ReadWrite.All",
  orElse: [],
  asUser: [privilegedRoleAdministrator, globalAdministrator],
  notEnough: applicationAdministrator,
  purpose: "grant admin consent",
};

/**
 * What consent to delegated permissions takes, in a stack with apps that act as their users.
 *
 * @see https://learn.microsoft.com/graph/api/oauth2permissiongrant-post (read 2026-11)
 */
const grantDelegatedConsent: GraphRight = {
  kind: "graph",
  permission: "DelegatedPermissionGrant.ReadWrite.All",
  orElse: ["Directory.ReadWrite.All"],
  asUser: [
    privilegedRoleAdministrator,
    cloudApplicationAdministrator,
    applicationAdministrator,
    globalAdministrator,
  ],
  purpose: "consent to delegated permissions",
};

/**
 * What a grant of one SharePoint site takes, in a stack with `sites`. It reaches every site of the tenant.
 *
 * @see https://learn.microsoft.com/graph/api/site-post-permissions (read 2026-11)
 */
export const grantSiteAccess: GraphRight = {
  kind: "graph",
  permission: "Sites.FullControl.All",
  orElse: [],
  asUser: [directoryRoles.sharePointAdministrator, globalAdministrator],
  purpose: "grant single SharePoint sites",
};

const makeResources: AzureRight = {
  kind: "azure",
  role: azureRoles.contributor,
  scope: "stack",
  uses: [
    { action: "Microsoft.Resources/subscriptions/resourceGroups/write" },
    { action: "Microsoft.KeyVault/vaults/write" },
    { action: "Microsoft.KeyVault/vaults/secrets/read" },
    { action: "Microsoft.KeyVault/vaults/secrets/write" },
    { action: "Microsoft.OperationalInsights/workspaces/write" },
    { action: "Microsoft.Insights/diagnosticSettings/write" },
    { action: "Microsoft.Insights/actionGroups/write" },
    { action: "Microsoft.EventGrid/systemTopics/write" },
    { action: "Microsoft.EventGrid/systemTopics/eventSubscriptions/write" },
    { action: "Microsoft.ManagedIdentity/userAssignedIdentities/write" },
    { action: "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action" },
    { action: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write" },
    { action: "Microsoft.Logic/workflows/write" },
  ],
  purpose: "create the resource group, vault, secrets, audit log, managed identities and Logic Apps",
};

const assignReaders: AzureRight = {
  kind: "azure",
  role: azureRoles.accessAdministrator,
  scope: "stack",
  mayAssign: [azureRoles.secretsUser],
  uses: [
    { action: "Microsoft.Authorization/roleAssignments/write" },
    { action: "Microsoft.Authorization/roleAssignments/delete" },
  ],
  purpose: "assign the readers of secrets",
};

const removeSecrets: AzureRight = {
  kind: "azure",
  role: azureRoles.secretsOfficer,
  scope: "stack",
  uses: [
    { dataAction: "Microsoft.KeyVault/vaults/secrets/delete" },
    { dataAction: "Microsoft.KeyVault/vaults/secrets/recover/action" },
  ],
  later: true,
  purpose: "remove an app or the stack (Azure deletes and recovers secrets only through the vault itself)",
};

/** Writes and looks at vault secrets through Azure Resource Manager, which shows no value. */
export const secretWriterRole: CustomRole = {
  name: "copilot-token secret writer",
  description: "Publishes client secrets in key vaults through Azure Resource Manager; reads no value.",
  actions: ["Microsoft.KeyVault/vaults/secrets/read", "Microsoft.KeyVault/vaults/secrets/write"],
  dataActions: [],
};

const publishSecrets: AzureRight = {
  kind: "azure",
  role: secretWriterRole,
  scope: "vault",
  uses: secretWriterRole.actions.map((action) => ({ action })),
  asUser: [azureRoles.contributor],
  purpose: "publish a new client secret, and see which one is published",
};

const readSecrets: AzureRight = {
  kind: "azure",
  role: azureRoles.secretsUser,
  scope: "vault",
  uses: [
    { dataAction: "Microsoft.KeyVault/vaults/secrets/getSecret/action" },
    { dataAction: "Microsoft.KeyVault/vaults/secrets/readMetadata/action" },
  ],
  byReaders: true,
  purpose: "read client secrets, to verify them",
};

/**
 * What Pulumi does with a blob container: it lists, reads, writes, copies and deletes blobs, and makes no container.
 *
 * @see https://github.com/pulumi/pulumi/blob/v3.260.0/pkg/backend/diy/bucket.go (read 2026-11)
 */
const keepState: AzureRight = {
  kind: "azure",
  role: azureRoles.blobDataContributor,
  scope: "stateContainer",
  uses: [
    { dataAction: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read" },
    { dataAction: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write" },
    { dataAction: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete" },
  ],
  purpose: "read and write the stack's state, if it is in an Azure blob container",
};

/**
 * Each run opens the stack's data key; only `pulumi stack init` and a change of the secrets provider seal one.
 *
 * @see https://github.com/pulumi/pulumi/blob/v3.260.0/pkg/secrets/cloud/manager.go (read 2026-11)
 */
const openState: AzureRight = {
  kind: "azure",
  role: azureRoles.cryptoUser,
  scope: "stateKey",
  uses: [
    { dataAction: "Microsoft.KeyVault/vaults/keys/decrypt/action" },
    { dataAction: "Microsoft.KeyVault/vaults/keys/encrypt/action" },
  ],
  purpose: "open that state, if a Key Vault key is its secrets provider",
};

/** What each identity needs, and nothing else. The docs, the bootstrap and doctor use this table. */
export const rights: Readonly<Record<IdentityKey, readonly Right[]>> = {
  deployer: [
    makeApps,
    {
      kind: "ownership",
      purpose:
        "change these apps later (the identity that creates an app owns it, unless `owners` says otherwise)",
    },
    grantConsent,
    readDirectory,
    makeResources,
    assignReaders,
    removeSecrets,
    keepState,
    openState,
  ],
  granter: [grantConsent, readDirectory],
  rotator: [
    { ...makeApps, purpose: "add and remove client secrets" },
    { kind: "ownership", purpose: "change the stack's apps" },
    readDirectory,
    publishSecrets,
    readSecrets,
    keepState,
    openState,
  ],
  verifier: [readSecrets],
};

const certificateUses = {
  make: [
    { dataAction: "Microsoft.KeyVault/vaults/certificates/create/action" },
    { dataAction: "Microsoft.KeyVault/vaults/certificates/read" },
  ],
  sign: [{ dataAction: "Microsoft.KeyVault/vaults/keys/sign/action" }],
  remove: [
    { dataAction: "Microsoft.KeyVault/vaults/certificates/delete" },
    { dataAction: "Microsoft.KeyVault/vaults/certificates/recover/action" },
  ],
} as const;

/** The rotator's role where an app signs in by a certificate: it makes keys and signs, and reads none of them. */
export const credentialWriterRole: CustomRole = {
  ...secretWriterRole,
  description: `${secretWriterRole.description} Makes certificates and signs with their keys.`,
  dataActions: [...certificateUses.make, ...certificateUses.sign].map(({ dataAction }) => dataAction),
};

const signByReaders: AzureRight = {
  kind: "azure",
  role: azureRoles.cryptoUser,
  scope: "vault",
  uses: certificateUses.sign,
  byReaders: true,
  purpose: "sign with the keys of certificates, to verify them",
};

/** What each identity needs beside {@link rights} where an app signs in by a certificate. */
export const certificateRights: Readonly<Record<IdentityKey, readonly AzureRight[]>> = {
  deployer: [
    {
      kind: "azure",
      role: azureRoles.certificatesOfficer,
      scope: "stack",
      uses: [...certificateUses.make, ...certificateUses.remove],
      purpose: "make certificates in the vault, and remove an app or the stack",
    },
    {
      kind: "azure",
      role: azureRoles.cryptoUser,
      scope: "stack",
      uses: certificateUses.sign,
      purpose: "sign with a new certificate's key, to verify it before it is published",
    },
  ],
  granter: [],
  rotator: [],
  verifier: [signByReaders],
};

/** Rights of the table that have more in them where an app signs in by a certificate: Azure takes one assignment of a role. */
const forCertificates: ReadonlyMap<Right, AzureRight> = new Map([
  [
    assignReaders,
    {
      ...assignReaders,
      mayAssign: [azureRoles.secretsUser, azureRoles.cryptoUser],
      purpose: "assign the readers of secrets and the signers of certificates",
    },
  ],
  [
    publishSecrets,
    {
      ...publishSecrets,
      role: credentialWriterRole,
      asUser: [azureRoles.contributor, azureRoles.certificatesOfficer, azureRoles.cryptoUser],
      uses: [...publishSecrets.uses, ...certificateUses.make, ...certificateUses.sign],
      purpose: "publish a new client secret or certificate, and see which one is published",
    },
  ],
]);

/** How a tenant's stacks are arranged. */
export interface Arrangement {
  /** A separate granter gives consent; then the deployer must not be able to. Default: false. */
  readonly granterApart?: boolean;
  /** A stack has an app with `credential: certificate`. Default: false. */
  readonly certificates?: boolean;
  /** A stack has an app with `delegated`. Default: false. */
  readonly delegated?: boolean;
}

/** What an identity needs in a given arrangement. */
export function rightsOf(
  identity: IdentityKey,
  { granterApart = false, certificates = false, delegated = false }: Arrangement = {},
): readonly Right[] {
  const held = rights[identity]
    .filter((right) => !(granterApart && identity === "deployer" && right === grantConsent))
    .flatMap((right) => (delegated && right === grantConsent ? [right, grantDelegatedConsent] : [right]));
  return certificates
    ? [...held.map((right) => forCertificates.get(right) ?? right), ...certificateRights[identity]]
    : held;
}

/** Of a list of rights, those of Microsoft Graph. */
export function graphRights(list: readonly Right[]): GraphRight[] {
  return list.filter((right) => right.kind === "graph");
}

/** Of a list of rights, those of Azure. */
export function azureRights(list: readonly Right[]): AzureRight[] {
  return list.filter((right) => right.kind === "azure");
}

/** Whether a role is a custom one, which has to be defined first. */
export function isCustomRole(role: AzureRight["role"]): role is CustomRole {
  return !("guid" in role);
}
