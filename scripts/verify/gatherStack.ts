import { chooseCloud } from "../../core/cloud/chosenCloud";
import { OperatorError } from "../../core/errors";
import type { AppOutputs } from "../../core/outputs/stackOutputs";
import { fetchRoleAssignments, fetchVault, type RoleAssignment } from "../../azure/arm";
import { azureClient, type AzureClient } from "../../azure/azureClient";
import { fetchApis, fetchGraphRoles, fetchNames } from "../../azure/directory";
import { graphApi, type GraphApi } from "../../azure/graph";
import { batchingExchange } from "../../azure/graphBatch";
import { inParallel } from "../../core/inParallel";
import { knowing, type Known } from "../shared/known";
import { keyVault, microsoftGraph, vaultOrigin } from "../../azure/services";
import { signIn, type Identity } from "../../azure/signIn";
import type { LoadedOutputs } from "../shared/stackOutputs";
import { textClaim } from "../../azure/tokenClaims";
import type { World } from "../shared/world";
import type { AppEvidence, StackEvidence, PowerPlatformEvidence } from "./evidence";
import { gatherApp } from "./gatherApp";
import { personSignIn } from "./personSignIn";
import { secretTags } from "../../core/agent/powerPlatform";
import type { StackOutputs } from "../../core/outputs/stackOutputs";
import { fetchPowerPlatformRegistration, fetchPowerPlatformServices } from "../shared/powerPlatformServices";

/** Apps looked at at the same time: each asks three services in turn, and each service is asked by 24 connections. */
const appsAtOnce = 72;

export interface GatherOptions {
  /** Apps to look at, by name. */
  readonly apps: readonly string[];
  /** Whether to skip the sign-in of apps without a secret that cannot be tested from here; otherwise it is a failure. */
  readonly ifTrusted: boolean;
  /** How long a person has to sign in as a user of each app, in seconds; undefined: no one is asked. */
  readonly signInSeconds: number | undefined;
  /** Reads of APIs that the caller names, by client ID of the API. */
  readonly apiReads: ReadonlyMap<string, URL>;
  /** Limit for waiting, in seconds from now. */
  readonly waitSeconds: number;
  /** Limit for waiting until the caller's role reaches the vault. */
  readonly roleWaitSeconds: number;
}

export interface Gathered {
  readonly stack: StackEvidence;
  readonly apps: readonly AppEvidence[];
}

/**
 * Looks at the whole stack; judges nothing.
 *
 * @throws {OperatorError} when there is no sign-in to look with.
 */
export async function gather(world: World, loaded: LoadedOutputs, options: GatherOptions): Promise<Gathered> {
  const { outputs } = loaded;
  const { cloud } = chooseCloud(world.env);
  const client = azureClient(
    { ...world, exchange: batchingExchange(world.exchange, cloud.graph) },
    { waitSeconds: options.waitSeconds, longestWaitSeconds: options.roleWaitSeconds },
    cloud,
  );
  const identity = signIn(world.env, client, outputs.tenantId);
  const graph = graphApi(client, () => identity.getToken(microsoftGraph));
  const graphRoles = knowing(fetchGraphRoles(graph));
  const chosen = Object.entries(outputs.apps).filter(([name]) => options.apps.includes(name));
  const apis = knowing(fetchApis(graph, apisOf(chosen.map(([, app]) => app))));
  const callerObjectId = objectIdOf(identity);
  if (Object.keys(outputs.apps).length === 0) throw new OperatorError("NO_APPS", "The outputs name no app.");
  const vaultId = outputs.vaultResourceId;
  const vault = knowing(fetchVault(client, identity, vaultId));
  const vaultRoles = knowing(fetchRoleAssignments(client, identity, vaultId));
  const powerPlatform = gatherPowerPlatform(client, identity, graph, outputs);
  const principalNames = vaultRoles.then((roles) => namesOf(graph, roles));

  // These three are asked once Entra has answered, so their connections open meanwhile.
  for (const url of [vaultOrigin(cloud, outputs.vaultName), cloud.graph, cloud.resourceManager]) {
    world.preconnect(url);
  }
  const context = {
    client,
    env: world.env,
    identity,
    graph,
    outputs,
    graphRoles,
    apis,
    apiReads: options.apiReads,
    vaultRoles,
    callerObjectId,
    now: world.now,
    roleWaitSeconds: options.roleWaitSeconds,
  };
  const gathered = await inParallel(chosen, appsAtOnce, ([name, app]) => gatherApp(context, name, app));
  const apps: AppEvidence[] = [];
  for (const app of gathered) {
    // One after the other: a person has one browser.
    const person = await personSignIn(world, client.cloud, outputs.tenantId, app, options);
    apps.push({ ...app, person });
  }
  return {
    apps,
    stack: {
      cloud: client.cloud,
      outputs,
      outputsFrom: loaded.from,
      stackName: loaded.stack,
      pendingCreations: loaded.pendingCreations ?? [],
      now: world.now(),
      ifTrusted: options.ifTrusted,
      callerObjectId: await callerObjectId,
      callerDescription: identity.description,
      graphRoles: await graphRoles,
      vault: await vault,
      vaultRoles: await vaultRoles,
      principalNames: await principalNames,
      powerPlatform: await powerPlatform,
    },
  };
}

/** Client IDs of the other APIs that apps have permissions of, each once. */
function apisOf(apps: readonly AppOutputs[]): string[] {
  return [...new Set(apps.flatMap(({ apis = [] }) => apis.map(({ clientId }) => clientId)))];
}

/** Who the caller is, from its own token; undefined without one, which the vault's check then explains. */
async function objectIdOf(identity: Identity): Promise<string | undefined> {
  const decoded = await knowing(identity.getToken(keyVault).then((token) => token.decode()));
  return decoded.known ? textClaim(decoded.value, "oid") : undefined;
}

async function namesOf(
  graph: GraphApi,
  roles: Known<readonly RoleAssignment[]>,
): Promise<ReadonlyMap<string, string>> {
  if (!roles.known) return new Map();
  const principals = new Set(roles.value.map(({ properties }) => properties.principalId));
  const names = await knowing(fetchNames(graph, [...principals]));
  return names.known ? names.value : new Map();
}

/** Looks at what Power Platform needs of tenant and subscription; asks nothing where it has no access. */
async function gatherPowerPlatform(
  client: AzureClient,
  identity: Identity,
  graph: GraphApi,
  outputs: StackOutputs,
): Promise<PowerPlatformEvidence | undefined> {
  const { environmentId, agents, virtualAgentsServiceObjectId } = outputs.powerPlatform;
  if (environmentId === undefined) return undefined;
  const subscriptionId = outputs.vaultResourceId.split("/")[2] ?? "";
  const [services, registration] = await Promise.all([
    fetchPowerPlatformServices(client.cloud, graph, virtualAgentsServiceObjectId),
    knowing(fetchPowerPlatformRegistration(client, identity, subscriptionId)),
  ]);
  return { environmentId, tags: secretTags({ environmentId, agents }), services, registration };
}
