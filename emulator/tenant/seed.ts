import { clouds, type Cloud, type CloudName } from "./clouds";
import { randomBytes } from "node:crypto";
import { roleDefinitionIdOf } from "../arm/roleIds";
import { graphAppRoles, graphPermissionScopes } from "./graphPermissions";
import { newGuid, wholeSeconds } from "../server/http";
import { firstPartyServicePrincipals } from "./seedFirstParty";
import { seedDriveItems, seedGroups, seedSites, seedUsers } from "./seedPeople";
import type { Application, RoleAssignment, ServicePrincipal, TenantState } from "./tenant";
import { hashSecret, newSecret } from "../entra/tokens";

/** Someone who can sign in from the start. */
export interface Identity {
  readonly displayName: string;
  readonly clientId: string;
  readonly applicationObjectId: string;
  /** Object ID of the service principal: `oid` in its tokens, the principal of its role assignments. */
  readonly objectId: string;
  /** Made anew at each start; the tenant's state holds only its hash. */
  readonly clientSecret: string;
}

export interface Identities {
  /** May change every app, person and group of the directory, give consent, and is Owner of the subscription. */
  readonly administrator: Identity;
  /** Makes apps of its own and their resources: the least that a program needs that creates an app and a vault. */
  readonly deployer: Identity;
  /** Holds no right at all: a program gives it what it needs. */
  readonly verifier: Identity;
}

/** What an identity holds: permissions of Microsoft Graph, and roles on the subscription. */
interface Holdings {
  readonly permissions: readonly string[];
  readonly roles: readonly { readonly guid: string; readonly condition?: string }[];
}

/** Microsoft Graph's client ID, the same in every tenant. */
export const graphClientId = "00000003-0000-0000-c000-000000000000";

/** Object ID of Microsoft Graph's service principal in the seeded tenant. */
export const graphObjectId = "f0792d42-b8fc-4c31-9ea5-353bc241e371";

/** Graph permissions of the deployer. */
export const deployerGraphPermissions: readonly string[] = [
  "Application.ReadWrite.OwnedBy",
  "AppRoleAssignment.ReadWrite.All",
  "Application.Read.All",
];

/** @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles (read 2026-11) */
const builtInRoles = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  accessAdministrator: "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
  secretsOfficer: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
  secretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  certificatesOfficer: "a4417e6f-fecd-4de8-b567-7b0420556985",
  cryptoUser: "12338af0-0e69-4776-bea7-57ae8d297424",
} as const;

/** May assign Key Vault Secrets User and Key Vault Crypto User only, as the portal's "Allow user to only assign selected roles" writes it. */
const assignsReadersAndSigners = (
  [
    ["write", "Request"],
    ["delete", "Resource"],
  ] as const
)
  .map(
    ([action, source]) =>
      `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${action}'})) OR ` +
      `(@${source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ` +
      `ForAnyOfAnyValues:GuidEquals {${builtInRoles.secretsUser}, ${builtInRoles.cryptoUser}}))`,
  )
  .join(" AND ");

/** ARM roles of the deployer on the subscription, each with the condition it is held under. */
const deployerRoles: Holdings["roles"] = [
  { guid: builtInRoles.contributor },
  { guid: builtInRoles.accessAdministrator, condition: assignsReadersAndSigners },
  { guid: builtInRoles.secretsOfficer },
  // The last two are for stacks with certificates.
  { guid: builtInRoles.certificatesOfficer },
  { guid: builtInRoles.cryptoUser },
];

/** GUIDs of the deployer's ARM roles. */
export const deployerRoleDefinitionIds: readonly string[] = deployerRoles.map(({ guid }) => guid);

