import type { Clock } from "./clock";
import type { FaultPlan } from "./faults";
import type { SigningKey } from "./tokens";

/**
 * Everything the emulated Azure remembers, as plain JSON: it is saved and restored with `JSON.stringify`.
 * Instants are ISO 8601 strings. Object keys are object IDs (Graph) or lower-case ARM IDs and names.
 */
export interface TenantState {
  readonly version: 1;
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
  readonly appRoleAssignments: Record<string, AppRoleAssignment>;
  /** Soft-deleted applications and service principals, kept for 30 days. */
  readonly deletedItems: Record<string, DeletedItem>;
  /** `policies/defaultAppManagementPolicy` and `policies/appManagementPolicies`, as Graph writes them. */
  readonly policies: { defaultAppManagementPolicy: object; appManagementPolicies: Record<string, object> };
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
  subject: string;
  audiences: string[];
  description: string | null;
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
  [property: string]: unknown;
}

export interface User {
  readonly id: string;
  displayName: string;
  userPrincipalName: string;
  mail: string | null;
  [property: string]: unknown;
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

export interface DeletedItem {
  readonly kind: "application" | "servicePrincipal";
  readonly deletedDateTime: string;
  readonly item: Application | ServicePrincipal;
}

export interface ArmState {
  /** Resource groups and resources by lower-case ID, as ARM answers them. */
  readonly resources: Record<string, ArmResource>;
  /** By lower-case ID. */
  readonly roleAssignments: Record<string, RoleAssignment>;
  /** Custom role definitions by lower-case ID; built-in ones are code. */
  readonly roleDefinitions: Record<string, object>;
  /** Soft-deleted vaults by lower-case name. */
  readonly deletedVaults: Record<string, object>;
  /** Registered resource providers, such as `Microsoft.KeyVault`. */
  readonly registeredProviders: string[];
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

export interface VaultData {
  readonly secrets: Record<string, VaultSecret>;
  readonly deletedSecrets: Record<string, DeletedVaultSecret>;
}

export interface VaultSecret {
  readonly name: string;
  /** Oldest first; the last one is current. */
  versions: VaultSecretVersion[];
}

export interface VaultSecretVersion {
  /** 32 hex digits. */
  readonly version: string;
  readonly value: string;
  contentType?: string;
  tags?: Record<string, string>;
  enabled: boolean;
  /** Unix seconds, as on the wire. */
  nbf?: number;
  exp?: number;
  readonly created: number;
  updated: number;
}

export interface DeletedVaultSecret extends VaultSecret {
  readonly deletedDate: number;
  readonly scheduledPurgeDate: number;
}

/** The emulated tenant as its services see it. */
export interface Tenant {
  readonly state: TenantState;
  readonly clock: Clock;
  readonly signingKey: SigningKey;
  readonly faults: FaultPlan;
}
