import type { CloudName } from "./clouds";
import { runningClock, type Clock } from "./clock";
import { withoutPrototypes } from "./collections";
import type { FaultPlan } from "../server/faults";
import { Replication } from "./replication";
import { issueIdentities, seedState, type Identities } from "./seed";
import { createSigningKey, type SigningKey } from "../entra/signingKey";
import type { CustomConnector } from "../powerPlatform/powerApps";
import { createSignIns, type SignIns } from "../entra/signIns";

/**
 * Everything the emulated Azure remembers, as plain JSON: it is saved and restored with `JSON.stringify`.
 * Instants are ISO 8601 strings. Object keys are object IDs (Graph) or lower-case ARM IDs and names.
 */
export interface TenantState {
  readonly version: 1;
  /** Default: the public cloud. */
  readonly cloud?: CloudName;
  readonly tenantId: string;
  readonly tenantDisplayName: string;
  readonly defaultDomain: string;
  readonly subscriptionId: string;
  readonly directory: Directory;
  readonly arm: ArmState;
  /** Key Vault data planes by lower-case vault name. */
  readonly vaults: Record<string, VaultData>;
}

export interface Directory {
  readonly applications: Record<string, Application>;
  readonly servicePrincipals: Record<string, ServicePrincipal>;
  readonly users: Record<string, User>;
  readonly groups: Record<string, Group>;
  /** SharePoint sites by site ID. */
  readonly sites: Record<string, Site>;
  /** Grants of single sites to apps by ID; absent in a tenant that an earlier version kept. */
  sitePermissions?: Record<string, SitePermission>;
  readonly appRoleAssignments: Record<string, AppRoleAssignment>;
  /** Files in the users' drives by ID; absent in a tenant that an earlier version kept. */
  driveItems?: Record<string, DriveItem>;
  /** Delegated permission grants by ID; absent in a tenant that an earlier version kept. */
  oauth2PermissionGrants?: Record<string, DelegatedPermissionGrant>;
  /** Whether users may consent for themselves. Default: to permissions that need no administrator. */
  userConsent?: "forbidden";
  /** Soft-deleted directory objects, kept for 30 days. */
  readonly deletedItems: Record<string, DeletedItem>;
  /** `policies/defaultAppManagementPolicy` and `policies/appManagementPolicies`, as Graph writes them. */
  readonly policies: {
    defaultAppManagementPolicy: object;
    appManagementPolicies: Record<string, object>;
    /** Policy ID by application object ID: which application has a policy of its own. */
    appManagementPolicyAssignments: Record<string, string>;
    /** By ID; absent in a tenant that an earlier version kept. */
    claimsMappingPolicies?: Record<string, ClaimsMappingPolicy>;
  };
}

export interface ClaimsMappingPolicy {
  readonly id: string;
  readonly deletedDateTime: null;
  definition: string[];
  displayName: string;
  isOrganizationDefault: boolean;
  /** Object IDs of those for which it holds. */
  servicePrincipalIds: string[];
}

export interface PasswordCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly hint: string;
  /** SHA-256 of the secret, base64url: like Entra, the directory keeps no secret. */
  readonly secretHash: string;
  /** When it was added, which decides what replication lag it still has. */
  readonly createdDateTime: string;
}

export interface FederatedIdentityCredential {
  readonly id: string;
  name: string;
  issuer: string;
  /** Null where `claimsMatchingExpression` says which subjects are trusted. */
  subject: string | null;
  audiences: string[];
  description: string | null;
  /** Of a flexible one, which only Graph's beta has. */
  claimsMatchingExpression?: { readonly value: string; readonly languageVersion: number };
}

/** Graph's own property names; whatever else a client sets is kept under its name and given back. */
export interface Application {
  readonly id: string;
  readonly appId: string;
  displayName: string;
  readonly createdDateTime: string;
  passwordCredentials: PasswordCredential[];
  federatedIdentityCredentials: FederatedIdentityCredential[];
  ownerIds: string[];
  [property: string]: unknown;
}

export interface AppRole {
  readonly id: string;
  readonly value: string;
  readonly displayName: string;
  readonly description: string;
  readonly allowedMemberTypes: string[];
  readonly isEnabled: boolean;
}

export interface PermissionScope {
  readonly id: string;
  readonly value: string;
  readonly isEnabled: boolean;
  readonly type: string;
  [property: string]: unknown;
}

export interface ServicePrincipal {
  readonly id: string;
  readonly appId: string;
  displayName: string;
  /** `Application`, or `ManagedIdentity` for those that ARM made. */
  readonly servicePrincipalType: string;
  accountEnabled: boolean;
  readonly createdDateTime: string;
  appOwnerOrganizationId: string | null;
  appRoles: AppRole[];
  oauth2PermissionScopes: PermissionScope[];
  ownerIds: string[];
  /** Beside those of the application; none where absent. */
  passwordCredentials?: PasswordCredential[];
  [property: string]: unknown;
}