const heldBy: Readonly<Record<keyof Identities, Holdings>> = {
  administrator: {
    permissions: [
      "Application.ReadWrite.All",
      "AppRoleAssignment.ReadWrite.All",
      "DelegatedPermissionGrant.ReadWrite.All",
      "Domain.Read.All",
      "Group.ReadWrite.All",
      "Policy.Read.All",
      "Policy.ReadWrite.ApplicationConfiguration",
      "User.ReadWrite.All",
    ],
    roles: [{ guid: builtInRoles.owner }],
  },
  deployer: {
    // The last one is for stacks with apps that act as their users.
    permissions: [...deployerGraphPermissions, "DelegatedPermissionGrant.ReadWrite.All"],
    roles: deployerRoles,
  },
  verifier: { permissions: [], roles: [] },
};

const tenantId = "5b1c2f0e-7a64-4d0c-9a3b-2f6d8e1c4a70";
const subscriptionId = "9d3e5a17-42c8-4b6f-8e21-7c0a1b5f6d38";
const defaultDomain = "contoso.onmicrosoft.com";

const identityIds = {
  administrator: {
    displayName: "copilot-token administrator",
    clientId: "5f0d1c7a-83b6-4e29-9c54-1a7e2b6d8f30",
    applicationObjectId: "b3c9e1d7-4f68-4025-8a7b-60d2f9c5e184",
    objectId: "91e4a2c8-5d7f-4b13-86a0-c7f3d9b2e658",
  },
  deployer: {
    displayName: "copilot-token deployer",
    clientId: "2c7e9b40-1d5f-4a86-b3c2-6e8f0a9d7154",
    applicationObjectId: "8a4d6c21-9e37-4f50-a1b8-3d2c7e5f6049",
    objectId: "4aa7f6ad-9199-4a69-9650-7f106d7c4a44",
  },
  verifier: {
    displayName: "copilot-token verifier",
    clientId: "c15a8e73-6b92-4d04-8f7e-a0b3d9c2e461",
    applicationObjectId: "e7f20b95-3c48-4a1d-b6e9-5d8c1a7f4032",
    objectId: "6d9b3f58-0e71-4c2a-9a45-b8e7d1c6f023",
  },
} as const;

/** All identities that can sign in from the start. */
export const identityNames = Object.keys(identityIds) as readonly (keyof Identities)[];

/** An application with its service principal. */
type IdentityIds = Omit<Identity, "clientSecret">;

/** A new tenant: people, first-party service principals, a subscription, and the two identities without secrets. */
export function seedState(now: Date, cloudName: CloudName = "public"): TenantState {
  const createdDateTime = aDayBefore(now);
  const cloud = clouds[cloudName];
  const graph = graphServicePrincipal(cloud, createdDateTime);
  const state: TenantState = {
    version: 1,
    ...(cloudName === "public" ? {} : { cloud: cloudName }),
    tenantId,
    tenantDisplayName: "Contoso (emulated)",
    defaultDomain,
    subscriptionId,
    directory: {
      applications: {},
      servicePrincipals: byId([graph, ...firstPartyServicePrincipals(cloud, createdDateTime)]),
      users: byId(seedUsers(defaultDomain)),
      groups: byId(seedGroups(defaultDomain)),
      sites: byId(seedSites(cloud)),
      appRoleAssignments: {},
      driveItems: byId(seedDriveItems(createdDateTime)),
      deletedItems: {},
      policies: {
        defaultAppManagementPolicy: {
          id: "00000000-0000-0000-0000-000000000000",
          displayName: "Default app management tenant policy",
          description:
            "Default tenant policy that enforces app management restrictions on applications and service principals. To apply policy to targeted resources, create a new policy under appManagementPolicies collection.",
          isEnabled: false,
          applicationRestrictions: { passwordCredentials: [], keyCredentials: [] },
          servicePrincipalRestrictions: { passwordCredentials: [], keyCredentials: [] },
        },
        appManagementPolicies: {},
        appManagementPolicyAssignments: {},
      },
    },
    arm: {
      resources: {},
      roleAssignments: {},
      roleDefinitions: {},
      deletedVaults: {},
      registeredProviders: [
        "Microsoft.Authorization",
        "Microsoft.EventGrid",
        "Microsoft.Insights",
        "Microsoft.KeyVault",
        "Microsoft.Logic",
        "Microsoft.ManagedIdentity",
        "Microsoft.OperationalInsights",
        "Microsoft.Resources",
      ],
    },
    vaults: {},
  };
  for (const name of identityNames) seedIdentity(state, identityIds[name], heldBy[name], now);
  return state;
}

