import { z } from "zod";
import { keyVaultApiVersion } from "../core/vault/keyVaultApi";
import { listArm } from "./armApi";
import type { AzureClient } from "./azureClient";
import type { Identity } from "./signIn";

const shape = z.object({
  name: z.string(),
  properties: z.object({
    vaultId: z.string(),
    location: z.string(),
    deletionDate: z.string().nullish(),
    scheduledPurgeDate: z.string().nullish(),
    purgeProtectionEnabled: z.boolean().nullish(),
  }),
});

/** A vault that was deleted and can be recovered. */
export interface DeletedVault {
  readonly name: string;
  /** ARM ID that it had. */
  readonly vaultId: string;
  readonly location: string;
  /** ISO 8601: when Azure purges it. */
  readonly scheduledPurgeAt: string | undefined;
  /** Then nobody, Microsoft included, can purge it earlier. */
  readonly isPurgeProtected: boolean;
}

/**
 * Looks for a soft-deleted vault of one name in a subscription; case does not matter.
 *
 * @throws {ServiceRefusal} 403 without `Microsoft.KeyVault/deletedVaults/read` on the subscription.
 * @see https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted (read 2026-11)
 */
export async function findDeletedVault(
  client: AzureClient,
  identity: Identity,
  subscriptionId: string,
  name: string,
): Promise<DeletedVault | undefined> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/deletedVaults`;
  const found = await listArm(client, identity, path, keyVaultApiVersion, shape);
  const deleted = found.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (deleted === undefined) return undefined;
  const { vaultId, location, scheduledPurgeDate, purgeProtectionEnabled } = deleted.properties;
  return {
    name: deleted.name,
    vaultId,
    location,
    scheduledPurgeAt: scheduledPurgeDate ?? undefined,
    isPurgeProtected: purgeProtectionEnabled === true,
  };
}
