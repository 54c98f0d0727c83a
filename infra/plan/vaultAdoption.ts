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
import * as z from "zod/mini";
import type { Directory } from "./directory";
import type { Recorded } from "./tenant";

/** A vault that comes under the program, with its resource group. */
export interface VaultAdoption extends VaultPlace {
  /** ARM ID of the vault. */
  readonly vaultId: string;
  /** The run that adopts it leaves its properties as found; the next ones bring them in line. */
  readonly isNew: boolean;
  /** The stack has a resource group already, of a run that did not end: it stays, beside the vault's own. */
  readonly hasGroup: boolean;
}

export interface VaultQuestion {
  readonly settings: Settings["vault"];
  readonly subscriptionId: string;
  /** The vault that the stack has; undefined before a run has made it. */
  readonly ownVault: PreviousVault | undefined;
  readonly hasGroup: boolean;
}

/**
 * Looks for what Azure already has of the vault that the settings name. A generated name is free, and a stack that has
 * its vault asks nothing, and keeps it.
 *
 * @returns undefined when the vault is the stack's to make or has been.
 */
export async function findVaultAdoption(
  { settings, subscriptionId, ownVault, hasGroup }: VaultQuestion,
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
  const adoption = { ...place, vaultId: adopt, isNew, hasGroup };
  if (!isNew) return adoption;
  if (await directory.hasVault(adopt)) {
    void pulumi.log.info(
      `The stack adopts the vault ${place.vaultName}${hasGroup ? "" : ` and its resource group ${place.resourceGroupName}`}. ` +
        "This run leaves properties of its own as found; the next one brings them in line with the settings.",
    );
    return adoption;
  }
  return (
    (await deletedFault("adopt", adopt, place.vaultName, subscriptionId, directory)) ??
    vaultAdoptionImpossible(adopt, "There is no such vault, nor a deleted one of its name.")
  );
}

/** The vault that the state holds, of a run that did not end and so published nothing. */
export function recordedVault(recorded: Recorded): PreviousVault | undefined {
  const [, outputs] = [...recorded].find(([urn]) => urn.includes("azure-native:keyvault:Vault::")) ?? [];
  return vaultShape.safeParse(outputs).data?.outputs;
}

export function hasResourceGroup(recorded: Recorded): boolean {
  return [...recorded.keys()].some((urn) => urn.includes("azure-native:resources:ResourceGroup::"));
}

const vaultShape = z.object({ outputs: z.object({ name: z.string() }) });

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
        location: deleted.location,
        until: deleted.scheduledPurgeAt,
      });
}
