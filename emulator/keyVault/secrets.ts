import { json } from "../server/http";
import type { VaultSecret, VaultSecretVersion } from "../tenant/tenant";
import type { Need } from "./access";
import { openBackup, sealBackup } from "./backup";
import { describeDeleted, describeSecret, describeVersion, secretBundle } from "./bundle";
import { badParameter, deletedButRecoverable, KeyVaultError, secretNotFound } from "./keyVaultError";
import { listPage } from "./listPage";
import {
  addVersion,
  currentVersion,
  deleteSecret,
  findDeleted,
  findSecret,
  secretNamePattern,
  updateVersion,
} from "./secretStore";
import { retentionDays } from "../arm/types/vaultProperties";
import { demandRight, readSecretBody, type VaultRequest } from "./vaultRequest";

const get: Need = { dataAction: "getSecret/action", policy: "get" };
const set: Need = { dataAction: "setSecret/action", policy: "set" };
const update: Need = { dataAction: "update/action", policy: "set" };
const list: Need = { dataAction: "readMetadata/action", policy: "list" };
const remove: Need = { dataAction: "delete", policy: "delete" };
const backup: Need = { dataAction: "backup/action", policy: "backup" };
const restore: Need = { dataAction: "restore/action", policy: "restore" };

/** Key Vault takes a value of at most 25 KiB. */
const maximumValueBytes = 25 * 1024;

/** `GET /secrets`: every secret, without versions and values. */
export function listSecrets(request: VaultRequest): Response {
  demandRight(request, list);
  const { vault, data } = request;
  return listPage(
    request,
    Object.values(data.secrets).map((secret) => ({
      marker: secret.name,
      item: describeSecret(vault, secret),
    })),
  );
}

/** `GET /secrets/{n}/versions`: by version ID, disabled ones too, without values; none of a secret that is not there. */
export function listVersions(request: VaultRequest, name: string): Response {
  demandRight(request, list, name);
  const { vault, data } = request;
  const secret = findSecret(data, name);
  return listPage(
    request,
    (secret?.versions ?? []).map((version) => ({
      marker: `${secret?.name ?? name}/${version.version}`,
      item: describeVersion(vault, secret ?? { name, versions: [] }, version),
    })),
  );
}

/** `PUT /secrets/{n}`: a new version, which becomes the current one. */
export async function setSecret(request: VaultRequest, name: string): Promise<Response> {
  demandRight(request, set, name);
  const { vault, data, tenant } = request;
  const { value, ...content } = await readSecretBody(request);
  if (value === undefined) throw badParameter("Property 'value' is required.");
  if (!secretNamePattern.test(name)) throw badParameter(`The request URI contains an invalid name: ${name}`);
  if (Buffer.byteLength(value) > maximumValueBytes) {
    throw badParameter(`The value exceeds the maximum size of ${maximumValueBytes} bytes.`);
  }
  if (findDeleted(data, name) !== undefined) throw deletedButRecoverable(name);
  const version = addVersion(data, name, { ...content, value }, tenant.clock.now());
  return json(200, secretBundle(vault, requireSecret(request, name), version));
}

/** `GET /secrets/{n}[/{version}]`: expiry does not keep the value back, being disabled does. */
export function getSecret(request: VaultRequest, name: string, versionId: string): Response {
  demandRight(request, get, name);
  const secret = requireSecret(request, name);
  const version = requireVersion(secret, versionId);
  if (!version.enabled) {
    throw new KeyVaultError(
      403,
      "Forbidden",
      "Operation get is not allowed on a disabled secret.",
      "SecretDisabled",
    );
  }
  return json(200, secretBundle(request.vault, secret, version));
}

/** `PATCH /secrets/{n}/{version}`: properties of one version; without a version, of the current one. */
export async function updateSecret(
  request: VaultRequest,
  name: string,
  versionId: string,
): Promise<Response> {
  demandRight(request, update, name);
  const { value, ...changes } = await readSecretBody(request);
  if (value !== undefined) throw badParameter("Property 'value' cannot be updated.");
  const secret = requireSecret(request, name);
  const version = requireVersion(secret, versionId);
  updateVersion(version, changes, request.tenant.clock.now());
  return json(200, describeVersion(request.vault, secret, version));
}

/** `DELETE /secrets/{n}`: all versions together; they can be recovered while the retention lasts. */
export function removeSecret(request: VaultRequest, name: string): Response {
  demandRight(request, remove, name);
  const { vault, data, tenant } = request;
  const deleted = deleteSecret(data, requireSecret(request, name), retentionDays(vault), tenant.clock.now());
  return json(200, describeDeleted(vault, deleted, false));
}

/** `POST /secrets/{n}/backup`. */
export function backupSecret(request: VaultRequest, name: string): Response {
  demandRight(request, backup, name);
  return json(200, { value: sealBackup(request.tenant, requireSecret(request, name)) });
}

/** `POST /secrets/restore`: all versions of a backup, under the name that they had. */
export async function restoreSecret(request: VaultRequest): Promise<Response> {
  demandRight(request, restore);
  const { vault, data, tenant } = request;
  const { value } = await readSecretBody(request);
  const secret = openBackup(tenant, value ?? "");
  if (secret === undefined) throw badParameter("Backup blob contains invalid or corrupt data.");
  if (findDeleted(data, secret.name) !== undefined) throw deletedButRecoverable(secret.name);
  if (findSecret(data, secret.name) !== undefined) {
    throw new KeyVaultError(409, "Conflict", `A secret with the name ${secret.name} already exists.`);
  }
  data.secrets[secret.name.toLowerCase()] = secret;
  return json(200, describeVersion(vault, secret, currentVersion(secret)));
}

function requireSecret({ data }: VaultRequest, name: string): VaultSecret {
  const secret = findSecret(data, name);
  if (secret === undefined) throw secretNotFound(name);
  return secret;
}

function requireVersion(secret: VaultSecret, versionId: string): VaultSecretVersion {
  if (versionId === "") return currentVersion(secret);
  const version = secret.versions.find((candidate) => candidate.version === versionId.toLowerCase());
  if (version === undefined) throw secretNotFound(`${secret.name}/${versionId}`);
  return version;
}
