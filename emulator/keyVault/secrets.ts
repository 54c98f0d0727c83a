import { json } from "../server/http";
import type { Need } from "./access";
import { openBackup, sealBackup } from "./backup";
import { badParameter, disabled, deletedButRecoverable, KeyVaultError } from "./keyVaultError";
import { checkNewVersion, requireObject, requireVersion } from "./objects";
import { secretKind } from "./objectKinds";
import {
  changeVersion,
  currentVersion,
  findDeletedObject,
  findObject,
  newVersion,
  pushVersion,
} from "./vaultObjects";
import { demandRight, optionalText, readBody, readChanges, type VaultRequest } from "./vaultRequest";

const get: Need = { dataAction: "secrets/getSecret/action", policy: "get" };
const set: Need = { dataAction: "secrets/setSecret/action", policy: "set" };
const update: Need = { dataAction: "secrets/update/action", policy: "set" };
const backup: Need = { dataAction: "secrets/backup/action", policy: "backup" };
const restore: Need = { dataAction: "secrets/restore/action", policy: "restore" };

/** Key Vault takes a value of at most 25 KiB. */
const maximumValueBytes = 25 * 1024;

/** `PUT /secrets/{n}`: a new version, which becomes the current one. */
export async function setSecret(request: VaultRequest, name: string): Promise<Response> {
  demandRight(request, set, name);
  const { vault, data, tenant } = request;
  const body = await readBody(request);
  const changes = readChanges(body);
  const value = optionalText(body["value"], "value");
  const contentType = optionalText(body["contentType"], "contentType");
  if (value === undefined) throw badParameter("Property 'value' is required.");
  if (Buffer.byteLength(value) > maximumValueBytes) {
    throw badParameter(`The value exceeds the maximum size of ${maximumValueBytes} bytes.`);
  }
  checkNewVersion(secretKind, request, name, "setsecret");
  const version = {
    ...newVersion(changes, tenant.clock.now()),
    value,
    ...(contentType === undefined ? {} : { contentType }),
  };
  pushVersion(secretKind.shelf(data), name, version);
  const secret = requireObject(secretKind, request, name);
  return json(200, { value, ...secretKind.describe(vault, secret, version) });
}

/** `GET /secrets/{n}[/{version}]`: expiry does not keep the value back, being disabled does. */
export function getSecret(request: VaultRequest, name: string, versionId: string): Response {
  demandRight(request, get, name);
  const secret = requireObject(secretKind, request, name);
  const version = requireVersion(secretKind, secret, versionId);
  if (!version.enabled) throw disabled("secret", "get");
  const { value } = version;
  return json(200, { value, ...secretKind.describe(request.vault, secret, version) });
}

/** `PATCH /secrets/{n}/{version}`: properties of one version; without a version, of the current one. */
export async function updateSecret(
  request: VaultRequest,
  name: string,
  versionId: string,
): Promise<Response> {
  demandRight(request, update, name);
  const body = await readBody(request);
  const changes = readChanges(body);
  const contentType = optionalText(body["contentType"], "contentType");
  if (body["value"] !== undefined) throw badParameter("Property 'value' cannot be updated.");
  const secret = requireObject(secretKind, request, name);
  const version = requireVersion(secretKind, secret, versionId);
  if (contentType !== undefined) version.contentType = contentType;
  changeVersion(version, changes, request.tenant.clock.now());
  return json(200, secretKind.describe(request.vault, secret, version));
}

/** `POST /secrets/{n}/backup`. */
export async function backupSecret(request: VaultRequest, name: string): Promise<Response> {
  demandRight(request, backup, name);
  return json(200, { value: await sealBackup(request.tenant, requireObject(secretKind, request, name)) });
}

/** `POST /secrets/restore`: all versions of a backup, under the name that they had. */
export async function restoreSecret(request: VaultRequest): Promise<Response> {
  demandRight(request, restore);
  const { vault, data, tenant } = request;
  const { value } = await readBody(request);
  const secret = await openBackup(tenant, typeof value === "string" ? value : "");
  if (secret === undefined) throw badParameter("Backup blob contains invalid or corrupt data.");
  const shelf = secretKind.shelf(data);
  if (findDeletedObject(shelf, secret.name) !== undefined) throw deletedButRecoverable("secret", secret.name);
  if (findObject(shelf, secret.name) !== undefined) {
    throw new KeyVaultError(409, "Conflict", `A secret with the name ${secret.name} already exists.`);
  }
  shelf.live[secret.name.toLowerCase()] = secret;
  return json(200, secretKind.describe(vault, secret, currentVersion(secret)));
}
