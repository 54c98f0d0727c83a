import { randomBytes } from "node:crypto";
import { empty, isRecord, textOf } from "../server/http";
import type { Site, SitePermission } from "../tenant/tenant";
import { badRequest, filesDenied, notFound } from "./graphError";
import { entityResponse, listResponse, type Entity } from "./listing";
import { both } from "./people";
import { parameter, readBody, type GraphContext, type Route } from "./route";

const readers = [...both("Sites"), "Sites.Manage.All", "Sites.FullControl.All"];
const granters = ["Sites.FullControl.All"];
const permissionRoles = ["read", "write", "owner", "fullcontrol"];

const permissions = "sites/{site}/permissions";
const permission = `${permissions}/{permission}`;

/**
 * One SharePoint site, by ID or by address, and the grants by which an app with `Sites.Selected` reaches it.
 *
 * @see https://learn.microsoft.com/graph/api/site-get (read 2026-11)
 * @see https://learn.microsoft.com/graph/api/site-post-permissions (read 2026-11)
 */
export const siteRoutes: readonly Route[] = [
  readSite("sites/{site}"),
  readSite("sites/{site}/{managed}/{path}"),
  {
    method: "GET",
    pattern: permissions,
    allowedBy: granters,
    handle: (context) => {
      const { id } = requireSite(context);
      const found = Object.values(permissionsOf(context)).filter(({ siteId }) => siteId === id);
      return listResponse(context, found.map(entityOf), { entitySet: "permissions" });
    },
  },
  { method: "POST", pattern: permissions, allowedBy: granters, handle: create },
  {
    method: "GET",
    pattern: permission,
    allowedBy: granters,
    handle: (context) =>
      entityResponse(context, entityOf(requirePermission(context)), { entitySet: "permissions" }),
  },
  {
    method: "PATCH",
    pattern: permission,
    allowedBy: granters,
    handle: async (context) => {
      const body = await readBody(context);
      const found = requirePermission(context);
      found.roles = rolesIn(body);
      return entityResponse(context, entityOf(found), { entitySet: "permissions" });
    },
  },
  {
    method: "DELETE",
    pattern: permission,
    allowedBy: granters,
    handle: (context) => {
      Reflect.deleteProperty(permissionsOf(context), requirePermission(context).id);
      return empty();
    },
  },
];

/** An app with `Sites.Selected` alone reads the sites that are granted to it. */
function readSite(pattern: string): Route {
  return {
    method: "GET",
    pattern,
    allowedBy: [...readers, "Sites.Selected"],
    handle: (context) => {
      const site = requireSite(context);
      const { roles, scopes, clientId } = context.caller;
      const reachesAll = readers.some((reader) => [...roles, ...(scopes ?? [])].includes(reader));
      const isGranted = Object.values(permissionsOf(context)).some(
        (one) => one.siteId === site.id && one.clientId === clientId,
      );
      if (!reachesAll && !isGranted) throw filesDenied();
      return entityResponse(context, { ...site }, { entitySet: "sites" });
    },
  };
}

/** By ID, by `root`, or by address: `{host}` or `{host}:/sites/{name}`. */
function requireSite(context: GraphContext): Site {
  const sites = Object.values(context.tenant.state.directory.sites);
  const key = parameter(context, "site");
  const { managed, path } = context.parameters;
  const address =
    managed === undefined ? `https://${key}` : `https://${key.replace(/:$/, "")}/${managed}/${path ?? ""}`;
  const found =
    key === "root"
      ? sites[0]
      : sites.find(
          ({ id, webUrl }) =>
            (managed === undefined && id === key) || webUrl.toLowerCase() === address.toLowerCase(),
        );
  if (found === undefined) throw notFound(key);
  return found;
}

function permissionsOf({ tenant }: GraphContext): Record<string, SitePermission> {
  return (tenant.state.directory.sitePermissions ??= {});
}

function requirePermission(context: GraphContext): SitePermission {
  const key = parameter(context, "permission");
  const found = permissionsOf(context)[key];
  if (found?.siteId !== requireSite(context).id) throw notFound(key);
  return found;
}

async function create(context: GraphContext): Promise<Response> {
  const body = await readBody(context);
  const site = requireSite(context);
  const roles = rolesIn(body);
  const [grantee] = Array.isArray(body["grantedToIdentities"])
    ? (body["grantedToIdentities"] as unknown[])
    : [];
  const application = isRecord(grantee) ? grantee["application"] : undefined;
  // Grants to users are made in SharePoint itself.
  if (!isRecord(application) || typeof application["id"] !== "string") throw badRequest("Invalid request");
  const made: SitePermission = {
    id: randomBytes(24).toString("base64url"),
    siteId: site.id,
    clientId: application["id"],
    displayName: textOf(application["displayName"]),
    roles,
  };
  permissionsOf(context)[made.id] = made;
  return entityResponse(context, entityOf(made), { entitySet: "permissions" }, 201);
}

function rolesIn({ roles }: Record<string, unknown>): string[] {
  if (!Array.isArray(roles) || roles.length === 0) throw badRequest("Invalid request");
  return roles.map((role) => {
    if (typeof role === "string" && permissionRoles.includes(role)) return role;
    throw badRequest(`Invalid role: ${String(role)}`);
  });
}

function entityOf({ id, clientId, displayName, roles }: SitePermission): Entity {
  const grantedTo = [{ application: { displayName, id: clientId } }];
  return { id, roles, grantedToIdentitiesV2: grantedTo, grantedToIdentities: grantedTo };
}
