import * as pulumi from "@pulumi/pulumi";
import type { Fault } from "./core/errors";
import type { Settings } from "./core/settings";
import {
  deletedVaultFault,
  readVaultId,
  vaultAdoptionImpossible,
  type VaultPlace,
} from "./core/vaultAdoption";
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
  /** Of the vault that the stack has; undefined before its first successful run. */
  readonly ownVaultName: string | undefined;
}

/**
 * Looks for what Azure already has of the vault that the settings name. A generated name is free, and a stack that has
 * its vault asks nothing.
 *
 * @returns undefined when the vault is the stack's to make or has been.
 */
export async function findVaultTakeOver(
  { settings, subscriptionId, ownVaultName }: VaultQuestion,
  directory: Directory,
): Promise<VaultAdoption | Fault | undefined> {
  const { name, adopt } = settings;
  const own = ownVaultName?.toLowerCase();
  if (adopt === undefined) {
    if (name === undefined || own === name.toLowerCase()) return undefined;
    return await deletedFault("name", name, name, subscriptionId, directory);
  }
  const place = readVaultId(adopt);
  if (place === undefined) return undefined;
  if (place.subscriptionId.toLowerCase() !== subscriptionId.toLowerCase()) {
    return vaultAdoptionImpossible(adopt, `The stack deploys to subscription ${subscriptionId}.`);
  }
  const adoption = { ...place, vaultId: adopt, isNew: own !== place.vaultName.toLowerCase() };
  if (!adoption.isNew) return adoption;
  if (ownVaultName !== undefined) {
    return vaultAdoptionImpossible(adopt, `This stack has a vault of its own, ${ownVaultName}.`);
  }
  if (await directory.hasVault(adopt)) {
    void pulumi.log.info(
      `The stack takes over the vault ${place.vaultName} and its resource group ${place.resourceGroupName}. This run ` +
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
