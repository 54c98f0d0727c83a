import { callerOf as callerOfToken } from "../../core/access/ownership";
import { OperatorError } from "../../core/errors";
import type { GraphPermissions } from "../../core/permissions/permissions";
import type { Reader } from "../../core/settings/settings";
import { azureClient } from "../../azure/azureClient";
import type { Credential } from "../../azure/credential";
import { graphApi } from "../../azure/graph";
import { microsoftGraph } from "../../azure/services";
import { signIn } from "../../azure/signIn";
import { fetchGraphPermissions, fetchPrincipalTypes } from "../../azure/directory";
import { knowing, type Known } from "../shared/known";
import { fetchLocations, findSubscription } from "../shared/subscription";
import { textClaim } from "../../azure/tokenClaims";
import type { World } from "../shared/world";

/** Who is signed in. */
export interface Caller {
  readonly objectId: string;
  readonly type: Reader["type"];
  /** For people. */
  readonly name: string;
  readonly tenantId: string;
  /** What its token for Microsoft Graph lets it do. */
  readonly holds: readonly string[];
}

/** What answers can be checked against; without a sign-in, little. */
export interface TenantView {
  readonly caller: Known<Caller>;
  readonly permissions: Known<GraphPermissions>;
  /** Where the subscription can have resources, by name, such as `westeurope`. */
  readonly locations: Known<readonly string[]>;
  /** Kinds of identities by object ID; without those that cannot be looked up. */
  typesOf(objectIds: readonly string[]): Promise<ReadonlyMap<string, Reader["type"]>>;
}

/** A person waits at the terminal: a busy service is tried again only for this long. */
const waitSeconds = 30;

export async function lookAtTenant(world: World): Promise<TenantView> {
  const client = azureClient(world, { waitSeconds });
  const identity = await knowing(Promise.resolve().then(() => signIn(world.env, client)));
  const getToken = async (): Promise<Credential> => {
    if (!identity.known) throw identity.error;
    return identity.value.getToken(microsoftGraph);
  };
  world.progress("Asking who is signed in");
  const caller = await knowing(getToken().then(callerOf));
  const graph = graphApi(client, getToken);
  const regions = async (): Promise<readonly string[]> => {
    if (!identity.known) throw identity.error;
    const subscriptionId = await findSubscription(world.env, client, identity, undefined);
    return fetchLocations(client, identity.value, subscriptionId);
  };
  const [permissions, locations] = caller.known
    ? await Promise.all([knowing(fetchGraphPermissions(graph)), knowing(regions())])
    : [caller, caller];
  world.progress(undefined);
  return {
    caller,
    permissions,
    locations,
    typesOf: async (objectIds) => {
      const types = caller.known ? await knowing(fetchPrincipalTypes(graph, objectIds)) : caller;
      return types.known ? types.value : new Map();
    },
  };
}

function callerOf(token: Credential): Caller {
  const decoded = token.decode();
  const [objectId, tenantId] = [textClaim(decoded, "oid"), textClaim(decoded, "tid")];
  if (objectId === undefined || tenantId === undefined) {
    throw new OperatorError("CALLER_UNKNOWN", "The sign-in's token does not say whose it is.");
  }
  const name =
    textClaim(decoded, "upn") ?? textClaim(decoded, "app_displayname") ?? textClaim(decoded, "appid");
  return {
    objectId,
    tenantId,
    name: name ?? "unnamed",
    type: decoded.claims["scp"] === undefined ? "ServicePrincipal" : "User",
    holds: callerOfToken(decoded.claims)?.holds ?? [],
  };
}