export interface User {
  readonly id: string;
  displayName: string;
  userPrincipalName: string;
  mail: string | null;
  [property: string]: unknown;
}

export interface Group {
  readonly id: string;
  displayName: string;
  /** Object IDs of users, groups and service principals. */
  memberIds: string[];
  /** Object IDs; absent where the group has no owner. */
  ownerIds?: string[];
  [property: string]: unknown;
}

export interface Site {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly webUrl: string;
  [property: string]: unknown;
}

/** What an app with `Sites.Selected` may do in one site. */
export interface SitePermission {
  readonly id: string;
  readonly siteId: string;
  readonly clientId: string;
  readonly displayName: string;
  roles: string[];
}

/** A file at the root of a user's drive. */
export interface DriveItem {
  readonly id: string;
  readonly name: string;
  /** Object ID of the user whose drive it lies in. */
  readonly ownerId: string;
  /** Object IDs of the users with whom the owner shares it. */
  readonly sharedWith: string[];
  content: string;
  readonly createdDateTime: string;
}

export interface AppRoleAssignment {
  readonly id: string;
  readonly appRoleId: string;
  readonly principalId: string;
  readonly principalDisplayName: string;
  readonly principalType: string;
  readonly resourceId: string;
  readonly resourceDisplayName: string;
  readonly createdDateTime: string;
}

/** Delegated permissions that a client may use in the name of one person, or of everyone. */
export interface DelegatedPermissionGrant {
  readonly id: string;
  /** Object IDs of service principals. */
  readonly clientId: string;
  readonly resourceId: string;
  readonly consentType: "AllPrincipals" | "Principal";
  readonly principalId: string | null;
  /** Names of permissions, joined by blanks. */
  scope: string;
}

export interface DeletedItem {
  readonly kind: "application" | "servicePrincipal" | "user" | "group";
  readonly deletedDateTime: string;
  readonly item: { readonly id: string; readonly ownerIds?: readonly string[]; [property: string]: unknown };
}

export interface ArmState {
  /** Resource groups and resources by lower-case ID, as ARM answers them. */
  readonly resources: Record<string, ArmResource>;
  /** By lower-case ID. */
  readonly roleAssignments: Record<string, RoleAssignment>;
  /** Custom role definitions by lower-case GUID; built-in ones are code. */
  readonly roleDefinitions: Record<string, RoleDefinition>;
  /** Soft-deleted vaults by lower-case name. */
  readonly deletedVaults: Record<string, DeletedVault>;
  /** Soft-deleted Log Analytics workspaces by lower-case ID. */
  deletedWorkspaces?: Record<string, DeletedWorkspace>;
  /** Registered resource providers, such as `Microsoft.KeyVault`. */
  readonly registeredProviders: string[];
  /** Long-running operations by ID, while a fault plan with `armAsync` is in force. */
  operations?: Record<string, ArmOperation>;
}

