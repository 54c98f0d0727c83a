import { OperatorError } from "../../core/errors";
import { vaultResourceId } from "../../core/outputs/stackOutputs";
import { fetchRoleAssignments, fetchVault, type RoleAssignment } from "../shared/armApi";
import { azureClient } from "../../azure/azureClient";
import { fetchGraphRoles, fetchNames } from "../shared/directoryApi";
import { graphApi, graphResource, type GraphApi } from "../../azure/graphApi";
import { inParallel } from "../shared/inParallel";
import { knowing, type Known } from "../shared/known";
import { signIn, type Identity } from "../../azure/signIn";
import type { LoadedOutputs } from "../shared/stackOutputs";
import { decodeToken, textClaim } from "../shared/tokenClaims";
import { vaultResource } from "../shared/vaultApi";
import type { World } from "../shared/world";
import type { AppEvidence, StackEvidence } from "./evidence";
import { gatherApp } from "./gatherApp";
import { gatherPowerPlatform } from "./gatherPowerPlatform";

/** Apps looked at at the same time: more would only meet Graph's throttling. */
const appsAtOnce = 24;

export interface GatherOptions {
  /** Apps to look at, by name. */
  readonly apps: readonly string[];
  /** An app without a secret that trusts nobody here is left unproved, and no failure. */
  readonly ifTrusted: boolean;
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
  const client = azureClient(world, options);
  const identity = signIn(world.env, client, outputs.tenantId);
  const graph = graphApi(client, () => identity.getToken(graphResource));
  const graphRoles = knowing(fetchGraphRoles(graph));
  const callerObjectId = objectIdOf(identity);
  if (Object.keys(outputs.apps).length === 0) throw new OperatorError("NO_APPS", "The outputs name no app.");
  const vaultId = vaultResourceId(outputs);
  const vault = knowing(fetchVault(client, identity, vaultId));
  const vaultRoles = knowing(fetchRoleAssignments(client, identity, vaultId));
  const powerPlatform = gatherPowerPlatform(client, identity, graph, outputs);
  const principalNames = vaultRoles.then((roles) => namesOf(graph, roles));

  const context = {
    client,
    env: world.env,
    identity,
    graph,
    outputs,
    graphRoles,
    vaultRoles,
    callerObjectId,
    now: world.now,
    roleWaitSeconds: options.roleWaitSeconds,
  };
  const chosen = Object.entries(outputs.apps).filter(([name]) => options.apps.includes(name));
  const apps = await inParallel(chosen, appsAtOnce, ([name, app]) => gatherApp(context, name, app));
  return {
    apps,
    stack: {
      outputs,
      outputsFrom: loaded.from,
      stackName: loaded.stack,
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

/** Who the caller is, from its own token; undefined without one, which the vault's check then explains. */
async function objectIdOf(identity: Identity): Promise<string | undefined> {
  const token = await knowing(identity.getToken(vaultResource));
  if (!token.known) return undefined;
  const decoded = await knowing(Promise.resolve(token.value).then(decodeToken));
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