/**
 * Adds an identity and what it holds. It has been there for long enough that lag does not reach it, and can sign in with
 * nothing yet.
 */
export function seedIdentity(
  state: TenantState,
  identity: IdentityIds,
  { permissions, roles }: Holdings,
  now: Date,
): void {
  const createdDateTime = aDayBefore(now);
  const { applications, servicePrincipals } = state.directory;
  applications[identity.applicationObjectId] = seedApplication(identity, createdDateTime);
  servicePrincipals[identity.objectId] = seedServicePrincipal(identity, createdDateTime);
  for (const permission of permissions) {
    grantPermission(state, identity.objectId, permission, createdDateTime);
  }
  for (const role of roles) {
    const assignment = subscriptionRoleAssignment(role, identity.objectId, createdDateTime);
    state.arm.roleAssignments[assignment.id.toLowerCase()] = assignment;
  }
}

/** Replaces the secrets of the tenant's own identities, at each start; lag never reaches the new ones. */
export function issueIdentities(state: TenantState, now: Date): Identities {
  return {
    administrator: issueSecret(state, "administrator", now),
    deployer: issueSecret(state, "deployer", now),
    verifier: issueSecret(state, "verifier", now),
  };
}

/**
 * Gives a service principal a Microsoft Graph application permission, as "Grant admin consent" does.
 *
 * @returns Whether the permission exists; nothing changes otherwise.
 */
export function grantPermission(
  state: TenantState,
  principalObjectId: string,
  permission: string,
  createdDateTime: string,
): boolean {
  const { servicePrincipals, appRoleAssignments } = state.directory;
  const graph = Object.values(servicePrincipals).find(({ appId }) => appId === graphClientId);
  const role = graph?.appRoles.find(({ value }) => value === permission);
  if (graph === undefined || role === undefined) return false;
  const assignmentId = newAssignmentId(principalObjectId);
  appRoleAssignments[assignmentId] = {
    id: assignmentId,
    appRoleId: role.id,
    createdDateTime,
    principalDisplayName: servicePrincipals[principalObjectId]?.displayName ?? "",
    principalId: principalObjectId,
    principalType: "ServicePrincipal",
    resourceDisplayName: graph.displayName,
    resourceId: graph.id,
  };
  return true;
}

/** An app role assignment's ID, as Graph makes it: 43 characters, of which the first are its principal's ID. */
export function newAssignmentId(principalObjectId: string): string {
  return Buffer.concat([guidBytes(principalObjectId), randomBytes(16)]).toString("base64url");
}

/** A GUID's 16 bytes as Windows lays them: the first three parts from the last byte to the first. */
export function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replaceAll("-", ""), "hex");
  return Buffer.concat([
    bytes.subarray(0, 4).reverse(),
    bytes.subarray(4, 6).reverse(),
    bytes.subarray(6, 8).reverse(),
    bytes.subarray(8),
  ]);
}

const signInName = "emulated sign-in";

function issueSecret(state: TenantState, name: keyof Identities, now: Date): Identity {
  const identity = identityIds[name];
  const clientSecret = newSecret();
  const { applications, deletedItems } = state.directory;
  const { applicationObjectId } = identity;
  // A tenant that an earlier version saved lacks newer identities.
  if (!(applicationObjectId in applications) && !(applicationObjectId in deletedItems)) {
    seedIdentity(state, identity, heldBy[name], now);
  }
  const application = applications[applicationObjectId];
  if (application !== undefined) {
    const yesterday = aDayBefore(now);
    application.passwordCredentials = [
      ...application.passwordCredentials.filter(({ displayName }) => displayName !== signInName),
      {
        keyId: newGuid(),
        displayName: signInName,
        startDateTime: yesterday,
        // Tests move the clock by years.
        endDateTime: wholeSeconds(new Date(now.getTime() + 20 * 365 * 86_400_000)),
        hint: clientSecret.slice(0, 3),
        secretHash: hashSecret(clientSecret),
        createdDateTime: yesterday,
      },
    ];
  }
  return { ...identity, clientSecret };
}

