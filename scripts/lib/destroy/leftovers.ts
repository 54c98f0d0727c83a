import { z } from "zod";
import { keyVaultApiVersion } from "../../../infra/core/keyVaultApi";
import { askArm, armService, listArm } from "../../../azure/armApi";
import type { PassingTrouble } from "../../../azure/azureClient";
import { findDeletedVault } from "../../../azure/deletedVaults";
import type { HttpAnswer } from "../../../azure/http";
import { readBody, serviceRefusal, ServiceRefusal } from "../../../azure/serviceRefusal";
import { readVaultId } from "../../../infra/core/vaultAdoption";
import type { AzureView } from "./azureView";
import type { DestroyRecord, DirectoryObject } from "./destroyRecord";

/** What Azure shows of something that a destruction took away, or was to. */
export interface Leftover {
  readonly kind: "vault" | "application" | "servicePrincipal" | "workspace";
  /** The app's key, or the resource's own name. */
  readonly name: string;
  /** Object ID, or ARM ID. */
  readonly id: string;
  /** `deleted`: it can be had back. `live`: it is there. `gone`: for good. `unseen`: the caller may not look. */
  readonly state: "deleted" | "live" | "gone" | "unseen";
  /** ISO 8601: until when it can be had back; null where Azure does not say. */
  readonly until: string | null;
  /** Of a vault: nobody can purge it before. */
  readonly isPurgeProtected?: boolean;
  /** Why it could not be seen. */
  readonly reason?: string;
}

/**
 * Days that a deleted application or service principal can be restored.
 *
 * @see https://learn.microsoft.com/graph/api/directory-deleteditems-restore (read 2026-11)
 */
const directoryDays = 30;

/** Replicas differ for a while: so many seconds from the look's start a missing trace counts as not there yet. */
const lagSeconds = 60;

/**
 * Looks up what is left of a stack.
 *
 * @param isFresh The deletion has just been: what is not among the deleted yet is waited for.
 */
export async function fetchLeftovers(
  view: AzureView,
  record: DestroyRecord,
  isFresh: boolean,
): Promise<Leftover[]> {
  const patience = {
    passesByItself: ({ status }: HttpAnswer): PassingTrouble | undefined =>
      isFresh && status === 404
        ? { reason: "the deletion has not reached every replica", waitSeconds: lagSeconds }
        : undefined,
  };
  const found = await Promise.all([
    ...record.vaults.map(({ vaultId }) => seen(vaultLeftover(view, vaultId), "vault", vaultId)),
    ...record.directoryObjects.map((object) =>
      seen(directoryLeftover(view, object, patience), object.kind, object.objectId, object.app),
    ),
    ...record.workspaces.map((id) => seen(workspaceLeftover(view, id), "workspace", id)),
  ]);
  return found;
}

/** What the caller may not look at is told as such, and keeps nobody from the rest. */
async function seen(
  look: Promise<Leftover>,
  kind: Leftover["kind"],
  id: string,
  name = lastPart(id),
): Promise<Leftover> {
  try {
    return await look;
  } catch (error) {
    if (!(error instanceof ServiceRefusal)) throw error;
    return { kind, name, id, state: "unseen", until: null, reason: error.message };
  }
}

async function vaultLeftover({ client, identity }: AzureView, vaultId: string): Promise<Leftover> {
  const { subscriptionId, vaultName } = readVaultId(vaultId) ?? { subscriptionId: "", vaultName: vaultId };
  const leftover = { kind: "vault", name: vaultName, id: vaultId } as const;
  const deleted = await findDeletedVault(client, identity, subscriptionId, vaultName);
  if (deleted !== undefined && deleted.vaultId.toLowerCase() === vaultId.toLowerCase()) {
    const { scheduledPurgeAt, isPurgeProtected } = deleted;
    return { ...leftover, state: "deleted", until: scheduledPurgeAt ?? null, isPurgeProtected };
  }
  const live = await askArm(client, identity, { path: vaultId, apiVersion: keyVaultApiVersion });
  return { ...leftover, state: liveOrGone(live, armService), until: null };
}

const deletedObject = z.object({ deletedDateTime: z.iso.datetime({ offset: true }) });

async function directoryLeftover(
  { graph }: AzureView,
  { kind, app, objectId }: DirectoryObject,
  patience: Parameters<AzureView["graph"]["ask"]>[1],
): Promise<Leftover> {
  const leftover = { kind, name: app, id: objectId } as const;
  const deleted = await graph.ask(`/directory/deletedItems/${objectId}?$select=id,deletedDateTime`, patience);
  if (deleted.status !== 404) {
    const { deletedDateTime } = readBody("Microsoft Graph", deleted, deletedObject);
    const until = new Date(Date.parse(deletedDateTime) + directoryDays * 86_400_000).toISOString();
    return { ...leftover, state: "deleted", until };
  }
  const live = await graph.ask(`/${kind}s/${objectId}?$select=id`);
  return { ...leftover, state: liveOrGone(live, "Microsoft Graph"), until: null };
}

/** @see https://learn.microsoft.com/rest/api/loganalytics/deleted-workspaces/list (read 2026-11) */
async function workspaceLeftover({ client, identity }: AzureView, id: string): Promise<Leftover> {
  const leftover = { kind: "workspace", name: lastPart(id), id, until: null } as const;
  const subscription = id.split("/").slice(0, 3).join("/");
  const path = `${subscription}/providers/Microsoft.OperationalInsights/deletedWorkspaces`;
  const deleted = await listArm(client, identity, path, "2023-09-01", z.object({ id: z.string() }));
  if (deleted.some((one) => one.id.toLowerCase() === id.toLowerCase())) {
    return { ...leftover, state: "deleted" };
  }
  const live = await askArm(client, identity, { path: id, apiVersion: "2023-09-01" });
  return { ...leftover, state: liveOrGone(live, armService) };
}

function liveOrGone(answer: HttpAnswer, service: string): "live" | "gone" {
  if (answer.status === 200) return "live";
  if (answer.status === 404) return "gone";
  throw serviceRefusal(service, answer);
}

function lastPart(id: string): string {
  return id.split("/").at(-1) ?? id;
}
