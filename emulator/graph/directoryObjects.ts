import { json } from "../server/http";
import type { DeletedItem, Tenant } from "../tenant/tenant";
import { ownedBy, readApplications } from "./access";
import { applicationEntity } from "./applicationForm";
import { badRequest, notFound } from "./graphError";
import type { Entity } from "./listing";
import { isVisible } from "./entitySet";
import { groupEntity, userEntity, usersShown } from "./peopleForm";
import { odataContext, parameter, readBody, type GraphContext, type Route } from "./route";
import { servicePrincipalEntity } from "./servicePrincipalForm";

type Kind = DeletedItem["kind"];

const readersByKind: Readonly<Record<Kind, readonly string[]>> = {
  application: [...readApplications, ownedBy],
  servicePrincipal: [...readApplications, ownedBy],
  user: [
    "User.Read.All",
    "User.ReadBasic.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
  ],
  group: [
    "Group.Read.All",
    "Group.ReadWrite.All",
    "GroupMember.Read.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
  ],
};

interface DirectoryObject {
  readonly kind: Kind;
  readonly entity: Entity;
  readonly displayName: string;
}

/** Looks an object up in the whole directory, whatever the replication lag. */
export function findDirectoryObject(objectId: string, tenant: Tenant): DirectoryObject | undefined {
  const { applications, servicePrincipals, users, groups } = tenant.state.directory;
  const application = applications[objectId];
  if (application !== undefined) {
    const { displayName } = application;
    return { kind: "application", displayName, entity: applicationEntity(application, tenant) };
  }
  const servicePrincipal = servicePrincipals[objectId];
  if (servicePrincipal !== undefined) {
    const { displayName } = servicePrincipal;
    return { kind: "servicePrincipal", displayName, entity: servicePrincipalEntity(servicePrincipal) };
  }
  const user = users[objectId];
  if (user !== undefined) return { kind: "user", displayName: user.displayName, entity: userEntity(user) };
  const group = groups[objectId];
  if (group === undefined) return undefined;
  return { kind: "group", displayName: group.displayName, entity: groupEntity(group) };
}

/**
 * Objects of any kind, with their type. Of a kind that the caller may not read, only type and ID are shown.
 *
 * @see https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects
 *   (read 2026-11)
 */
export function describeObjects(context: GraphContext, objectIds: readonly string[]): Entity[] {
  return objectIds.flatMap((objectId) => {
    const found = findDirectoryObject(objectId, context.tenant);
    if (found === undefined || !isVisible(objectId, context.tenant)) return [];
    const type = { "@odata.type": `#microsoft.graph.${found.kind}` };
    const mayRead = readersByKind[found.kind].some((role) => context.caller.roles.includes(role));
    return [mayRead ? { ...type, ...shownOf(context, found) } : { ...type, id: objectId }];
  });
}

/** A user has many properties, of which few are shown unless the query says which. */
function shownOf({ url }: GraphContext, { kind, entity }: DirectoryObject): Entity {
  if (kind !== "user" || url.searchParams.has("$select")) return entity;
  return Object.fromEntries(usersShown.map((name) => [name, entity[name]]));
}

const anyReader = [...new Set(Object.values(readersByKind).flat())];

/** @throws {GraphError} 404 for an unknown ID, 400 for what cannot be an owner, such as a group. */
export function checkOwner(context: GraphContext, ownerId: string): void {
  const kind = findDirectoryObject(ownerId, context.tenant)?.kind;
  if (kind === undefined) throw notFound(ownerId);
  if (kind !== "user" && kind !== "servicePrincipal") {
    throw badRequest(
      `The reference target '${ownerId}' of type '${kind}' is invalid for the 'owners' reference.`,
    );
  }
}

/** `directoryObjects`: any object by ID, and many at once, which is how `az role assignment list` finds names. */
export const directoryObjectRoutes: readonly Route[] = [
  { method: "GET", pattern: "directoryObjects/{object}", allowedBy: anyReader, handle: readObject },
  { method: "POST", pattern: "directoryObjects/getByIds", allowedBy: anyReader, handle: getByIds },
];

function readObject(context: GraphContext): Response {
  const objectId = parameter(context, "object").toLowerCase();
  const [entity] = describeObjects(context, [objectId]);
  if (entity === undefined) throw notFound(objectId);
  return json(200, { "@odata.context": odataContext(context, "directoryObjects/$entity"), ...entity });
}

async function getByIds(context: GraphContext): Promise<Response> {
  const { ids, types } = await readBody(context);
  if (!Array.isArray(ids) || ids.length > 1000) {
    throw badRequest("Invalid value specified for property 'ids' of resource 'getByIds'.");
  }
  const wanted = Array.isArray(types)
    ? types.map((type) => `#microsoft.graph.${String(type)}`.toLowerCase())
    : [];
  const value = describeObjects(
    context,
    ids.map((id) => String(id).toLowerCase()),
  ).filter(
    (entity) =>
      wanted.length === 0 ||
      wanted.includes("#microsoft.graph.directoryobject") ||
      wanted.includes(String(entity["@odata.type"]).toLowerCase()),
  );
  return json(200, { "@odata.context": odataContext(context, "directoryObjects"), value });
}
