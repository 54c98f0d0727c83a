import { CloudName, clouds } from "../../core/cloud/clouds";
import type { dynamic } from "@pulumi/pulumi";
import * as z from "zod/mini";
import { azureClient } from "../../azure/azureClient";
import { graphApi } from "../../azure/graph";
import { microsoftGraph } from "../../azure/services";
import { signIn } from "../../azure/signIn";
import { siteGrants, type SiteGrants } from "../../azure/sites";
import { siteKey } from "../../core/permissions/siteAccess";
import { providerMoved, type ProviderWorld } from "./credential";

const wanted = z.object({
  cloud: z.optional(z.enum(CloudName)),
  tenantId: z.string(),
  siteUrl: z.string(),
  role: z.string(),
  clientId: z.string(),
  displayName: z.string(),
});
const recorded = z.extend(wanted, { siteId: z.string(), permissionId: z.string() });

/** A site that an app is to reach, and the app. */
export type WantedSiteGrant = z.infer<typeof wanted>;
/** The same, with where Microsoft Graph keeps it. */
export type RecordedSiteGrant = z.infer<typeof recorded>;

/** Calls of Pulumi's that this provider answers. */
export interface SiteGrantProvider {
  diff(id: string, olds: unknown, news: WantedSiteGrant): Promise<dynamic.DiffResult>;
  create(news: WantedSiteGrant): Promise<{ id: string; outs: RecordedSiteGrant }>;
  read(id: string, props: unknown): Promise<{ id: string; props?: unknown }>;
  update(id: string, olds: unknown, news: WantedSiteGrant): Promise<{ outs: RecordedSiteGrant }>;
  delete(id: string, props?: unknown): Promise<void>;
}

/** Seconds to wait out a busy service. */
const patienceSeconds = 120;

/**
 * The provider of an app's grant of one SharePoint site. A grant that the app has already, such as one of a killed run, is
 * taken in; grants of other apps are never touched.
 */
export function siteGrantProvider(world: ProviderWorld): SiteGrantProvider {
  const connect = ({ tenantId, cloud }: Pick<WantedSiteGrant, "tenantId" | "cloud">): SiteGrants => {
    const client = azureClient(world, { waitSeconds: patienceSeconds }, clouds[cloud ?? "public"]);
    const identity = signIn(world.env, client, tenantId);
    return siteGrants(graphApi(client, () => identity.getToken(microsoftGraph)));
  };
  return {
    diff: (_id, olds, news) => {
      const record = recorded.safeParse(olds).data;
      if (record === undefined) return Promise.resolve({ changes: true });
      const replaces = [
        ...(siteKey(record.siteUrl) === siteKey(news.siteUrl) ? [] : ["siteUrl"]),
        ...(record.clientId === news.clientId ? [] : ["clientId"]),
      ];
      const changes = replaces.length > 0 || record.role !== news.role || providerMoved(olds, news);
      return Promise.resolve({ changes, replaces });
    },
    create: async (news) => {
      const sites = connect(news);
      const siteId = await sites.siteId(news.siteUrl);
      const held = await sites.held(siteId, news.clientId);
      if (held !== undefined && !held.roles.includes(news.role))
        await sites.changeRole(siteId, held.id, news.role);
      const permissionId = held?.id ?? (await sites.add(siteId, news, news.role));
      return { id: `${siteId}/${permissionId}`, outs: { ...news, siteId, permissionId } };
    },
    read: async (id, props) => {
      const record = recorded.safeParse(props).data;
      if (record === undefined) return { id, props };
      const held = await connect(record).get(record.siteId, record.permissionId);
      if (held === undefined) return { id: "" };
      return { id, props: { ...record, role: held.roles[0] ?? "" } };
    },
    update: async (_id, olds, news) => {
      const { siteId, permissionId, role } = recorded.parse(olds);
      if (role !== news.role) await connect(news).changeRole(siteId, permissionId, news.role);
      return { outs: { ...news, siteId, permissionId } };
    },
    delete: async (_id, props) => {
      const record = recorded.parse(props);
      const { siteId, permissionId } = record;
      await connect(record).remove(siteId, permissionId);
    },
  };
}
