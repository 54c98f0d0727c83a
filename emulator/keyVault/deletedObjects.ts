import { isPurgeProtected } from "../arm/types/vaultProperties";
import { empty, json } from "../server/http";
import type { ArmResource, DeletedVaultObject, VaultObjectVersion } from "../tenant/tenant";
import { describeVault, type Need } from "./access";
import { vaultUrl } from "./bundle";
import { deletedNotFound, KeyVaultError, managedByCertificate } from "./keyVaultError";
import { listPage } from "./listPage";
import type { ObjectKind } from "./objectKinds";
import { currentVersion, findDeletedObject, findObject, purgeObject, recoverObject } from "./vaultObjects";
import { demandRight, type VaultRequest } from "./vaultRequest";

/** `GET /deletedsecrets`, `/deletedkeys`, `/deletedcertificates`. */
export function listDeleted<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  request: VaultRequest,
): Response {
  demandRight(request, readNeed(kind, "list"));
  const { vault, data } = request;
  const shown = Object.values(kind.shelf(data).deleted).filter(isShown);
  return listPage(
    request,
    shown.map((deleted) => ({
      marker: deleted.name,
      item: {
        ...deletion(kind, vault, deleted),
        ...kind.describeItem(
          vault,
          currentVersion(deleted),
          `${vaultUrl(vault)}/${kind.collection}/${deleted.name}`,
        ),
      },
    })),
  );
}

/** `GET /deletedsecrets/{n}`: without the value. */
export function getDeleted<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  request: VaultRequest,
  name: string,
): Response {
  demandRight(request, readNeed(kind, "get"), name);
  const deleted = requireDeleted(kind, request, name);
  if (!isShown(deleted)) throw deletedNotFound(kind.noun, name);
  return json(200, describeDeleted(kind, request.vault, deleted));
}

/** `POST /deletedsecrets/{n}/recover`: all versions together, at once. */
export function recoverDeleted<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  request: VaultRequest,
  name: string,
): Response {
  demandRight(request, { dataAction: `${kind.collection}/recover/action`, policy: "recover" }, name);
  const { data, vault } = request;
  if (findObject(kind.shelf(data), name) !== undefined) {
    throw new KeyVaultError(
      400,
      "MethodNotAllowed",
      `Operation "recover" is not allowed on a ${kind.noun} that is not deleted: ${name}.`,
      "RequestNotAllowedOnNonDeletedObject",
    );
  }
  refuseManaged(kind, requireDeleted(kind, request, name), "recover");
  const object = recoverObject(kind, data, name);
  if (object === undefined) throw deletedNotFound(kind.noun, name);
  return json(200, kind.describe(vault, object, currentVersion(object)));
}

/** `DELETE /deletedsecrets/{n}`: for good, which purge protection refuses to anyone. */
export function purgeDeleted<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  request: VaultRequest,
  name: string,
): Response {
  demandRight(request, { dataAction: `${kind.collection}/purge/action`, policy: "purge" }, name);
  refuseManaged(kind, requireDeleted(kind, request, name), "purge");
  if (isPurgeProtected(request.vault)) {
    throw new KeyVaultError(
      403,
      "Forbidden",
      'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will ' +
        `automatically purge it after the retention period has passed.\r\nVault: ${describeVault(request.vault)}`,
      "ForbiddenByPolicy",
    );
  }
  purgeObject(kind, request.data, name);
  return empty(204);
}

/** What deleting answers, and reading what was deleted. The ID names the current version. */
export function describeDeleted<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  vault: ArmResource,
  deleted: DeletedVaultObject<Version>,
): object {
  return {
    ...deletion(kind, vault, deleted),
    ...kind.describe(vault, deleted, currentVersion(deleted)),
  };
}

function deletion<Version extends VaultObjectVersion>(
  { collection }: ObjectKind<Version>,
  vault: ArmResource,
  { name, deletedDate, scheduledPurgeDate }: DeletedVaultObject<Version>,
): object {
  return {
    recoveryId: `${vaultUrl(vault)}/deleted${collection}/${name}`,
    deletedDate,
    scheduledPurgeDate,
  };
}

/** Secrets have a data action for their metadata; keys and certificates have one for reading at all. */
function readNeed<Version extends VaultObjectVersion>(
  { collection }: ObjectKind<Version>,
  policy: "get" | "list",
): Need {
  return {
    dataAction: collection === "secrets" ? "secrets/readMetadata/action" : `${collection}/read`,
    policy,
  };
}

function requireDeleted<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  { data }: VaultRequest,
  name: string,
): DeletedVaultObject<Version> {
  const deleted = findDeletedObject(kind.shelf(data), name);
  if (deleted === undefined) throw deletedNotFound(kind.noun, name);
  return deleted;
}

function refuseManaged<Version extends VaultObjectVersion>(
  { noun }: ObjectKind<Version>,
  deleted: DeletedVaultObject<Version>,
  operation: string,
): void {
  if (currentVersion(deleted).managed === true) throw managedByCertificate(noun, operation);
}

/** A deletion takes a moment to show: the first look at it finds nothing, whenever that is. */
function isShown(deleted: { wasLookedFor?: boolean }): boolean {
  const isShown = deleted.wasLookedFor === true;
  deleted.wasLookedFor = true;
  return isShown;
}
