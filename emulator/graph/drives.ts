import { cloudOf, type Cloud } from "../tenant/clouds";
import { newGuid, wholeSeconds } from "../server/http";
import type { DriveItem, Tenant, User } from "../tenant/tenant";
import { requireItem } from "./entitySet";
import { badRequest, filesDenied, GraphError } from "./graphError";
import { entityResponse, listResponse, type Entity } from "./listing";
import { both, users } from "./people";
import { parameter, type GraphContext, type Route } from "./route";

const readers = [...both("Files"), ...both("Sites"), "Sites.Manage.All", "Sites.FullControl.All"];
const writers = ["Files.ReadWrite.All", "Sites.ReadWrite.All", "Sites.Manage.All", "Sites.FullControl.All"];

const drive = "users/{user}/drive";

/**
 * OneDrive, one flat folder for each user. An app with a permission reaches every drive; a signed-in user reaches its
 * own and what others share with it.
 *
 * @see https://learn.microsoft.com/graph/api/resources/onedrive (read 2026-11)
 */
export const driveRoutes: readonly Route[] = [
  ownDrive("GET", drive, readers, (context) =>
    entityResponse(context, driveEntity(requireItem(users, context), context.tenant), {
      entitySet: "drives",
    }),
  ),
  ownDrive("GET", `${drive}/root`, readers, (context) =>
    entityResponse(context, rootEntity(requireItem(users, context), context.tenant), {
      entitySet: "driveItems",
    }),
  ),
  ownDrive("GET", `${drive}/root/children`, readers, (context) => {
    const { id } = requireItem(users, context);
    const items = Object.values(itemsOf(context)).filter(({ ownerId }) => ownerId === id);
    return listResponse(
      context,
      items.map((item) => itemEntity(item, context.tenant)),
      { entitySet: "driveItems", skips: true },
    );
  }),
  ownDrive("GET", `${drive}/items/{item}`, readers, (context) =>
    answerItem(context, requireDriveItem(context, requireItem(users, context).id)),
  ),
  ownDrive("PUT", `${drive}/root:/{file}/content`, writers, writeFile),
  {
    method: "GET",
    pattern: "drives/{drive}/items/{item}",
    allowedBy: [...readers, "Files.Read", "Files.ReadWrite"],
    handle: (context) => {
      const driveId = parameter(context, "drive");
      const owner = Object.values(context.tenant.state.directory.users).find(
        (user) => driveIdOf(user.id) === driveId,
      );
      if (owner === undefined) throw itemNotFound();
      const item = requireDriveItem(context, owner.id);
      const { scopes, objectId } = context.caller;
      if (scopes !== undefined && owner.id !== objectId && !item.sharedWith.includes(objectId)) {
        throw filesDenied();
      }
      return answerItem(context, item);
    },
  },
];

function ownDrive(
  method: Route["method"],
  pattern: string,
  allowedBy: readonly string[],
  handle: Route["handle"],
): Route {
  return { method, pattern, allowedBy, personal: filesDenied, handle };
}

/** The ID of a user's drive. */
export function driveIdOf(userId: string): string {
  return `b!${Buffer.from(userId.replaceAll("-", ""), "hex").toString("base64url")}`;
}

function itemsOf({ tenant }: GraphContext): Record<string, DriveItem> {
  return (tenant.state.directory.driveItems ??= {});
}

function requireDriveItem(context: GraphContext, ownerId: string): DriveItem {
  const item = itemsOf(context)[parameter(context, "item")];
  if (item?.ownerId !== ownerId) throw itemNotFound();
  return item;
}

function itemNotFound(): GraphError {
  return new GraphError(404, "itemNotFound", "The resource could not be found.");
}

/** `PUT …/root:/{name}:/content`: makes a file or replaces what is in it. */
async function writeFile(context: GraphContext): Promise<Response> {
  const { id: ownerId } = requireItem(users, context);
  const file = parameter(context, "file");
  const name = file.slice(0, -1);
  if (!file.endsWith(":") || name === "")
    throw badRequest("The path must be given as root:/{file name}:/content.");
  const content = await context.request.text();
  const items = itemsOf(context);
  const existing = Object.values(items).find((item) => item.ownerId === ownerId && item.name === name);
  if (existing !== undefined) {
    existing.content = content;
    return answerItem(context, existing);
  }
  const item: DriveItem = {
    id: `01${newGuid().replaceAll("-", "").toUpperCase()}`,
    name,
    ownerId,
    sharedWith: [],
    content,
    createdDateTime: wholeSeconds(context.tenant.clock.now()),
  };
  items[item.id] = item;
  return answerItem(context, item, 201);
}

function answerItem(context: GraphContext, item: DriveItem, status = 200): Response {
  return entityResponse(context, itemEntity(item, context.tenant), { entitySet: "driveItems" }, status);
}

function driveEntity(owner: User, { state }: Tenant): Entity {
  return {
    id: driveIdOf(owner.id),
    driveType: "business",
    name: "OneDrive",
    owner: { user: { id: owner.id, displayName: owner.displayName, email: owner.mail } },
    webUrl: webUrlOf(owner, cloudOf(state)),
  };
}

function rootEntity(owner: User, { state }: Tenant): Entity {
  return {
    id: `01${owner.id.replaceAll("-", "").toUpperCase()}`,
    name: "root",
    folder: {},
    parentReference: { driveId: driveIdOf(owner.id), driveType: "business" },
    root: {},
    webUrl: webUrlOf(owner, cloudOf(state)),
  };
}

function itemEntity(item: DriveItem, { state }: Tenant): Entity {
  const owner = state.directory.users[item.ownerId];
  return {
    id: item.id,
    name: item.name,
    createdDateTime: item.createdDateTime,
    file: { mimeType: "text/plain" },
    parentReference: { driveId: driveIdOf(item.ownerId), driveType: "business" },
    size: Buffer.byteLength(item.content),
    webUrl: `${owner === undefined ? "" : webUrlOf(owner, cloudOf(state))}/${encodeURIComponent(item.name)}`,
  };
}

function webUrlOf({ userPrincipalName }: User, { sharePointSuffix }: Cloud): string {
  const name = userPrincipalName.replace(/[^a-z0-9]/gi, "_").toLowerCase();
  return `https://contoso-my.${sharePointSuffix}/personal/${name}/Documents`;
}
