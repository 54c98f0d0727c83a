import { z } from "zod";
import { keyVaultApiVersion } from "../../core/vault/keyVaultApi";
import { askArm, armService, listArm } from "../../azure/arm";
import type { PassingTrouble } from "../../azure/azureClient";
import { findDeletedVault } from "../../azure/arm";
import type { HttpAnswer } from "../../azure/http";
import { readBody, serviceRefusal, ServiceRefusal } from "../../azure/serviceRefusal";
import { readVaultId } from "../../core/vault/vaultAdoption";
import type { AzureView } from "./azureView";
import type { DestroyRecord, DirectoryObject } from "./destroyRecord";

/** What Azure shows of something that a destruction took away, or was to. */
export interface Leftover {
  readonly kind: "vault" | "application" | "servicePrincipal" | "workspace";
  /** Of an application or service principal: what the stack has it for. */
  readonly purpose?: DirectoryObject["purpose"];
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
    ...record.vaults.map(({ vaultId: id }) =>
      seen(vaultLeftover(view, id), { kind: "vault", name: lastPart(id), id }),
    ),
    ...record.directoryObjects.map((object) =>
      seen(directoryLeftover(view, object, patience), knownOf(object)),
    ),
    ...record.workspaces.map((id) =>
      seen(workspaceLeftover(view, id), { kind: "workspace", name: lastPart(id), id }),
    ),
  ]);
  return found;
}

/** What a record tells, before Azure is asked. */
type Known = Pick<Leftover, "kind" | "purpose" | "name" | "id">;

function knownOf({ kind, purpose, app, objectId }: DirectoryObject) {
  return { kind, purpose, name: app, id: objectId } as const;
}

/** What the caller may not look at is told as such, and keeps nobody from the rest. */
async function seen(look: Promise<Leftover>, known: Known): Promise<Leftover> {
  try {
    return await look;
  } catch (error) {
    if (!(error instanceof ServiceRefusal)) throw error;
    return { ...known, state: "unseen", until: null, reason: error.message };
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
  object: DirectoryObject,
  patience: Parameters<AzureView["graph"]["ask"]>[1],
): Promise<Leftover> {
  const { kind, objectId } = object;
  const leftover = knownOf(object);
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
