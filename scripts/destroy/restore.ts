import * as z from "zod/mini";
import { armService, askArm, putArm, findDeletedVault } from "../../azure/arm";
import { keyVaultApiVersion } from "../../core/vault/keyVaultApi";
import type { PassingTrouble } from "../../azure/azureClient";
import type { HttpAnswer } from "../../azure/http";
import {
  isForbidden,
  isNotFound,
  readBody,
  serviceRefusal,
  ServiceRefusal,
} from "../../azure/serviceRefusal";
import { readVaultId } from "../../core/vault/vaultAdoption";
import type { AzureView } from "./azureView";
import type { DestroyRecord, DirectoryObject, RecordedVault } from "./destroyRecord";
import type { Leftover } from "./leftovers";
import { release } from "./ownership";
import type { Outcome } from "./report";
import { resourceGroupOf } from "./vaultPlaces";

/**
 * Restores what a destroy left restorable: the vault under its old ID, then each app's application, then its service
 * principal, which Graph does not restore with its application. What exists already is not changed. Both lose the destroyed
 * stack's mark, so that the stack can adopt them under its new ID.
 *
 * @param leftovers As just looked up.
 */
export async function restoreAll(
  view: AzureView,
  record: DestroyRecord,
  leftovers: readonly Leftover[],
): Promise<Outcome[]> {
  const isDeleted = (id: string): boolean =>
    leftovers.some((one) => one.id === id && one.state === "deleted");
  const outcomes: Outcome[] = [];
  for (const vault of record.vaults.filter(({ vaultId }) => isDeleted(vaultId))) {
    outcomes.push({
      action: "restore",
      kind: "vault",
      name: readVaultId(vault.vaultId)?.vaultName ?? vault.vaultId,
      id: vault.vaultId,
      refusal: await refusalOf(recoverVault(view, record.tenantId, vault)),
    });
  }
  for (const kind of ["application", "servicePrincipal"] as const) {
    const objects = record.directoryObjects.filter(
      (one) => one.kind === kind && one.purpose === "app" && isDeleted(one.objectId),
    );
    for (const object of objects) {
      const refusal = await refusalOf(restoreObject(view, object));
      outcomes.push({ action: "restore", kind, name: object.app, id: object.objectId, refusal });
    }
  }
  const isLive = ({ objectId }: DirectoryObject): boolean =>
    leftovers.some(({ id, state }) => id === objectId && (state === "live" || state === "deleted"));
  for (const object of record.directoryObjects.filter((one) => one.purpose === "app" && isLive(one))) {
    const refusal = await refusalOf(release(view, object, object.stackId ?? record.stackId));
    if (refusal === null) continue;
    const { kind, app: name, objectId: id } = object;
    outcomes.push({ action: "restore", kind, name, id, refusal });
  }
  return outcomes;
}

async function refusalOf(work: Promise<void>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (!(error instanceof ServiceRefusal)) throw error;
    return error.service === armService ? withArmRight(error) : withRight(error);
  }
}

function withArmRight(refusal: ServiceRefusal): string {
  return isForbidden(refusal)
    ? `${refusal.message}. This needs Contributor on the subscription, or Key Vault Contributor where the resource group is still there.`
    : refusal.message;
}

/**
 * @see https://learn.microsoft.com/graph/api/directory-deleteditems-restore (read 2026-11): restoring an application
 *   does not restore its service principal
 */
async function restoreObject({ graph }: AzureView, { kind, objectId }: DirectoryObject): Promise<void> {
  const answer = await graph.write("POST", `/directory/deletedItems/${objectId}/restore`);
  if (answer.status !== 200) throw serviceRefusal("Microsoft Graph", answer);
  // The next `pulumi up` asks any replica.
  const shown = await graph.ask(`/${kind}s/${objectId}?$select=id`, { passesByItself: notThereYet });
  if (shown.status !== 200) throw serviceRefusal("Microsoft Graph", shown);
}

/**
 * Recovers a vault where it was: its resource group is made again when it went, too. Role assignments do not come back.
 *
 * @see https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/create-or-update (read 2026-11): createMode recover
 * @see https://learn.microsoft.com/azure/key-vault/general/key-vault-recovery (read 2026-11)
 */
async function recoverVault(view: AzureView, tenantId: string, vault: RecordedVault): Promise<void> {
  const { client, identity } = view;
  const { subscriptionId = "", vaultName = "" } = readVaultId(vault.vaultId) ?? {};
  const location =
    vault.location ?? (await findDeletedVault(client, identity, subscriptionId, vaultName))?.location ?? "";
  await makeGroup(view, vault.vaultId, vault.resourceGroupLocation ?? location);
  const body = {
    location,
    properties: { tenantId, sku: { family: "A", name: "standard" }, createMode: "recover" },
  };
  const question = { path: vault.vaultId, apiVersion: keyVaultApiVersion, body };
  await putArm(client, identity, question, "the vault is being recovered");
}

const groupShape = z.object({ id: z.string() });

async function makeGroup({ client, identity }: AzureView, vaultId: string, location: string): Promise<void> {
  const group = resourceGroupOf(vaultId);
  const seen = await askArm(client, identity, group);
  // A PUT on a group that is there would replace its tags.
  if (!isNotFound(armService, seen)) {
    readBody(armService, seen, groupShape);
    return;
  }
  await putArm(client, identity, { ...group, body: { location } }, "the resource group is being made");
}

/** What is restored reaches replica by replica. */
function notThereYet(answer: HttpAnswer): PassingTrouble | undefined {
  return isNotFound("Microsoft Graph", answer)
    ? { reason: "the directory does not show it everywhere yet" }
    : undefined;
}

/**
 * Removes deleted applications and service principals for good. Graph does so only with deleted items, so nothing that is
 * in use can be removed.
 *
 * @param leftovers As just looked up, from a stack's own record.
 * @see https://learn.microsoft.com/graph/api/directory-deleteditems-delete (read 2026-11): Application.ReadWrite.OwnedBy
 *   for an owner, else Application.ReadWrite.All; a person needs Application Administrator or Cloud Application
 *   Administrator besides
 */
export async function purgeApps({ graph }: AzureView, leftovers: readonly Leftover[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  // The service principal first: without its application it cannot be found by name.
  for (const kind of ["servicePrincipal", "application"] as const) {
    for (const item of leftovers.filter((one) => one.kind === kind && one.state === "deleted")) {
      const answer = await graph.write("DELETE", `/directory/deletedItems/${item.id}`);
      // Not found: it was deleted with the other one, or by someone else.
      const done = answer.status === 204 || isNotFound("Microsoft Graph", answer);
      outcomes.push({
        action: "purge",
        kind,
        name: item.name,
        id: item.id,
        refusal: done ? null : withRight(serviceRefusal("Microsoft Graph", answer)),
      });
    }
  }
  return outcomes;
}

/** Names what a refused caller lacks. */
function withRight(refusal: ServiceRefusal): string {
  if (!isForbidden(refusal)) return refusal.message;
  return (
    `${refusal.message}. This needs Microsoft Graph's Application.ReadWrite.OwnedBy and to be an owner, or ` +
    "Application.ReadWrite.All; a person needs the role Cloud Application Administrator."
  );
}
