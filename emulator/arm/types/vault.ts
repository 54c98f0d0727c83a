import type { ArmResource, Tenant, VaultData } from "../../tenant/tenant";
import { isPermitted } from "../access";
import { ArmError } from "../armError";
import { parseScope } from "../armPath";
import type { ResourceChange, ResourceContent, ResourceType } from "../resourceType";
import { readVaultProperties, retentionDays } from "./vaultProperties";

/**
 * `Microsoft.KeyVault/vaults`: soft delete always on, purge protection and retention irreversible, names unique.
 *
 * @see https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/create-or-update (read 2026-11)
 * @see https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview (read 2026-11)
 */
export const vault: ResourceType = {
  type: "Microsoft.KeyVault/vaults",
  placement: "resourceGroup",
  location: "region",
  longRunning: true,
  putStatus: { created: 200, updated: 200 },
  namePattern: /^(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/,
  nameRule: (name) =>
    `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must ` +
    "begin with a letter, end with a letter or digit, and not contain consecutive hyphens. " +
    "Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742",
  build: buildVault,
  made: (resource, { createMode }) => {
    // Until its name is known to DNS; only the answer to the PUT of a new vault has the address without the last slash.
    resource.properties["provisioningState"] = "RegisteringDns";
    if (createMode === "recover") return resource;
    const vaultUri = String(resource.properties["vaultUri"]).replace(/\/$/, "");
    return { ...resource, properties: { ...resource.properties, vaultUri } };
  },
  wasRead: (resource) => {
    if (resource.properties["provisioningState"] === "RegisteringDns") {
      resource.properties["provisioningState"] = "Succeeded";
    }
  },
  removed: softDelete,
};

/** The vault of a name, wherever it lies; names are unique and case does not matter. */
export function findVault(tenant: Tenant, name: string): ArmResource | undefined {
  return Object.values(tenant.state.arm.resources).find(
    (resource) => resource.type === vault.type && resource.name.toLowerCase() === name.toLowerCase(),
  );
}

/** 409 for a name that another resource group, or another customer of Azure, has taken. */
export function nameTaken(name: string): ArmError {
  return new ArmError(
    409,
    "VaultAlreadyExists",
    `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is ` +
      "already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same " +
      "name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a " +
      "recoverable state then the vault will need to be purged before reusing the name. For more information on soft " +
      "delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740.",
  );
}

function buildVault(change: ResourceChange): ResourceContent {
  const { tenant, name, existing, properties } = change;
  if (existing !== undefined) {
    const changed = readVaultProperties(change);
    checkPermissionModel(change, existing, changed);
    return { systemData: systemData(change), properties: changed };
  }
  if (properties["createMode"] === "recover") return recover(change);
  if (tenant.state.arm.deletedVaults[name.toLowerCase()] !== undefined) {
    throw new ArmError(
      409,
      "ConflictError",
      "A vault with the same name already exists in deleted state. You need to either recover or purge existing key " +
        "vault. Follow this link for more information on soft delete: https://go.microsoft.com/fwlink/?linkid=2149745",
    );
  }
  if (findVault(tenant, name) !== undefined) throw nameTaken(name);
  const content = { systemData: systemData(change), properties: readVaultProperties(change) };
  tenant.state.vaults[name.toLowerCase()] = {
    secrets: Object.create(null) as VaultData["secrets"],
    deletedSecrets: Object.create(null) as VaultData["deletedSecrets"],
  };
  return content;
}

function recover(change: ResourceChange): ResourceContent {
  const { tenant, name, scope } = change;
  const { deletedVaults } = tenant.state.arm;
  const deleted = deletedVaults[name.toLowerCase()];
  const home = parseScope(deleted?.vault.id ?? "").resourceGroupName?.toLowerCase();
  if (deleted === undefined || home !== parseScope(scope).resourceGroupName?.toLowerCase()) {
    throw new ArmError(
      404,
      "DeletedVaultNotFound",
      `The deleted vault '${name}' was not found in this resource group, so there is nothing to recover.`,
    );
  }
  Reflect.deleteProperty(deletedVaults, name.toLowerCase());
  const { tags, properties } = deleted.vault;
  return {
    systemData: systemData({ ...change, existing: deleted.vault }),
    ...(tags === undefined ? {} : { tags }),
    properties,
  };
}

/** Moving between access policies and RBAC hands out access, so Azure asks for the right to do that. */
function checkPermissionModel(
  { tenant, caller, id }: ResourceChange,
  existing: ArmResource,
  changed: Record<string, unknown>,
): void {
  const action = "Microsoft.Authorization/roleAssignments/write";
  if (
    Boolean(existing.properties["enableRbacAuthorization"]) === Boolean(changed["enableRbacAuthorization"]) ||
    isPermitted(tenant, caller.objectId, { action }, id)
  ) {
    return;
  }
  throw new ArmError(403, "InsufficientPermissions", "Caller is not allowed to change permission model");
}

function softDelete({ state, clock }: Tenant, removed: ArmResource): void {
  const deletedAt = clock.now();
  const purgeAt = new Date(deletedAt.getTime() + retentionDays(removed) * 86_400_000);
  state.arm.deletedVaults[removed.name.toLowerCase()] = {
    vault: removed,
    deletionDate: deletedAt.toISOString(),
    scheduledPurgeDate: purgeAt.toISOString(),
  };
}

function systemData({ caller, now, existing }: ResourceChange): object {
  const before = existing?.["systemData"];
  const made = { createdBy: caller.clientId, createdByType: "Application", createdAt: now.toISOString() };
  return {
    ...made,
    ...(typeof before === "object" ? before : {}),
    lastModifiedBy: caller.clientId,
    lastModifiedByType: "Application",
    lastModifiedAt: now.toISOString(),
  };
}
