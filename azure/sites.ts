import * as z from "zod/mini";
import { sitePath } from "../core/permissions/siteAccess";
import type { GraphApi } from "./graph";
import { readJson } from "./json";
import { isNotFound, serviceRefusal } from "./serviceRefusal";
import { microsoftGraph } from "./services";

const service = microsoftGraph.name;

const identities = z.pipe(
  z.nullish(z.array(z.object({ application: z.nullish(z.object({ id: z.string() })) }))),
  z.transform((list) => (list ?? []).flatMap(({ application }) => application?.id ?? [])),
);
const permission = z.pipe(
  z.object({
    id: z.string(),
    roles: z._default(z.array(z.string()), []),
    grantedToIdentities: identities,
    grantedToIdentitiesV2: identities,
  }),
  z.transform(({ id, roles, grantedToIdentities, grantedToIdentitiesV2 }) => ({
    id,
    roles,
    clientIds: [...grantedToIdentitiesV2, ...grantedToIdentities].map((one) => one.toLowerCase()),
  })),
);

/** A grant of one SharePoint site. */
export type SitePermission = z.infer<typeof permission>;

/** Grants of SharePoint sites to apps, through Microsoft Graph. */
export interface SiteGrants {
  /** @returns the site's ID, which leads to it even when its address changes. */
  siteId(url: string): Promise<string>;
  /** @returns the grant that an app has of the site. */
  held(siteId: string, clientId: string): Promise<SitePermission | undefined>;
  /** @returns undefined for a grant that is not there any more. */
  get(siteId: string, permissionId: string): Promise<SitePermission | undefined>;
  /** @returns the grant's ID. */
  add(siteId: string, app: SiteGrantee, role: string): Promise<string>;
  changeRole(siteId: string, permissionId: string, role: string): Promise<void>;
  remove(siteId: string, permissionId: string): Promise<void>;
}

export interface SiteGrantee {
  readonly clientId: string;
  readonly displayName: string;
}

/**
 * @throws {ServiceRefusal} 403 without `Sites.FullControl.All`, 404 for a site that is not there.
 * @see https://learn.microsoft.com/graph/api/site-post-permissions (read 2026-11)
 */
export function siteGrants(graph: GraphApi): SiteGrants {
  const at = (siteId: string, permissionId = ""): string =>
    `/sites/${siteId}/permissions${permissionId === "" ? "" : `/${permissionId}`}`;
  return {
    siteId: async (url) => (await graph.get(`${sitePath(url)}?$select=id`, z.object({ id: z.string() }))).id,
    held: async (siteId, clientId) => {
      const found = await graph.list(at(siteId), permission);
      return found.find(({ clientIds }) => clientIds.includes(clientId.toLowerCase()));
    },
    get: async (siteId, permissionId) => {
      const reply = await graph.ask(at(siteId, permissionId));
      if (isNotFound(service, reply)) return undefined;
      const found = reply.status === 200 ? readJson(permission, reply.body) : undefined;
      if (found === undefined) throw serviceRefusal(service, reply);
      return found;
    },
    add: async (siteId, { clientId, displayName }, role) => {
      const grant = { roles: [role], grantedToIdentities: [{ application: { id: clientId, displayName } }] };
      const reply = await graph.write("POST", at(siteId), grant);
      const found = reply.status === 201 ? readJson(permission, reply.body) : undefined;
      if (found === undefined) throw serviceRefusal(service, reply);
      return found.id;
    },
    changeRole: async (siteId, permissionId, role) => {
      const reply = await graph.write("PATCH", at(siteId, permissionId), { roles: [role] });
      if (reply.status !== 200) throw serviceRefusal(service, reply);
    },
    remove: async (siteId, permissionId) => {
      const reply = await graph.write("DELETE", at(siteId, permissionId));
      if (reply.status !== 204 && !isNotFound(service, reply)) throw serviceRefusal(service, reply);
    },
  };
}
