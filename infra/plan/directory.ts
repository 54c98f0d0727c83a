import type { Cloud } from "../../core/cloud/clouds";
import { logText } from "../../core/sinks";
import * as pulumi from "@pulumi/pulumi";
import { keyVaultApiVersion } from "../../core/vault/keyVaultApi";
import * as z from "zod/mini";
import type { ExistingApp, ExistingApplication, ExistingGrant } from "../../core/permissions/existingApps";
import {
  defaultAccess,
  type ExistingAssignment,
  type ExistingConsent,
} from "../../core/permissions/existingConsents";
import { OperatorError } from "../../core/errors";
import type { TenantApis } from "../../core/permissions/apiRoles";
import { callerOf, type Caller } from "../../core/access/ownership";
import { stackIdTag } from "../../core/ownershipMark";
import type { ServicePrincipalCandidate } from "../../core/agent/powerPlatform";
import { appManagementPolicy, type AppManagementPolicy } from "../../core/secrets/secretPolicy";
import { armService, askArm } from "../../azure/arm";
import { fetchApp, fetchApplications, inFilter } from "../../azure/applications";
import type { Credential } from "../../azure/credential";
import { azureClient, type AzureClient } from "../../azure/azureClient";
import { findDeletedVault, type DeletedVault } from "../../azure/arm";
import { fetchApis, fetchConsents } from "../../azure/directory";
import { graphApi, type GraphApi } from "../../azure/graph";
import { microsoftGraph } from "../../azure/services";
import { isForbidden, isMissing, isNotFound, readBody } from "../../azure/serviceRefusal";
import { signIn, type Identity } from "../../azure/signIn";
import { httpsTransport } from "../../azure/transport";
import { fetchVaultUse } from "../../azure/vaultUse";
import type { PublishedSecret } from "../../core/vault/vaultInUse";
import { unrecordedIn, type Unrecorded } from "./unrecorded";

/** What the program asks the tenant, as the identity that deploys. Reads only, but for what {@link Unrecorded} says. */
export interface Directory extends Unrecorded {
  /** The signed-in identity; undefined where its token does not say. */
  caller(): Promise<Caller | undefined>;
  /** @returns undefined when there is no such application. */
  application(applicationObjectId: string): Promise<ExistingApp | undefined>;
  /** To tell whether a name is free; never to find what is then changed. */
  applicationsNamed(displayName: string): Promise<readonly ExistingApplication[]>;
  /** Applications that carry a stack's mark, which anyone can write. */
  applicationsMarked(stackId: string): Promise<readonly ExistingApplication[]>;
  /** How many federated credentials an application trusts. */
  federatedCredentialCount(applicationObjectId: string): Promise<number>;
  /** App roles of one API that a service principal holds; none for one that is not there yet. */
  grantsOf(servicePrincipalObjectId: string, resourceObjectId: string): Promise<readonly ExistingGrant[]>;
  /**
   * Delegated permissions of one API that a service principal has consent for. None for one that is not there yet, and for a
   * caller that may not look, such as a deployer beside a separate granter: Graph refuses a second grant then.
   */
  consentsOf(servicePrincipalObjectId: string, resourceObjectId: string): Promise<readonly ExistingConsent[]>;
  /** Users and groups that may use an app already; none for one that is not there yet. */
  assignmentsTo(servicePrincipalObjectId: string): Promise<readonly ExistingAssignment[]>;
  /** APIs that settings name by client ID, application ID URI or well-known name. */
  apis(named: readonly string[]): Promise<TenantApis>;
  servicePrincipalsNamed(displayName: string): Promise<readonly ServicePrincipalCandidate[]>;
  /** @returns the object ID, or undefined when the application has no service principal in this tenant. */
  servicePrincipalOf(clientId: string): Promise<string | undefined>;
  /**
   * What the tenant allows of client secrets.
   *
   * @param applicationObjectId undefined for an app that is yet to be made.
   * @returns undefined when the caller may not read it: Graph's `Policy.Read.All` is not among the rights asked for.
   */
  secretPolicies(applicationObjectId: string | undefined): Promise<SecretPolicies | undefined>;
  /** Whether Azure has a vault of this ARM ID. */
  hasVault(vaultId: string): Promise<boolean>;
  /** Which applications' client secrets a vault holds. */
  vaultUse(vaultId: string): Promise<readonly PublishedSecret[]>;
  /** @returns undefined when the subscription has no deleted vault of this name, or the caller may not see them. */
  deletedVault(subscriptionId: string, name: string): Promise<DeletedVault | undefined>;
}

