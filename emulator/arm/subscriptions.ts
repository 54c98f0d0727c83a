import { cloudOf } from "../tenant/clouds";
import { json } from "../server/http";
import { demandRight, type ArmRequest } from "./armRequest";
import { principalAndGroups } from "./access";
import { methodNotAllowed } from "./armError";
import { isWithin } from "./armPath";
import { allRegions } from "./locations";
import { requireSubscription } from "./scopes";

/** `GET /tenants`: the one tenant, for anyone who is signed in. */
export function listTenants({ tenant, method }: ArmRequest): Response {
  if (method !== "GET") throw methodNotAllowed(method);
  const { tenantId, tenantDisplayName, defaultDomain } = tenant.state;
  const entry = {
    id: `/tenants/${tenantId}`,
    tenantId,
    countryCode: "DE",
    displayName: tenantDisplayName,
    domains: [defaultDomain],
    tenantCategory: "Home",
    defaultDomain,
    tenantType: "AAD",
  };
  return json(200, { value: [entry] });
}

/** `GET /subscriptions`: those in which the caller has any role at all, as `az login` finds them. */
export function listSubscriptions(request: ArmRequest): Response {
  if (request.method !== "GET") throw methodNotAllowed(request.method);
  const value = hasAnyRole(request) ? [describeSubscription(request)] : [];
  return json(200, { value, count: { type: "Total", value: value.length } });
}

/** `GET /subscriptions/{s}` and `/subscriptions/{s}/locations`. */
export function handleSubscription(request: ArmRequest, rest: readonly string[]): Response {
  const { method, path } = request;
  if (method !== "GET") throw methodNotAllowed(method);
  if (!hasAnyRole(request)) demandRight(request, "Microsoft.Resources/subscriptions/read", path.scope);
  const id = requireSubscription(request.tenant, path.scope.split("/")[2] ?? "");
  if (rest.length === 0) return json(200, describeSubscription(request));
  return json(200, {
    value: allRegions(cloudOf(request.tenant.state)).map(({ name, displayName }) => ({
      id: `${id}/locations/${name}`,
      name,
      type: "Region",
      displayName,
      regionalDisplayName: displayName,
      metadata: { regionType: "Physical", regionCategory: "Recommended" },
    })),
  });
}

function describeSubscription({ tenant }: ArmRequest): object {
  const { subscriptionId, tenantId, tenantDisplayName } = tenant.state;
  return {
    id: `/subscriptions/${subscriptionId}`,
    authorizationSource: "RoleBased",
    managedByTenants: [],
    subscriptionId,
    tenantId,
    displayName: tenantDisplayName,
    state: "Enabled",
    subscriptionPolicies: {
      locationPlacementId: "Public_2014-09-01",
      quotaId: "PayAsYouGo_2014-09-01",
      spendingLimit: "Off",
    },
  };
}

function hasAnyRole({ tenant: { state }, caller }: ArmRequest): boolean {
  const subscription = `/subscriptions/${state.subscriptionId}`;
  const principals = principalAndGroups(state, caller.objectId);
  return Object.values(state.arm.roleAssignments).some(
    ({ principalId, scope }) =>
      principals.has(principalId.toLowerCase()) &&
      (isWithin(scope, subscription) || isWithin(subscription, scope)),
  );
}
