import { isPurgeProtected, retentionDays } from "../arm/types/vaultProperties";
import type { ArmResource, DeletedVaultSecret, VaultSecret, VaultSecretVersion } from "../tenant/tenant";
import { currentVersion } from "./secretStore";

/** A vault as its data plane writes its own address, without trailing slash. */
export function vaultUrl({ name }: ArmResource): string {
  return `https://${name.toLowerCase()}.vault.azure.net`;
}

/** A secret with its value: what set and get answer. */
export function secretBundle(vault: ArmResource, secret: VaultSecret, version: VaultSecretVersion): object {
  return { value: version.value, ...describeVersion(vault, secret, version) };
}

/** A secret without its value, under the ID of one version. */
export function describeVersion(
  vault: ArmResource,
  { name }: VaultSecret,
  version: VaultSecretVersion,
): object {
  return { ...properties(vault, version), id: `${vaultUrl(vault)}/secrets/${name}/${version.version}` };
}

/** A secret in a list of secrets: without value, under the ID that has no version. */
export function describeSecret(vault: ArmResource, secret: VaultSecret): object {
  return { ...properties(vault, currentVersion(secret)), id: `${vaultUrl(vault)}/secrets/${secret.name}` };
}

/**
 * What deleting answers. It has no value, and its ID names the current version; in the list of deleted ones it has
 * none.
 */
export function describeDeleted(vault: ArmResource, deleted: DeletedVaultSecret, isInList: boolean): object {
  const { name, deletedDate, scheduledPurgeDate } = deleted;
  return {
    recoveryId: `${vaultUrl(vault)}/deletedsecrets/${name}`,
    deletedDate,
    scheduledPurgeDate,
    ...(isInList ? describeSecret(vault, deleted) : describeVersion(vault, deleted, currentVersion(deleted))),
  };
}

function properties(vault: ArmResource, version: VaultSecretVersion): object {
  const { contentType, tags, enabled, nbf, exp, created, updated } = version;
  return {
    ...(contentType === undefined ? {} : { contentType }),
    attributes: {
      enabled,
      ...(nbf === undefined ? {} : { nbf }),
      ...(exp === undefined ? {} : { exp }),
      created,
      updated,
      recoveryLevel: recoveryLevel(vault),
      recoverableDays: retentionDays(vault),
    },
    ...(tags === undefined ? {} : { tags }),
  };
}

/** @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret#deletionrecoverylevel (read 2026-11) */
function recoveryLevel(vault: ArmResource): string {
  const customized = retentionDays(vault) < 90 ? "Customized" : "";
  return `${customized}Recoverable${isPurgeProtected(vault) ? "" : "+Purgeable"}`;
}
