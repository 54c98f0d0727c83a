import { randomBytes } from "node:crypto";
import type { DeletedVaultSecret, VaultData, VaultSecret, VaultSecretVersion } from "../tenant/tenant";

/** What a new version of a secret holds, with times in Unix seconds as on the wire. */
export interface NewVersion {
  readonly value: string;
  readonly contentType?: string | undefined;
  readonly tags?: Record<string, string> | undefined;
  /** Default true. */
  readonly enabled?: boolean | undefined;
  readonly nbf?: number | undefined;
  readonly exp?: number | undefined;
}

/** Names that Key Vault takes for a secret. */
export const secretNamePattern = /^[0-9a-zA-Z-]{1,127}$/;

/** The secret of a name; case does not matter. */
export function findSecret(data: VaultData, name: string): VaultSecret | undefined {
  return data.secrets[name.toLowerCase()];
}

/** The soft-deleted secret of a name; case does not matter. */
export function findDeleted(data: VaultData, name: string): DeletedVaultSecret | undefined {
  return data.deletedSecrets[name.toLowerCase()];
}

/** The newest version, which is what a reader without a version gets, disabled or not. */
export function currentVersion(secret: VaultSecret): VaultSecretVersion {
  const current = secret.versions.at(-1);
  if (current === undefined) throw new Error(`The secret ${secret.name} has no version.`);
  return current;
}

/** Puts a new version on top; makes the secret when it is not there. The name must not be soft-deleted. */
export function addVersion(
  data: VaultData,
  name: string,
  content: NewVersion,
  now: Date,
): VaultSecretVersion {
  const { value, contentType, tags, enabled = true, nbf, exp } = content;
  const seconds = unixSeconds(now);
  const version: VaultSecretVersion = {
    version: randomBytes(16).toString("hex"),
    value,
    ...(contentType === undefined ? {} : { contentType }),
    ...(tags === undefined ? {} : { tags }),
    enabled,
    ...(nbf === undefined ? {} : { nbf }),
    ...(exp === undefined ? {} : { exp }),
    created: seconds,
    updated: seconds,
  };
  const secret = (data.secrets[name.toLowerCase()] ??= { name, versions: [] });
  secret.versions.push(version);
  return version;
}

/** Changes a version's properties in place; what is left out stays. */
export function updateVersion(version: VaultSecretVersion, changes: Partial<NewVersion>, now: Date): void {
  const { contentType, tags, enabled, nbf, exp } = changes;
  if (contentType !== undefined) version.contentType = contentType;
  if (tags !== undefined) version.tags = tags;
  if (enabled !== undefined) version.enabled = enabled;
  if (nbf !== undefined) version.nbf = nbf;
  if (exp !== undefined) version.exp = exp;
  version.updated = unixSeconds(now);
}

/** Soft-deletes a secret with all its versions. */
export function deleteSecret(
  data: VaultData,
  secret: VaultSecret,
  retentionDays: number,
  now: Date,
): DeletedVaultSecret {
  const deletedDate = unixSeconds(now);
  const deleted = { ...secret, deletedDate, scheduledPurgeDate: deletedDate + retentionDays * 86_400 };
  Reflect.deleteProperty(data.secrets, secret.name.toLowerCase());
  data.deletedSecrets[secret.name.toLowerCase()] = deleted;
  return deleted;
}

/** Brings a soft-deleted secret back with all its versions. */
export function recoverSecret(data: VaultData, deleted: DeletedVaultSecret): VaultSecret {
  const secret = { name: deleted.name, versions: deleted.versions };
  Reflect.deleteProperty(data.deletedSecrets, deleted.name.toLowerCase());
  data.secrets[deleted.name.toLowerCase()] = secret;
  return secret;
}

/** Forgets a soft-deleted secret. */
export function purgeSecret(data: VaultData, deleted: DeletedVaultSecret): void {
  Reflect.deleteProperty(data.deletedSecrets, deleted.name.toLowerCase());
}

/** Forgets soft-deleted secrets whose time has come; Key Vault does so even under purge protection. */
export function forgetPurgedSecrets(data: VaultData, now: Date): void {
  for (const deleted of Object.values(data.deletedSecrets)) {
    if (deleted.scheduledPurgeDate <= unixSeconds(now)) purgeSecret(data, deleted);
  }
}

/** Key Vault's times. */
export function unixSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
