import { isGuid } from "../server/http";
import type { Application, ServicePrincipal, Tenant } from "../tenant/tenant";
import { denied, notFound } from "./graphError";
import { parameter, type GraphContext } from "./route";

/**
 * The application that the path's `{application}` names, by object ID or as `appId='…'`.
 *
 * @throws {GraphError} 404 where it is missing or this replica lags; 403 where the caller may only touch its own.
 */
export function requireApplication(context: GraphContext): Application {
  const found = findByKey(
    context,
    context.tenant.state.directory.applications,
    parameter(context, "application"),
  );
  if (context.ownedOnly && !found.ownerIds.includes(context.caller.objectId)) throw denied();
  return found;
}

/** The same for the path's `{servicePrincipal}`. */
export function requireServicePrincipal(context: GraphContext): ServicePrincipal {
  const key = parameter(context, "servicePrincipal");
  const found = findByKey(context, context.tenant.state.directory.servicePrincipals, key);
  if (context.ownedOnly && !found.ownerIds.includes(context.caller.objectId)) throw denied();
  return found;
}

/** Whether the replica that this request meets knows an object; counts as a read. */
export function isVisible(objectId: string, tenant: Tenant): boolean {
  return tenant.replication.isVisible(objectId, tenant.clock.now(), tenant.faults);
}

/** The service principal of an application, whatever the lag. */
export function servicePrincipalOf(appId: string, tenant: Tenant): ServicePrincipal | undefined {
  return Object.values(tenant.state.directory.servicePrincipals).find(
    (candidate) => candidate.appId === appId,
  );
}

/** The object ID behind the path's `{application}`, whatever the lag; the key itself where there is none. */
export function applicationObjectIdOf(context: GraphContext): string {
  const key = parameter(context, "application");
  return byKey(context.tenant.state.directory.applications, key)?.id ?? key;
}

function findByKey<T extends Keyed>(
  context: GraphContext,
  objects: Readonly<Record<string, T>>,
  key: string,
): T {
  const found = byKey(objects, key);
  if (found === undefined || !isVisible(found.id, context.tenant)) throw notFound(clientIdOf(key) ?? key);
  return found;
}

interface Keyed {
  readonly id: string;
  readonly appId: string;
}

function byKey<T extends Keyed>(objects: Readonly<Record<string, T>>, key: string): T | undefined {
  const clientId = clientIdOf(key);
  if (clientId === undefined) return isGuid(key) ? objects[key.toLowerCase()] : undefined;
  return Object.values(objects).find(({ appId }) => appId === clientId.toLowerCase());
}

/** The client ID of a key written as `appId='…'`. */
function clientIdOf(key: string): string | undefined {
  return /^appId='(.+)'$/i.exec(key)?.[1];
}
