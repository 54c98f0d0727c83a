import { isForbidden } from "../../../azure/serviceRefusal";
import { commandFix, personFix, refreshCommand } from "../../../core/fix";
import type { StackEvidence } from "../evidence";
import type { Finding } from "../report";
import type { VaultResource } from "../../../azure/arm";
import { secretReadingRole } from "../keyVaultRoles";
import { counted, notSeen } from "./explain";

const readerRight = "To have this checked too, give the caller the role Reader at the vault.";

/** `vault-posture`: how the vault is guarded, and who can read secrets in it. */
export function checkVaultPosture(stack: StackEvidence): Finding {
  if (!stack.vault.known) return notSeen("the vault's settings", stack.vault.error, readerRight);
  if (!stack.vaultRoles.known && !isForbidden(stack.vaultRoles.error)) {
    return notSeen("who may read the vault's secrets", stack.vaultRoles.error, readerRight);
  }
  const { properties } = stack.vault.value;
  const holders = secretReaders(stack);
  const open = isOpen(stack.vault.value);
  const evidence = {
    rbac: properties.enableRbacAuthorization === true,
    softDelete: properties.enableSoftDelete !== false,
    purgeProtection: properties.enablePurgeProtection === true,
    retentionDays: properties.softDeleteRetentionInDays ?? null,
    publicAccess: open ? "all networks" : (properties.publicNetworkAccess ?? "restricted"),
    allowedIpRanges: (properties.networkAcls?.ipRules ?? []).map(({ value }) => value),
    ...(holders === undefined ? {} : { readersCount: holders.length, readers: holders }),
  };
  const wrong = [
    ...(evidence.rbac ? [] : ["access policies decide instead of roles (RBAC is off)"]),
    ...(evidence.softDelete ? [] : ["soft delete is off: a deleted secret cannot be recovered"]),
    ...(evidence.purgeProtection ? [] : ["purge protection is off: a deleted vault can be destroyed"]),
  ];
  if (wrong.length > 0) {
    return {
      status: "fail",
      summary: wrong.join("; "),
      evidence,
      fixes: [
        ...(evidence.rbac
          ? []
          : [
              personFix(
                "vault.permission-model",
                "The vault was switched to access policies outside Pulumi. Find out why; an Owner or User Access Administrator of the " +
                  "vault switches it back (portal, Access configuration), which no deployer may.",
              ),
            ]),
        ...(evidence.softDelete && evidence.purgeProtection
          ? []
          : [
              commandFix(
                "vault.restore",
                "The vault was changed outside Pulumi",
                refreshCommand(stack.stackName),
              ),
            ]),
      ],
    };
  }
  const who = holders === undefined ? "" : `; ${counted(holders.length, "role assignment")} may read secrets`;
  return {
    status: "pass",
    summary: `RBAC, soft delete and purge protection are on; open to ${open ? "all networks" : "chosen networks only"}${who}`,
    evidence,
  };
}

/** Whether every address may try; without a rule, Azure lets it. */
export function isOpen({ properties: { publicNetworkAccess, networkAcls } }: VaultResource): boolean {
  const isPublic = (publicNetworkAccess ?? "Enabled").toLowerCase() === "enabled";
  return isPublic && (networkAcls?.defaultAction ?? "Allow").toLowerCase() === "allow";
}

/** Everyone whose role reads secret values, at the vault, at a secret or above; undefined when unreadable. */
function secretReaders(stack: StackEvidence): string[] | undefined {
  if (!stack.vaultRoles.known) return undefined;
  return stack.vaultRoles.value.flatMap(({ properties }) => {
    const role = secretReadingRole(properties.roleDefinitionId);
    if (role === undefined) return [];
    const { principalId, principalType, scope } = properties;
    const name = stack.principalNames.get(principalId);
    const who = name === undefined ? principalId : `${name} (${principalId})`;
    return [`${principalType} ${who}: ${role} at ${scopeName(scope)}`];
  });
}

/** The last two parts of a scope, which tell a vault from a secret in it. */
function scopeName(scope: string): string {
  const parts = scope.split("/").filter((part) => part !== "");
  return parts.length === 0 ? "/" : parts.slice(-2).join("/");
}
