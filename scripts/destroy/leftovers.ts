import * as z from "zod/mini";
import { keyVaultApiVersion } from "../../core/vault/keyVaultApi";
import { armService, askArm, findDeletedVault, listArm } from "../../azure/arm";
import type { SendOptions } from "../../azure/azureClient";
import { OperatorError } from "../../core/errors";
import { knowing } from "../shared/known";
import { ownershipOf } from "../../core/ownershipMark";
import { microsoftGraph } from "../../azure/services";
import type { HttpAnswer } from "../../azure/http";
import { isForbidden, isNotFound, readBody } from "../../azure/serviceRefusal";
import { readVaultId } from "../../core/vault/vaultAdoption";
import type { AzureView } from "./azureView";
import type { DestroyRecord, DirectoryObject } from "./destroyRecord";

const service = microsoftGraph.name;

/** What Azure shows of something that a destruction took away, or was to. */
export interface Leftover {
  readonly kind: "vault" | "application" | "servicePrincipal" | "workspace";
  /** Of an application or service principal: what the stack has it for. */
  readonly purpose?: DirectoryObject["purpose"];
  /** The app's key, or the resource's own name. */
  readonly name: string;
  /** Object ID, or ARM ID. */
  readonly id: string;
  /** `deleted`: it can be restored. `live`: it exists. `gone`: deleted for good. `unseen`: the caller may not read it. */
  readonly state: "deleted" | "live" | "gone" | "unseen";
  /** ISO 8601: until when it can be restored; null where Azure does not say. */
  readonly until: string | null;
  /** Of a vault: it cannot be purged before. */
  readonly isPurgeProtected?: boolean;
  /** Why it could not be seen. */
  readonly reason?: string;
  /** Of what could not be seen: Azure itself said that the caller has no right to look. */
  readonly isForbidden?: boolean;
}

/** What has just been done to what is looked up: replicas differ for a while, and the outcome is waited for. */
export type Done = "deleted" | "purged" | "restored";

/**
 * Days that a deleted application or service principal can be restored.
 *
 * @see https://learn.microsoft.com/graph/api/directory-deleteditems-restore (read 2026-11)
 */
const directoryDays = 30;

/** So many seconds from the look's start, what is not as expected counts as not arrived at every replica yet. */
const lagSeconds = 60;

/**
 * Looks up what is left of a stack.
 *
 * @param done What has just been done to all of it, if anything.
 */
export async function fetchLeftovers(
  view: AzureView,
  record: DestroyRecord,
  done: Done | undefined,
): Promise<Leftover[]> {
  const found = await Promise.all([
    ...record.vaults.map(({ vaultId: id }) =>
      seen(vaultLeftover(view, id), { kind: "vault", name: lastPart(id), id }),
    ),
    ...record.directoryObjects.map((object) =>
      seen(directoryLeftover(view, object, object.stackId ?? record.stackId, done), knownOf(object)),
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

/** Reports what the caller may not read as such, and goes on with the rest. */
async function seen(look: Promise<Leftover>, known: Known): Promise<Leftover> {
  const looked = await knowing(look);
  if (looked.known) return looked.value;
  const { error } = looked;
  return { ...known, state: "unseen", until: null, reason: error.message, isForbidden: isForbidden(error) };
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
  return { ...leftover, state: liveOrGone(live, armService, vaultId), until: null };
}

const deletedObject = z.object({
  deletedDateTime: z.iso.datetime({ offset: true }),
  tags: z._default(z.array(z.string()), []),
});

/**
 * @param stackId Of the stack as it was destroyed; undefined for one from before the mark.
 * @throws {OperatorError} `APP_NOT_OURS` for a deleted object that does not carry the stack's mark: the record is a file that others can
 *   write, and what it names is purged for good.
 */
async function directoryLeftover(
  { graph }: AzureView,
  object: DirectoryObject,
  stackId: string | undefined,
  done: Done | undefined,
): Promise<Leftover> {
  const { kind, objectId } = object;
  const leftover = knownOf(object);
  // Whole: the tags are of a derived type, which $select does not know here.
  const deleted = await graph.ask(
    `/directory/deletedItems/${objectId}`,
    done === undefined ? {} : whileStatus(done === "deleted" ? 404 : 200, done),
  );
  if (!isNotFound(service, deleted)) {
    const { deletedDateTime, tags } = readBody(service, deleted, deletedObject);
    const ownership = ownershipOf(tags, stackId);
    if (ownership.kind !== (stackId === undefined ? "unmarked" : "ours")) {
      throw new OperatorError(
        "APP_NOT_OURS",
        `The deleted object ${objectId} does not carry this stack's mark (ID ${stackId ?? "unknown"}); it is left alone. ` +
          "If the record of the destruction was not changed, restore or purge it in the Entra admin center.",
      );
    }
    const until = new Date(Date.parse(deletedDateTime) + directoryDays * 86_400_000).toISOString();
    return { ...leftover, state: "deleted", until };
  }
  const live = await graph.ask(
    `/${kind}s/${objectId}?$select=id`,
    done === "restored" ? whileStatus(404, done) : {},
  );
  return { ...leftover, state: liveOrGone(live, service, objectId), until: null };
}

/** Waits while replicas answer as before. */
function whileStatus(before: number, done: Done): Pick<SendOptions, "passesByItself"> {
  return {
    passesByItself: ({ status }) =>
      status === before
        ? { reason: `what was ${done} does not show everywhere yet`, waitSeconds: lagSeconds }
        : undefined,
  };
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
  return { ...leftover, state: liveOrGone(live, armService, id) };
}

/** @throws {ServiceRefusal} for an answer that is neither the thing itself nor the service's own "not found". */
function liveOrGone(answer: HttpAnswer, from: string, id: string): "live" | "gone" {
  if (isNotFound(from, answer)) return "gone";
  const itself = z.object({
    id: z.string().check(z.refine((found) => found.toLowerCase() === id.toLowerCase())),
  });
  readBody(from, answer, itself);
  return "live";
}

function lastPart(id: string): string {
  return id.split("/").at(-1) ?? id;
}
