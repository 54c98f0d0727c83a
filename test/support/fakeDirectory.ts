import type { DeletedVault } from "../../azure/arm";
import type { ExistingApp, ExistingApplication, ExistingGrant } from "../../core/permissions/existingApps";
import type { TenantApi } from "../../core/permissions/apiRoles";
import type { ServicePrincipalCandidate } from "../../core/agent/powerPlatform";
import type { PublishedSecret } from "../../core/vault/vaultInUse";
import type { Caller } from "../../core/access/ownership";
import type { Directory, SecretPolicies } from "../../infra/plan/directory";

/** What a tenant has already; keys are object IDs, or display names for `named`. */
export interface DirectoryContents {
  readonly caller?: Caller;
  readonly applications?: Readonly<Record<string, ExistingApp>>;
  /** By display name. */
  readonly namesakes?: Readonly<Record<string, readonly ExistingApplication[]>>;
  /** By the stack's ID in the mark. */
  readonly marked?: Readonly<Record<string, readonly ExistingApplication[]>>;
  /** Object IDs of applications that trust someone, with how many they trust. */
  readonly federated?: Readonly<Record<string, number>>;
  readonly grants?: Readonly<Record<string, readonly ExistingGrant[]>>;
  readonly named?: Readonly<Record<string, readonly ServicePrincipalCandidate[]>>;
  /** By the text that names each in the settings. */
  readonly apis?: Readonly<Record<string, TenantApi>>;
  /** Object IDs of service principals by client ID. */
  readonly principals?: Readonly<Record<string, string>>;
  /** Default: the caller may not read them. */
  readonly policies?: SecretPolicies;
  /** ARM IDs of vaults. */
  readonly vaults?: readonly string[];
  /** By ARM ID of the vault. */
  readonly vaultUse?: Readonly<Record<string, readonly PublishedSecret[]>>;
  /** By name. */
  readonly deletedVaults?: Readonly<Record<string, DeletedVault>>;
}

/** A directory with the contents given, and the questions that it was asked, in order. */
export function fakeDirectory(contents: DirectoryContents = {}): { directory: Directory; asked: string[] } {
  const asked: string[] = [];
  const directory: Directory = {
    caller: () => {
      asked.push("caller");
      return Promise.resolve(contents.caller);
    },
    application: (applicationObjectId) => {
      asked.push(`application ${applicationObjectId}`);
      return Promise.resolve(contents.applications?.[applicationObjectId]);
    },
    applicationsNamed: (displayName) => {
      asked.push(`applications named ${displayName}`);
      return Promise.resolve(contents.namesakes?.[displayName] ?? []);
    },
    applicationsMarked: (stackId) => {
      asked.push(`applications marked ${stackId}`);
      return Promise.resolve(contents.marked?.[stackId] ?? []);
    },
    federatedCredentialCount: (applicationObjectId) => {
      asked.push(`federated credentials of ${applicationObjectId}`);
      return Promise.resolve(contents.federated?.[applicationObjectId] ?? 0);
    },
    consentsOf: () => Promise.resolve([]),
    assignmentsTo: () => Promise.resolve([]),
    grantsOf: (servicePrincipalObjectId, graphObjectId) => {
      asked.push(`grants of ${servicePrincipalObjectId} on ${graphObjectId}`);
      return Promise.resolve(contents.grants?.[servicePrincipalObjectId] ?? []);
    },
    apis: (named) => {
      if (named.length > 0) asked.push(`apis ${named.join(", ")}`);
      return Promise.resolve(new Map(named.map((text) => [text, contents.apis?.[text]])));
    },
    servicePrincipalsNamed: (displayName) => {
      asked.push(`service principal ${displayName}`);
      return Promise.resolve(contents.named?.[displayName] ?? []);
    },
    servicePrincipalOf: (clientId) => {
      asked.push(`service principal of ${clientId}`);
      return Promise.resolve(contents.principals?.[clientId]);
    },
    secretPolicies: (applicationObjectId) => {
      asked.push(`secret policies for ${applicationObjectId ?? "a new app"}`);
      return Promise.resolve(contents.policies);
    },
    importIdOf: () => Promise.resolve(undefined),
    remove: () => Promise.resolve(),
    hasVault: (vaultId) => {
      asked.push(`vault ${vaultId}`);
      return Promise.resolve(contents.vaults?.includes(vaultId) === true);
    },
    vaultUse: (vaultId) => {
      asked.push(`use of ${vaultId}`);
      return Promise.resolve(contents.vaultUse?.[vaultId] ?? []);
    },
    deletedVault: (subscriptionId, name) => {
      asked.push(`deleted vault ${name} in ${subscriptionId}`);
      return Promise.resolve(contents.deletedVaults?.[name]);
    },
  };
  return { directory, asked };
}

/** An application as someone made it by hand, with more of what is told of it. */
export function existingApp({
  servicePrincipalObjectId,
  ...more
}: Partial<ExistingApp> & { servicePrincipalObjectId?: string }): ExistingApp {
  return {
    applicationObjectId: "application-object",
    clientId: "client-id",
    displayName: "Mail",
    tags: [],
    owners: [{ objectId: "a-person", displayName: "A Person", isServicePrincipal: false }],
    clientSecrets: [],
    certificateCount: 0,
    servicePrincipal:
      servicePrincipalObjectId === undefined
        ? undefined
        : { servicePrincipalObjectId, tags: [], owners: [], credentialCount: 0 },
    ...more,
  };
}
