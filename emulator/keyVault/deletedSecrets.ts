import { isPurgeProtected } from "../arm/types/vaultProperties";
import { empty, json } from "../server/http";
import type { DeletedVaultSecret } from "../tenant/tenant";
import { describeVault, type Need } from "./access";
import { describeDeleted, describeVersion } from "./bundle";
import { KeyVaultError } from "./keyVaultError";
import { listPage } from "./listPage";
import { currentVersion, findDeleted, findSecret, purgeSecret, recoverSecret } from "./secretStore";
import { demandRight, type VaultRequest } from "./vaultRequest";

const list: Need = { dataAction: "readMetadata/action", policy: "list" };
const get: Need = { dataAction: "readMetadata/action", policy: "get" };
const recover: Need = { dataAction: "recover/action", policy: "recover" };
const purge: Need = { dataAction: "purge/action", policy: "purge" };

/** `GET /deletedsecrets`. */
export function listDeleted(request: VaultRequest): Response {
  demandRight(request, list);
  const { vault, data } = request;
  const shown = Object.values(data.deletedSecrets).filter(isShown);
  return listPage(
    request,
    shown.map((deleted) => ({ marker: deleted.name, item: describeDeleted(vault, deleted, true) })),
  );
}

/** `GET /deletedsecrets/{n}`: without the value. */
export function getDeleted(request: VaultRequest, name: string): Response {
  demandRight(request, get, name);
  const deleted = requireDeleted(request, name);
  if (!isShown(deleted)) throw deletedNotFound(name);
  return json(200, describeDeleted(request.vault, deleted, false));
}

/** `POST /deletedsecrets/{n}/recover`: all versions together, at once. */
export function recoverDeleted(request: VaultRequest, name: string): Response {
  demandRight(request, recover, name);
  if (findSecret(request.data, name) !== undefined) {
    throw new KeyVaultError(
      400,
      "MethodNotAllowed",
      `Operation "recover" is not allowed on a secret that is not deleted: ${name}.`,
      "RequestNotAllowedOnNonDeletedObject",
    );
  }
  const secret = recoverSecret(request.data, requireDeleted(request, name));
  return json(200, describeVersion(request.vault, secret, currentVersion(secret)));
}

/** `DELETE /deletedsecrets/{n}`: for good, which purge protection refuses to anyone. */
export function purgeDeleted(request: VaultRequest, name: string): Response {
  demandRight(request, purge, name);
  const deleted = requireDeleted(request, name);
  if (isPurgeProtected(request.vault)) {
    throw new KeyVaultError(
      403,
      "Forbidden",
      'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will ' +
        `automatically purge it after the retention period has passed.\r\nVault: ${describeVault(request.vault)}`,
      "ForbiddenByPolicy",
    );
  }
  purgeSecret(request.data, deleted);
  return empty(204);
}

function requireDeleted({ data }: VaultRequest, name: string): DeletedVaultSecret {
  const deleted = findDeleted(data, name);
  if (deleted === undefined) throw deletedNotFound(name);
  return deleted;
}

function deletedNotFound(name: string): KeyVaultError {
  return new KeyVaultError(404, "SecretNotFound", `Deleted Secret not found: ${name}`);
}

/** A deletion takes a moment to show: the first look at it finds nothing, whenever that is. */
function isShown(deleted: DeletedVaultSecret): boolean {
  const isShown = deleted.wasLookedFor === true;
  deleted.wasLookedFor = true;
  return isShown;
}