/** The tenant's policy on client secrets, and an app's own in its place. */
export interface SecretPolicies {
  readonly tenantPolicy: AppManagementPolicy;
  readonly ownPolicy: AppManagementPolicy | undefined;
  /** When the application was registered; undefined for one that is yet to be made. */
  readonly createdAt: Date | undefined;
}

const principalShape = z.object({
  id: z.string(),
  displayName: z.string(),
  appOwnerOrganizationId: z.nullish(z.string()),
});
const vaultShape = z.object({ id: z.string() });
const createdShape = z.object({ createdDateTime: z.string() });
const grantShape = z.object({ id: z.string(), appRoleId: z.string(), resourceId: z.string() });
const assignmentShape = z.object({ id: z.string(), appRoleId: z.string(), principalId: z.string() });

/** Seconds to wait out a busy directory. */
const patienceSeconds = 60;

/**
 * The directory, signed in as Pulumi's providers are: `ARM_*`, else the Azure CLI and its like. Nothing is sent before the
 * first question. A program may ask for as long as it runs: each question has the same patience.
 */
export function programDirectory(environment: NodeJS.ProcessEnv, cloud: Cloud): Directory {
  const client = azureClient(
    {
      env: environment,
      exchange: httpsTransport(environment).exchange,
      now: () => new Date(),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      progress: (line) => {
        if (line !== undefined) void pulumi.log.info(logText(line), undefined, undefined, true);
      },
    },
    { waitSeconds: patienceSeconds, forEachRequest: true },
    cloud,
  );
  return directoryBy(client, environment);
}

/** The directory by a client; it signs in at the first question. */
export function directoryBy(client: AzureClient, environment: NodeJS.ProcessEnv): Directory {
  let identity: Identity | undefined;
  const getIdentity = (): Identity => (identity ??= signIn(environment, client));
  const graph = graphApi(client, () => getIdentity().getToken(microsoftGraph));
  const directory = directoryOn(graph);
  return {
    caller: async () => callerOf(claimsIn(await getIdentity().getToken(microsoftGraph))),
    ...directory,
    ...vaultsOf(client, getIdentity, graph),
    ...unrecordedIn({ graph, client, getIdentity, directory }),
  };
}

/** Nothing for a token that is not readable, which does not keep the services from taking it. */
function claimsIn(token: Credential): Readonly<Record<string, unknown>> {
  try {
    return token.decode().claims;
  } catch (error) {
    if (error instanceof OperatorError) return {};
    throw error;
  }
}

type Vaults = Pick<Directory, "hasVault" | "vaultUse" | "deletedVault">;

function vaultsOf(client: AzureClient, getIdentity: () => Identity, graph: GraphApi): Vaults {
  return {
    vaultUse: (vaultId) => fetchVaultUse(client, getIdentity(), graph, vaultId),
    hasVault: async (vaultId) => {
      const answer = await askArm(client, getIdentity(), { path: vaultId, apiVersion: keyVaultApiVersion });
      if (isNotFound(armService, answer)) return false;
      readBody(armService, answer, vaultShape);
      return true;
    },
    deletedVault: async (subscriptionId, name) => {
      try {
        return await findDeletedVault(client, getIdentity(), subscriptionId, name);
      } catch (error) {
        if (isForbidden(error)) return undefined;
        throw error;
      }
    },
  };
}

/** A service principal that was made just now has not reached every replica, and has nothing. */
async function noneWhereMissing<Item>(
  listed: Promise<Item[]>,
  isNone: (error: unknown) => boolean = () => false,
): Promise<Item[]> {
  try {
    return await listed;
  } catch (error) {
    if (isMissing(error) || isNone(error)) return [];
    throw error;
  }
}

