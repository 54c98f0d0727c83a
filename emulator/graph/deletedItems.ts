import { empty, json } from "../server/http";
import type { Application, DeletedItem, Group, ServicePrincipal, User } from "../tenant/tenant";
import { readApplications, writeApplications } from "./access";
import { applications } from "./applications";
import { denied, notFound } from "./graphError";
import { listResponse, type Entity } from "./listing";
import { groups, users } from "./people";
import { odataContext, parameter, type GraphContext, type Route } from "./route";
import { servicePrincipals } from "./servicePrincipals";
import { purge, purgeExpired, undelete } from "./softDelete";

const one = "directory/deletedItems/{object}";

/** What an object's kind asks for, is asked once it is found. */
const anyReader = [
  ...readApplications,
  "User.Read.All",
  "User.ReadWrite.All",
  "Group.Read.All",
  "Group.ReadWrite.All",
];
const anyWriter = [...writeApplications, "User.ReadWrite.All", "Group.ReadWrite.All"];

const sets = [applications, servicePrincipals, users, groups];

/** `directory/deletedItems`: list, restore, delete for good. */
export const deletedItemRoutes: readonly Route[] = [
  ...sets.map(({ kind, readers }): Route => ({
    method: "GET",
    pattern: `directory/deletedItems/microsoft.graph.${kind}`,
    allowedBy: readers,
    handle: (context) => list(context, kind),
  })),
  { method: "GET", pattern: one, allowedBy: anyReader, orOwner: true, handle: read },
  { method: "DELETE", pattern: one, allowedBy: anyWriter, orOwner: true, handle: deleteForGood },
  { method: "POST", pattern: `${one}/restore`, allowedBy: anyWriter, orOwner: true, handle: restore },
];

function entityOf(
  { tenant }: GraphContext,
  { kind, item }: DeletedItem,
  deletedDateTime: string | null,
): Entity {
  const entity = {
    application: () => applications.describe(item as Application, tenant),
    servicePrincipal: () => servicePrincipals.describe(item as ServicePrincipal, tenant),
    user: () => users.describe(item as User, tenant),
    group: () => groups.describe(item as Group, tenant),
  }[kind]();
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
  if (context.ownedOnly && found.item.ownerIds?.includes(context.caller.objectId) !== true) throw denied();
  const { readers, writers } = sets.find(({ kind }) => kind === found.kind) ?? applications;
  const opening = context.request.method === "GET" ? readers : writers;
  if (!context.ownedOnly && !opening.some((role) => context.caller.roles.includes(role))) throw denied();
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
  undelete(found, context.tenant);
  return describe(context, found, null);
}