/** Adds a SharePoint site at an address, unless there is one. */
export function seedSite({ directory: { sites } }: TenantState, webUrl: string): void {
  if (Object.values(sites).some((site) => site.webUrl.toLowerCase() === webUrl.toLowerCase())) return;
  const { hostname, pathname } = new URL(webUrl);
  const id = `${hostname},${newGuid()},${newGuid()}`;
  const name = pathname.split("/").at(-1) ?? "";
  sites[id] = { id, name, displayName: name === "" ? hostname : name, webUrl };
}

/** Addresses that Microsoft Graph goes by in more than one cloud. */
const publicNames = [
  "https://graph.microsoft.com",
  "https://graph.microsoft.us",
  "https://dod-graph.microsoft.us",
];

function graphServicePrincipal(
  { graph, microsoftTenantId }: Cloud,
  createdDateTime: string,
): ServicePrincipal {
  return {
    id: graphObjectId,
    appId: graphClientId,
    displayName: "Microsoft Graph",
    servicePrincipalType: "Application",
    accountEnabled: true,
    createdDateTime,
    appOwnerOrganizationId: microsoftTenantId,
    appRoles: graphAppRoles(),
    oauth2PermissionScopes: graphPermissionScopes(),
    ownerIds: [],
    signInAudience: "AzureADMultipleOrgs",
    servicePrincipalNames: [
      "https://canary.graph.microsoft.com/",
      "https://graph.microsoft.us/",
      "https://dod-graph.microsoft.us/",
      "https://graph.microsoft.us",
      "https://graph.microsoft.com/",
      "https://canary.graph.microsoft.com",
      "https://graph.microsoft.com",
      "https://ags.windows.net",
      `${graphClientId}/ags.windows.net`,
      graphClientId,
      "Microsoft.Azure.AgregatorService",
      "https://dod-graph.microsoft.us",
      ...(publicNames.includes(graph) ? [] : [graph, `${graph}/`]),
    ],
  };
}

function seedApplication(identity: IdentityIds, createdDateTime: string): Application {
  return {
    id: identity.applicationObjectId,
    appId: identity.clientId,
    displayName: identity.displayName,
    createdDateTime,
    passwordCredentials: [],
    federatedIdentityCredentials: [],
    ownerIds: [],
  };
}

function seedServicePrincipal(identity: IdentityIds, createdDateTime: string): ServicePrincipal {
  return {
    id: identity.objectId,
    appId: identity.clientId,
    displayName: identity.displayName,
    servicePrincipalType: "Application",
    accountEnabled: true,
    createdDateTime,
    appOwnerOrganizationId: tenantId,
    appRoles: [],
    oauth2PermissionScopes: [],
    ownerIds: [],
    servicePrincipalNames: [identity.clientId],
  };
}

function subscriptionRoleAssignment(
  { guid, condition }: Holdings["roles"][number],
  principalObjectId: string,
  createdOn: string,
): RoleAssignment {
  const scope = `/subscriptions/${subscriptionId}`;
  const name = newGuid();
  return {
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    name,
    type: "Microsoft.Authorization/roleAssignments",
    scope,
    roleDefinitionId: roleDefinitionIdOf(subscriptionId, guid),
    principalId: principalObjectId,
    principalType: "ServicePrincipal",
    ...(condition === undefined ? {} : { condition, conditionVersion: "2.0" }),
    createdOn,
    updatedOn: createdOn,
    createdBy: null,
    updatedBy: null,
  };
}

/** So old that replication lag never reaches it. */
function aDayBefore(now: Date): string {
  return wholeSeconds(new Date(now.getTime() - 86_400_000));
}

function byId<T extends { readonly id: string }>(items: readonly T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [item.id, item]));
}
