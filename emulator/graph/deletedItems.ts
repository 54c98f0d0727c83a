import { empty, json } from "../server/http";
import type { Application, DeletedItem, ServicePrincipal } from "../tenant/tenant";
import { readApplications, writeApplications } from "./access";
import { applicationEntity } from "./applicationEntity";
import { denied, notFound } from "./graphError";
import { listResponse, type Entity } from "./listing";
import { odataContext, parameter, type GraphContext, type Route } from "./route";
import { servicePrincipalEntity } from "./servicePrincipalEntity";
import { purge, purgeExpired } from "./softDelete";

const one = "directory/deletedItems/{object}";

/** `directory/deletedItems`: list, restore, delete for good. */
export const deletedItemRoutes: readonly Route[] = [
  {
    method: "GET",
    pattern: "directory/deletedItems/microsoft.graph.application",
    allowedBy: readApplications,
    handle: (context) => list(context, "application"),
  },
  {
    method: "GET",
    pattern: "directory/deletedItems/microsoft.graph.servicePrincipal",
    allowedBy: readApplications,
    handle: (context) => list(context, "servicePrincipal"),
  },
  { method: "GET", pattern: one, allowedBy: readApplications, orOwner: true, handle: read },
  { method: "DELETE", pattern: one, allowedBy: writeApplications, orOwner: true, handle: deleteForGood },
  { method: "POST", pattern: `${one}/restore`, allowedBy: writeApplications, orOwner: true, handle: restore },
];

function entityOf(
  context: GraphContext,
  { kind, item }: DeletedItem,
  deletedDateTime: string | null,
): Entity {
  const entity =
    kind === "application"
      ? applicationEntity(item as Application, context.tenant.state)
      : servicePrincipalEntity(item as ServicePrincipal);
  return { ...entity, deletedDateTime };
}

function list(context: GraphContext, kind: DeletedItem["kind"]): Response {
  purgeExpired(context.tenant);
  const items = Object.values(context.tenant.state.directory.deletedItems).filter(
    (item) => item.kind === kind,
  );
  return listResponse(
    context,
    items.map((item) => entityOf(context, item, item.deletedDateTime)),
    { entitySet: `${kind}s` },
  );
}

function requireItem(context: GraphContext): DeletedItem {
  purgeExpired(context.tenant);
  const objectId = parameter(context, "object").toLowerCase();
  const found = context.tenant.state.directory.deletedItems[objectId];
  if (found === undefined) throw notFound(objectId);
  if (context.ownedOnly && !found.item.ownerIds.includes(context.caller.objectId)) throw denied();
  return found;
}

function read(context: GraphContext): Response {
  const found = requireItem(context);
  return describe(context, found, found.deletedDateTime);
}

function describe(context: GraphContext, found: DeletedItem, deletedDateTime: string | null): Response {
  return json(200, {
    "@odata.context": odataContext(context, "directoryObjects/$entity"),
    "@odata.type": `#microsoft.graph.${found.kind}`,
    ...entityOf(context, found, deletedDateTime),
  });
}

function deleteForGood(context: GraphContext): Response {
  purge(requireItem(context).item.id, context.tenant);
  return empty();
}

/**
 * Brings one object back, and nothing else: a service principal that went with its application is restored on its own.
 *
 * @see https://learn.microsoft.com/graph/api/directory-deleteditems-restore (read 2026-11)
 */
function restore(context: GraphContext): Response {
  const found = requireItem(context);
  const { applications, servicePrincipals, deletedItems } = context.tenant.state.directory;
  Reflect.deleteProperty(deletedItems, found.item.id);
  if (found.kind === "application") applications[found.item.id] = found.item as Application;
  else servicePrincipals[found.item.id] = found.item as ServicePrincipal;
  return describe(context, found, null);
}