/** What an Azure role allows. Patterns such as `Microsoft.KeyVault/vaults/*`; case does not matter. */
export interface RolePermissions {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

export interface RoleDefinition {
  /** GUID. */
  readonly name: string;
  readonly roleName: string;
  readonly description: string;
  readonly roleType: "BuiltInRole" | "CustomRole";
  readonly assignableScopes: readonly string[];
  readonly permissions: readonly RolePermissions[];
  /** Of a custom role. */
  readonly createdOn?: string;
  readonly updatedOn?: string;
  /** Object IDs. */
  readonly createdBy?: string | null;
  readonly updatedBy?: string | null;
}

export interface DeletedVault {
  /** The vault as it was, for its recovery. */
  readonly vault: ArmResource;
  readonly deletionDate: string;
  readonly scheduledPurgeDate: string;
}

export interface DeletedWorkspace {
  readonly workspace: ArmResource;
  readonly deletedAt: string;
}

export interface ArmOperation {
  readonly kind: "put" | "delete" | "purge";
  /** Lower-case ID of the resource that the operation ends with. */
  readonly resourceId: string;
  /** How many more times it answers that it is in progress. */
  pollsLeft: number;
  readonly createdDateTime: string;
}

export interface ArmResource {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  location?: string;
  tags?: Record<string, string>;
  properties: Record<string, unknown>;
  [property: string]: unknown;
}

export interface RoleAssignment {
  readonly id: string;
  readonly name: string;
  /** Scope as given; compare case-insensitively. */
  readonly scope: string;
  readonly roleDefinitionId: string;
  readonly principalId: string;
  readonly principalType: string;
  /** When it was made, which decides what RBAC lag it still has at a vault. */
  readonly createdOn: string;
  [property: string]: unknown;
}

/** Objects by lower-case name. Keys and certificates are absent in a tenant that an earlier version kept. */
export interface VaultData {
  readonly secrets: Record<string, VaultSecret>;
  readonly deletedSecrets: Record<string, DeletedVaultSecret>;
  keys?: Record<string, VaultKey>;
  deletedKeys?: Record<string, DeletedVaultObject<VaultKeyVersion>>;
  certificates?: Record<string, VaultCertificate>;
  deletedCertificates?: Record<string, DeletedVaultObject<VaultCertificateVersion>>;
}

/** A secret, key or certificate of a vault. */
export interface VaultObject<Version> {
  readonly name: string;
  /** Oldest first; the last one is current. */
  versions: Version[];
}

export interface DeletedVaultObject<Version> extends VaultObject<Version> {
  readonly deletedDate: number;
  readonly scheduledPurgeDate: number;
  /** Whether it was requested since; the first request finds nothing yet. */
  wasLookedFor?: boolean;
}

/** What a version of each kind of object has. */
export interface VaultObjectVersion {
  /** 32 hex digits. */
  readonly version: string;
  tags?: Record<string, string>;
  enabled: boolean;
  /** Unix seconds, as on the wire. */
  nbf?: number;
  exp?: number;
  readonly created: number;
  updated: number;
  /** True for the key and the secret of a certificate. */
  readonly managed?: true;
}

export interface VaultSecretVersion extends VaultObjectVersion {
  readonly value: string;
  contentType?: string;
}

export interface VaultKeyVersion extends VaultObjectVersion {
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  keyOperations: string[];
  readonly exportable: boolean;
}

export interface VaultCertificateVersion extends VaultObjectVersion {
  /** DER, base64. */
  readonly certificate: string;
  /** As on the wire, without `id`. */
  policy: Record<string, unknown>;
}

export type VaultSecret = VaultObject<VaultSecretVersion>;
export type DeletedVaultSecret = DeletedVaultObject<VaultSecretVersion>;
export type VaultKey = VaultObject<VaultKeyVersion>;

export interface VaultCertificate extends VaultObject<VaultCertificateVersion> {
  /** The latest request for a version, until it is done and after. */
  operation?: CertificateOperation;
}

export interface CertificateOperation {
  readonly requestId: string;
  /** Certificate signing request, DER, base64. */
  readonly csr: string;
  /** How many more times it answers that it is in progress. */
  looksLeft: number;
  /** What becomes the new version; absent once it is. */
  issued?: { readonly version: VaultCertificateVersion; readonly privateKey: string };
}

/** The emulated tenant as its services see it. */
export interface Tenant {
  readonly state: TenantState;
  readonly clock: Clock;
  /** Not yet made when the tenant begins to serve: only requests that need it wait. */
  readonly signingKey: Promise<SigningKey>;
  /** May be replaced while the tenant runs, to switch disturbances on and off. */
  faults: FaultPlan;
  /** Which replicas of the directory know which new object. In memory only. */
  readonly replication: Replication;
  readonly signIns: SignIns;
  /** Custom connectors of its Power Platform environments. In memory only. */
  readonly connectors: CustomConnector[];
  /** Who can sign in from the start, with secrets made for this run. */
  readonly identities: Identities;
}

export interface TenantOptions {
  /** Default: the machine's time. */
  readonly clock?: Clock;
  /** Default: no faults. */
  readonly faults?: FaultPlan;
  /** Of a new tenant. Default: the public cloud. */
  readonly cloud?: CloudName;
  /** A tenant kept from an earlier run; default a new one, as seeded. It is changed in place. */
  readonly state?: TenantState;
  /** Default: one key for all tenants of a process, so that tokens of an earlier run no longer count. */
  readonly signingKey?: Promise<SigningKey>;
}

/** Entra signs the tokens of all tenants by the same keys; making one takes longer than all else of a tenant. */
let commonKey: Promise<SigningKey> | undefined;

/** Makes a tenant ready to serve: seeded or restored, with fresh secrets for its identities. */
export function createTenant(options: TenantOptions = {}): Tenant {
  const clock = options.clock ?? runningClock();
  const state = withoutPrototypes(options.state ?? seedState(clock.now(), options.cloud));
  return {
    state,
    clock,
    signingKey: options.signingKey ?? (commonKey ??= createSigningKey()),
    faults: options.faults ?? {},
    replication: new Replication(),
    signIns: createSignIns(),
    connectors: [],
    identities: issueIdentities(state, clock.now()),
  };
}
