import * as pulumi from "@pulumi/pulumi";
import type { Fault } from "../../core/errors";
import type { Settings } from "../../core/settings/settings";
import {
  deletedVaultFault,
  readVaultId,
  vaultAdoptionImpossible,
  type VaultPlace,
} from "../../core/vault/vaultAdoption";
import { otherVaultFault, type PreviousVault } from "../../core/vault/vaultKept";
import type { Directory } from "./directory";

/** A vault that comes under the program, with its resource group. */
export interface VaultAdoption extends VaultPlace {
  readonly vaultId: string;
  /** The run that takes it over leaves its properties as found; the next ones bring them in line. */
  readonly isNew: boolean;
}

export interface VaultQuestion {
  readonly settings: Settings["vault"];
  readonly subscriptionId: string;
  /** The vault that the stack has; undefined before its first successful run. */
  readonly ownVault: PreviousVault | undefined;
}

/**
 * Looks for what Azure already has of the vault that the settings name. A generated name is free, and a stack that has
 * its vault asks nothing, and keeps it.
 *
 * @returns undefined when the vault is the stack's to make or has been.
 */
export async function findVaultTakeOver(
  { settings, subscriptionId, ownVault }: VaultQuestion,
  directory: Directory,
): Promise<VaultAdoption | Fault | undefined> {
  const { name, adopt } = settings;
  const isNew = ownVault === undefined;
  const fault = isNew ? undefined : otherVaultFault(settings, ownVault, pulumi.getStack());
  if (fault !== undefined) return fault;
  if (adopt === undefined) {
    if (name === undefined || !isNew) return undefined;
    return await deletedFault("name", name, name, subscriptionId, directory);
  }
  const place = readVaultId(adopt);
  if (place === undefined) return undefined;
  if (place.subscriptionId.toLowerCase() !== subscriptionId.toLowerCase()) {
    return vaultAdoptionImpossible(adopt, `The stack deploys to subscription ${subscriptionId}.`);
  }
  const adoption = { ...place, vaultId: adopt, isNew };
  if (!isNew) return adoption;
  if (await directory.hasVault(adopt)) {
    void pulumi.log.info(
      `The stack adopts the vault ${place.vaultName} and its resource group ${place.resourceGroupName}. This run ` +
        "leaves their own properties as found; the next one brings them in line with the settings.",
    );
    return adoption;
  }
  return (
    (await deletedFault("adopt", adopt, place.vaultName, subscriptionId, directory)) ??
    vaultAdoptionImpossible(adopt, "There is no such vault, nor a deleted one of its name.")
  );
}

async function deletedFault(
  setting: "name" | "adopt",
  value: string,
  vaultName: string,
  subscriptionId: string,
  directory: Directory,
): Promise<Fault | undefined> {
  const deleted = await directory.deletedVault(subscriptionId, vaultName);
  return deleted === undefined
    ? undefined
    : deletedVaultFault(setting, value, {
        stack: pulumi.getStack(),
        vaultId: deleted.vaultId,
        until: deleted.scheduledPurgeAt,
      });
}