/** Asks about each thing once a run, for all apps and all APIs together. */
function askOnce<Answer>(ask: (about: string) => Promise<Answer>): (about: string) => Promise<Answer> {
  const asked = new Map<string, Promise<Answer>>();
  return (about) => {
    const answer = asked.get(about) ?? ask(about);
    asked.set(about, answer);
    return answer;
  };
}

function directoryOn(graph: GraphApi): Omit<Directory, keyof Vaults | keyof Unrecorded | "caller"> {
  const servicePrincipals = (filter: string) =>
    graph.list(
      `/servicePrincipals?$filter=${encodeURIComponent(filter)}&$select=id,displayName,appOwnerOrganizationId`,
      principalShape,
    );
  const servicePrincipalOf = async (clientId: string): Promise<string | undefined> =>
    (await servicePrincipals(`appId eq '${clientId}'`))[0]?.id;
  const grantsFor = askOnce((servicePrincipalObjectId) =>
    noneWhereMissing(
      graph.list(`/servicePrincipals/${servicePrincipalObjectId}/appRoleAssignments`, grantShape),
    ),
  );
  const policyAt = askOnce((path) => graph.get(path, appManagementPolicy));
  return {
    application: (applicationObjectId) => fetchApp(graph, applicationObjectId),
    applicationsNamed: (displayName) => fetchApplications(graph, `displayName eq ${inFilter(displayName)}`),
    applicationsMarked: askOnce((stackId) =>
      fetchApplications(graph, `tags/any(tag:tag eq ${inFilter(stackIdTag(stackId))})`),
    ),
    federatedCredentialCount: async (applicationObjectId) => {
      const path = `/applications/${applicationObjectId}/federatedIdentityCredentials`;
      return (await graph.list(path, z.unknown())).length;
    },
    grantsOf: async (servicePrincipalObjectId, resourceObjectId) => {
      return (await grantsFor(servicePrincipalObjectId))
        .filter(({ resourceId }) => resourceId === resourceObjectId)
        .map(({ id, appRoleId }) => ({ assignmentId: id, appRoleId }));
    },
    consentsOf: (servicePrincipalObjectId, resourceObjectId) =>
      noneWhereMissing(fetchConsents(graph, servicePrincipalObjectId, resourceObjectId), isForbidden),
    assignmentsTo: async (servicePrincipalObjectId) => {
      const path = `/servicePrincipals/${servicePrincipalObjectId}/appRoleAssignedTo`;
      return (await noneWhereMissing(graph.list(path, assignmentShape)))
        .filter(({ appRoleId }) => appRoleId === defaultAccess)
        .map(({ id, principalId }) => ({ assignmentId: id, assignedObjectId: principalId }));
    },
    apis: (named) => fetchApis(graph, named),
    servicePrincipalsNamed: async (displayName) => {
      const found = await servicePrincipals(`displayName eq ${inFilter(displayName)}`);
      return found.map((principal) => ({
        objectId: principal.id,
        displayName: principal.displayName,
        applicationTenantId: principal.appOwnerOrganizationId ?? "",
      }));
    },
    servicePrincipalOf,
    secretPolicies: async (applicationObjectId) => {
      try {
        const tenantPolicy = await policyAt("/policies/defaultAppManagementPolicy");
        if (applicationObjectId === undefined)
          return { tenantPolicy, ownPolicy: undefined, createdAt: undefined };
        const path = `/applications/${applicationObjectId}`;
        const [own, { createdDateTime }] = await Promise.all([
          graph.list(`${path}/appManagementPolicies`, appManagementPolicy),
          graph.get(`${path}?$select=createdDateTime`, createdShape),
        ]);
        return { tenantPolicy, ownPolicy: own[0], createdAt: new Date(createdDateTime) };
      } catch (error) {
        if (isForbidden(error)) return undefined;
        throw error;
      }
    },
  };
}
