import { randomBytes } from "node:crypto";
import type { DeletedVaultObject, VaultData, VaultObject, VaultObjectVersion } from "../tenant/tenant";
import { certificateKind, keyKind, secretKind, type ObjectStore, type Shelf } from "./objectKinds";

/** The object of a name; case does not matter. */
export function findObject<Version>(
  { live }: Shelf<Version>,
  name: string,
): VaultObject<Version> | undefined {
  return live[name.toLowerCase()];
}

/** The soft-deleted object of a name; case does not matter. */
export function findDeletedObject<Version>(
  { deleted }: Shelf<Version>,
  name: string,
): DeletedVaultObject<Version> | undefined {
  return deleted[name.toLowerCase()];
}

/** The newest version, which is what a reader without a version gets, disabled or not. */
export function currentVersion<Version>({ name, versions }: VaultObject<Version>): Version {
  const current = versions.at(-1);
  if (current === undefined) throw new Error(`The vault's object ${name} has no version.`);
  return current;
}

/** Puts a new version on top; makes the object when it is not there. The name must not be soft-deleted. */
export function pushVersion<Version>({ live }: Shelf<Version>, name: string, version: Version): void {
  (live[name.toLowerCase()] ??= { name, versions: [] }).versions.push(version);
}

/** What a version has that a client may choose, and what it gets. */
export function newVersion(
  { enabled = true, nbf, exp, tags }: VersionChanges,
  now: Date,
): VaultObjectVersion {
  const seconds = unixSeconds(now);
  return {
    version: randomBytes(16).toString("hex"),
    ...(tags === undefined ? {} : { tags }),
    enabled,
    ...(nbf === undefined ? {} : { nbf }),
    ...(exp === undefined ? {} : { exp }),
    created: seconds,
    updated: seconds,
  };
}

/** What a client may choose and change, with times in Unix seconds as on the wire. */
export interface VersionChanges {
  readonly enabled?: boolean | undefined;
  readonly nbf?: number | undefined;
  readonly exp?: number | undefined;
  readonly tags?: Record<string, string> | undefined;
}

/** Changes a version's properties in place; what is left out stays. */
export function changeVersion(
  version: VaultObjectVersion,
  { enabled, nbf, exp, tags }: VersionChanges,
  now: Date,
): void {
  if (tags !== undefined) version.tags = tags;
  if (enabled !== undefined) version.enabled = enabled;
  if (nbf !== undefined) version.nbf = nbf;
  if (exp !== undefined) version.exp = exp;
  version.updated = unixSeconds(now);
}

/** Soft-deletes an object with all its versions. */
export function deleteObject<Version extends VaultObjectVersion>(
  kind: ObjectStore<Version>,
  data: VaultData,
  name: string,
  retentionDays: number,
  now: Date,
): DeletedVaultObject<Version> | undefined {
  for (const companion of kind.companions) deleteObject(companion, data, name, retentionDays, now);
  const { live, deleted } = kind.shelf(data);
  const object = live[name.toLowerCase()];
  if (object === undefined) return undefined;
  const deletedDate = unixSeconds(now);
  const removed = { ...object, deletedDate, scheduledPurgeDate: deletedDate + retentionDays * 86_400 };
  Reflect.deleteProperty(live, name.toLowerCase());
  deleted[name.toLowerCase()] = removed;
  return removed;
}

/** Brings a soft-deleted object back with all its versions. */
export function recoverObject<Version extends VaultObjectVersion>(
  kind: ObjectStore<Version>,
  data: VaultData,
  name: string,
): VaultObject<Version> | undefined {
  for (const companion of kind.companions) recoverObject(companion, data, name);
  const { live, deleted } = kind.shelf(data);
  const removed = deleted[name.toLowerCase()];
  if (removed === undefined) return undefined;
  const object = { name: removed.name, versions: removed.versions };
  Reflect.deleteProperty(deleted, name.toLowerCase());
  live[name.toLowerCase()] = object;
  return object;
}

/** Forgets a soft-deleted object. */
export function purgeObject<Version extends VaultObjectVersion>(
  kind: ObjectStore<Version>,
  data: VaultData,
  name: string,
): void {
  for (const companion of kind.companions) purgeObject(companion, data, name);
  Reflect.deleteProperty(kind.shelf(data).deleted, name.toLowerCase());
}

/** Forgets soft-deleted objects whose time has come; Key Vault does so even under purge protection. */
export function forgetPurgedObjects(data: VaultData, now: Date): void {
  const kinds: readonly ObjectStore<VaultObjectVersion>[] = [certificateKind, keyKind, secretKind];
  for (const kind of kinds) {
    for (const { name, scheduledPurgeDate } of Object.values(kind.shelf(data).deleted)) {
      if (scheduledPurgeDate <= unixSeconds(now)) purgeObject(kind, data, name);
    }
  }
}

/** Key Vault's times. */
export function unixSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
