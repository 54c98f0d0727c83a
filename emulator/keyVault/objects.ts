import { retentionDays } from "../arm/types/vaultProperties";
import { json } from "../server/http";
import type { VaultObject, VaultObjectVersion } from "../tenant/tenant";
import { vaultUrl } from "./bundle";
import { describeDeleted } from "./deletedObjects";
import { badParameter, deletedButRecoverable, managedByCertificate, objectNotFound } from "./keyVaultError";
import { listPage } from "./listPage";
import type { ObjectKind } from "./objectKinds";
import { currentVersion, deleteObject, findDeletedObject, findObject } from "./vaultObjects";
import { demandRight, type VaultRequest } from "./vaultRequest";

/** `GET /secrets` and alike: every object, without versions and values. */
export function listObjects<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  request: VaultRequest,
): Response {
  demandRight(request, { dataAction: listAction(kind), policy: "list" });
  const { vault, data } = request;
  return listPage(
    request,
    Object.values(kind.shelf(data).live)
      .filter(({ versions }) => versions.length > 0)
      .map((object) => ({
        marker: object.name,
        item: kind.describeItem(
          vault,
          currentVersion(object),
          `${vaultUrl(vault)}/${kind.collection}/${object.name}`,
        ),
      })),
  );
}

/** `GET /secrets/{n}/versions` and alike: by version ID, disabled ones too; none of an object that is not there. */
export function listVersions<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  request: VaultRequest,
  name: string,
): Response {
  demandRight(request, { dataAction: listAction(kind), policy: "list" }, name);
  const { vault, data } = request;
  const object = findObject(kind.shelf(data), name) ?? { name, versions: [] };
  return listPage(
    request,
    object.versions.map((version) => ({
      marker: `${object.name}/${version.version}`,
      item: kind.describeItem(
        vault,
        version,
        `${vaultUrl(vault)}/${kind.collection}/${object.name}/${version.version}`,
      ),
    })),
  );
}

/** `DELETE /secrets/{n}` and alike: all versions together; they can be recovered while the retention lasts. */
export function removeObject<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  request: VaultRequest,
  name: string,
): Response {
  demandRight(request, { dataAction: `${kind.collection}/delete`, policy: "delete" }, name);
  const { vault, data, tenant } = request;
  refuseManaged(kind, requireObject(kind, request, name), "delete");
  const deleted = deleteObject(kind, data, name, retentionDays(vault), tenant.clock.now());
  if (deleted === undefined) throw objectNotFound(kind.noun, name);
  return json(200, describeDeleted(kind, vault, deleted));
}

/** @throws {KeyVaultError} 404. */
export function requireObject<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  { data }: VaultRequest,
  name: string,
): VaultObject<Version> {
  const object = findObject(kind.shelf(data), name);
  if (object === undefined || object.versions.length === 0) throw objectNotFound(kind.noun, name);
  return object;
}

/**
 * @param versionId Empty for the current version.
 * @throws {KeyVaultError} 404.
 */
export function requireVersion<Version extends VaultObjectVersion>(
  { noun }: ObjectKind<Version>,
  object: VaultObject<Version>,
  versionId: string,
): Version {
  if (versionId === "") return currentVersion(object);
  const version = object.versions.find((candidate) => candidate.version === versionId.toLowerCase());
  if (version === undefined) throw objectNotFound(noun, `${object.name}/${versionId}`);
  return version;
}

/**
 * Judges a name to which a new version goes.
 *
 * @throws {KeyVaultError} 400 for one that no object can have, 403 for a certificate's, 409 for a soft-deleted one's.
 */
export function checkNewVersion<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  { data }: VaultRequest,
  name: string,
  operation: string,
): void {
  if (!objectNamePattern.test(name)) throw badParameter(`The request URI contains an invalid name: ${name}`);
  const shelf = kind.shelf(data);
  if (findDeletedObject(shelf, name) !== undefined) throw deletedButRecoverable(kind.noun, name);
  const existing = findObject(shelf, name);
  if (existing !== undefined) refuseManaged(kind, existing, operation);
}

/** Names that Key Vault takes for an object. */
export const objectNamePattern = /^[0-9a-zA-Z-]{1,127}$/;

function refuseManaged<Version extends VaultObjectVersion>(
  { noun }: ObjectKind<Version>,
  object: VaultObject<Version>,
  operation: string,
): void {
  if (object.versions.at(-1)?.managed === true) throw managedByCertificate(noun, operation);
}

/** Secrets have a data action for their metadata; keys and certificates have one for reading at all. */
function listAction<Version extends VaultObjectVersion>({ collection }: ObjectKind<Version>): string {
  return collection === "secrets" ? "secrets/readMetadata/action" : `${collection}/read`;
}
