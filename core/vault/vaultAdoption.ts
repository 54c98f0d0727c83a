import { groupCreation, vaultRecovery } from "../azureCli";
import { commandFix, fixesText, onStack, ownCommand, type Fix } from "../fix";
import type { Fault } from "../errors";
import { configKey, removeCommand, setCommand } from "../settings/settingsFaults";

/** The parts of a vault's ARM ID. */
export interface VaultPlace {
  /** Subscription ID, a GUID. */
  readonly subscriptionId: string;
  /** Name of the vault's resource group. */
  readonly resourceGroupName: string;
  /** Name of the vault. */
  readonly vaultName: string;
}

/** @returns undefined when the ID is not that of a vault. */
export function readVaultId(vaultId: string): VaultPlace | undefined {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.KeyVault\/vaults\/([^/]+)$/i.exec(
      vaultId,
    );
  if (match === null) return undefined;
  const [, subscriptionId = "", resourceGroupName = "", vaultName = ""] = match;
  return { subscriptionId, resourceGroupName, vaultName };
}

/** What the stack calls its resource groups, up to the stack's name. */
export const resourceGroupPrefix = "copilot-token-";

/**
 * Why a stack cannot adopt a vault, or undefined when it can. The stack adopts the resource group too, and deletes it when
 * it is destroyed. So the group must be one that this program made: another may contain resources of others.
 */
export function vaultAdoptionFault(vaultId: string): string | undefined {
  const place = readVaultId(vaultId);
  if (place === undefined) {
    return "The ARM ID of a key vault is expected: /subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/vaults/…";
  }
  if (place.resourceGroupName.toLowerCase().startsWith(resourceGroupPrefix)) return undefined;
  return (
    `Only a vault that this program created can be adopted, in a resource group named ${resourceGroupPrefix}…: ` +
    `${place.resourceGroupName} would become part of the stack too, and be deleted with it.`
  );
}

/** How a vault that is there, but not in the stack's state, comes under the stack. */
export function adoptVaultCommand(vaultId: string): string {
  return setCommand(["vault", "adopt"], vaultId);
}

/** What Azure keeps of a deleted vault's place. */
export interface DeletedVaultPlace {
  /** ARM ID that it had. */
  readonly vaultId: string;
  /** Azure region. */
  readonly location: string;
}

/**
 * How a deleted vault that holds a name is brought back and adopted, or another name taken.
 *
 * @param stack Name of the stack that had it.
 */
export function deletedVaultFixes(stack: string, { vaultId, location }: DeletedVaultPlace): Fix[] {
  const adopt = onStack(adoptVaultCommand(vaultId), stack);
  const { vaultName: name = vaultId, resourceGroupName = "" } = readVaultId(vaultId) ?? {};
  return [
    commandFix(
      "vault-name.restore",
      "If this stack was destroyed, bring back all of it",
      ownCommand("destroy", stack, "--restore"),
      adopt,
    ),
    commandFix(
      "vault-name.recover",
      "Recover only the vault; it needs a resource group of its former name",
      groupCreation(resourceGroupName, location),
      vaultRecovery(name),
      adopt,
    ),
    commandFix(
      "vault-name.other",
      "Choose another name, or none, which makes one that is free",
      onStack(removeCommand(["vault", "name"]), stack),
    ),
  ];
}

/** A setting leads to a vault that is deleted. */
export function deletedVaultFault(
  setting: "name" | "adopt",
  value: string,
  deleted: DeletedVaultPlace & { readonly stack: string; readonly until: string | undefined },
): Fault {
  // Another name is no way out for a stack that is told to adopt this very vault.
  const fixes = deletedVaultFixes(deleted.stack, deleted).filter(
    ({ id }) => setting === "name" || id !== "vault-name.other",
  );
  return {
    code: "VAULT_DELETED",
    key: configKey(["vault", setting]),
    value: JSON.stringify(value),
    reason:
      "A deleted vault of this subscription has the name, and keeps it " +
      `${deleted.until === undefined ? "until it is purged" : `until ${deleted.until}`}.`,
    repair: fixesText(fixes),
    fixes,
  };
}

/** A vault that the settings name cannot be adopted. */
export function vaultAdoptionImpossible(value: string, reason: string): Fault {
  return {
    code: "VAULT_ADOPT_IMPOSSIBLE",
    key: configKey(["vault", "adopt"]),
    value: JSON.stringify(value),
    reason,
    repair: removeCommand(["vault", "adopt"]),
  };
}
