import type { Fault } from "../errors";
import type { Settings } from "../settings/settings";
import { configKey, removeCommand, setCommand } from "../settings/settingsFaults";
import { readVaultId, resourceGroupPrefix } from "./vaultAdoption";
import { vaultNamePrefix, vaultSuffixLength } from "./vaultName";

/** Where a vault's name comes from: the setting of that name, or the stack's name and a random suffix. */
export const vaultNameSources = ["adopt", "name", "generated"] as const;
export type VaultNameSource = (typeof vaultNameSources)[number];

/** The vault that a stack has: from its outputs, or after an interrupted first run only its name, from the state. */
export interface PreviousVault {
  readonly name: string;
  /** ARM ID. */
  readonly resourceId?: string;
  readonly nameFrom?: VaultNameSource;
  /** The stack's name when it created the vault; absent in outputs of release 0.2.0 too. */
  readonly namedAfter?: string;
}

type VaultSettings = Pick<Settings["vault"], "name" | "adopt">;

/** Which setting gives the vault its name. */
export function vaultNameSource({ name, adopt }: VaultSettings): VaultNameSource {
  if (adopt !== undefined) return "adopt";
  return name === undefined ? "generated" : "name";
}

/**
 * Why the settings contradict the vault that the stack has: they name another one. A vault cannot be renamed, so a new
 * one would replace it.
 *
 * @returns undefined when the vault stays.
 */
export function otherVaultFault(
  settings: VaultSettings,
  own: PreviousVault,
  stack: string,
): Fault | undefined {
  const wanted = vaultNameSource(settings);
  const before = sourceOf(own, stack);
  const isSame =
    wanted === "generated"
      ? before === "generated"
      : nameIn(settings)?.toLowerCase() === own.name.toLowerCase();
  // A stack that was renamed, and neither outputs nor resource group contain its former name.
  const isLost = before === "generated" && !looksGenerated(own.name, stackNamedAfter(own, stack));
  if (isSame && !isLost) return undefined;
  const setting = [wanted, before].find((source) => source !== "generated") ?? "name";
  const value = settings[setting];
  return {
    code: "VAULT_FIXED",
    key: configKey(["vault", setting]),
    value: value === undefined ? "(absent)" : JSON.stringify(value),
    reason: `The stack has the vault ${own.name}; another would take its place, and every reader would be cut off.`,
    repair: isLost
      ? "Its name is from the stack's former name; give the stack that one back: pulumi stack rename <former name>"
      : waysBack(settings, before, own).join("; "),
  };
}

/**
 * The stack's name that is part of the names in Azure and in the state: the one that it had when it made its vault, so
 * that `pulumi stack rename` replaces nothing.
 *
 * @param own The vault that the stack has; undefined before its first successful run.
 * @param stack Its name now.
 */
export function stackNamedAfter(own: PreviousVault | undefined, stack: string): string {
  if (own === undefined || own.namedAfter !== undefined) return own?.namedAfter ?? stack;
  // Outputs of release 0.2.0 lack it. Its resource group has the name: Pulumi puts eight hexadecimal digits behind the group's name.
  const group = own.resourceId === undefined ? undefined : readVaultId(own.resourceId)?.resourceGroupName;
  const [, named] = new RegExp(`^${resourceGroupPrefix}(.+)-[0-9a-f]{8}$`).exec(group ?? "") ?? [];
  return own.nameFrom === "adopt" ? stack : (named ?? stack);
}

function sourceOf(own: PreviousVault, stack: string): VaultNameSource {
  return own.nameFrom ?? (looksGenerated(own.name, stackNamedAfter(own, stack)) ? "generated" : "name");
}

/** What leads to the stack's own vault again, in commands. */
function waysBack(settings: VaultSettings, before: VaultNameSource, own: PreviousVault): string[] {
  const removed = (["name", "adopt"] as const).filter((key) => key !== before && settings[key] !== undefined);
  const value = { adopt: own.resourceId, name: own.name, generated: undefined }[before];
  return [
    ...removed.map((key) => removeCommand(["vault", key])),
    ...(value === undefined ? [] : [setCommand(["vault", before], value)]),
  ];
}

function nameIn({ name, adopt }: VaultSettings): string | undefined {
  return adopt === undefined ? name : readVaultId(adopt)?.vaultName;
}

function looksGenerated(name: string, stack: string): boolean {
  const prefix = vaultNamePrefix(stack);
  return (
    name.startsWith(prefix) &&
    /^[a-z0-9]+$/.test(name.slice(prefix.length)) &&
    name.length === prefix.length + vaultSuffixLength
  );
}
