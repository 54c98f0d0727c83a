import { cloudOf } from "../tenant/clouds";
import { isPermitted } from "../arm/access";
import { isRecord } from "../server/http";
import type { ArmResource, Tenant } from "../tenant/tenant";
import { authenticate, entraIssuerV1, keyVaultAudiences, type Caller } from "../entra/tokens";
import { isInRange } from "../server/ipv4";
import { KeyVaultError } from "./keyVaultError";

/** What an operation needs: a data action under RBAC, a permission under access policies. */
export interface Need {
  /** After `Microsoft.KeyVault/vaults/`, such as `secrets/getSecret/action`. */
  readonly dataAction: string;
  /** Such as `get`. */
  readonly policy: string;
}

/**
 * Who asks. Without a token, whatever the request is, the answer is the challenge from which clients learn tenant
 * and audience.
 *
 * @throws {KeyVaultError} 401.
 * @see https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses (read 2026-11)
 */
export async function signIn(request: Request, tenant: Tenant): Promise<Caller> {
  const result = await authenticate(request, tenant, keyVaultAudiences(tenant));
  if ("caller" in result) return result.caller;
  const { authority, vaultSuffix } = cloudOf(tenant.state);
  const message = {
    missing: "AKV10000: Request is missing a Bearer or PoP token.",
    invalid: "[BearerReadAccessTokenFailed] Error validating token: 'S2S17001'.",
    expired: "[TokenExpired] Error validating token: 'S2S12086'.",
    audience: `AKV10022: Invalid audience. Expected https://${vaultSuffix}.`,
  }[result.refusal];
  throw new KeyVaultError(401, "Unauthorized", message, undefined, {
    "WWW-Authenticate":
      `Bearer authorization="${authority}/${tenant.state.tenantId}", ` + `resource="https://${vaultSuffix}"`,
  });
}

/**
 * Lets a caller from an allowed address pass. Trusted services, which a bypass lets in, are not emulated.
 *
 * @throws {KeyVaultError} 403 `ForbiddenByFirewall` or `ForbiddenByConnection`.
 * @see https://learn.microsoft.com/azure/key-vault/general/network-security (read 2026-11)
 */
export function passFirewall(tenant: Tenant, vault: ArmResource, caller: Caller): void {
  const { publicNetworkAccess, networkAcls } = vault.properties;
  if (publicNetworkAccess === "Disabled") {
    throw new KeyVaultError(
      403,
      "Forbidden",
      "Public network access is disabled and request is not from a trusted service nor via an approved private " +
        `link.\r\nCaller: ${describeCaller(tenant, caller)}\r\nVault: ${describeVault(vault)}`,
      "ForbiddenByConnection",
    );
  }
  if (!isRecord(networkAcls) || networkAcls["defaultAction"] !== "Deny") return;
  const address = tenant.faults.callerAddress ?? "127.0.0.1";
  const rules = Array.isArray(networkAcls["ipRules"]) ? networkAcls["ipRules"].filter(isRecord) : [];
  if (rules.some(({ value }) => isInRange(address, String(value)))) return;
  throw new KeyVaultError(
    403,
    "Forbidden",
    `Client address is not authorized and caller is not a trusted service.\r\nClient address: ${address}\r\n` +
      `Caller: ${describeCaller(tenant, caller)}\r\nVault: ${describeVault(vault)}`,
    "ForbiddenByFirewall",
  );
}

/**
 * Lets a caller with the right pass: by role assignments at the vault, around it or at the single object, or by the
 * vault's access policies, whichever the vault uses.
 *
 * @param name Of the object; without one the right is needed at the vault, as for lists.
 * @throws {KeyVaultError} 403 `ForbiddenByRbac` or `AccessDenied`.
 * @see https://learn.microsoft.com/azure/key-vault/general/rbac-guide (read 2026-11)
 */
export function demand(tenant: Tenant, vault: ArmResource, caller: Caller, need: Need, name?: string): void {
  const [collection = ""] = need.dataAction.split("/");
  if (vault.properties["enableRbacAuthorization"] !== true) {
    demandPolicy(tenant, vault, caller, collection, need.policy);
    return;
  }
  const dataAction = `Microsoft.KeyVault/vaults/${need.dataAction}`;
  const scope = name === undefined ? vault.id : `${vault.id}/${collection}/${name}`;
  const { rbacLagSeconds: lagSeconds = 0 } = tenant.faults;
  if (isPermitted(tenant, caller.objectId, { dataAction }, scope, { lagSeconds })) return;
  throw new KeyVaultError(
    403,
    "Forbidden",
    "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role " +
      "definitions were changed recently, please observe propagation time.\r\n" +
      `Caller: ${describeCaller(tenant, caller)}\r\nAction: '${dataAction}'\r\nResource: '${scope.toLowerCase()}'\r\n` +
      "Assignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\n" +
      `Vault: ${describeVault(vault)}\r\n`,
    "ForbiddenByRbac",
  );
}

/** The vault's name and place, as Key Vault ends its refusals. */
export function describeVault({ name, location = "" }: ArmResource): string {
  return `${name};location=${location}`;
}

function demandPolicy(
  tenant: Tenant,
  vault: ArmResource,
  caller: Caller,
  collection: string,
  permission: string,
): void {
  const { accessPolicies } = vault.properties;
  const granted = (Array.isArray(accessPolicies) ? accessPolicies.filter(isRecord) : [])
    .filter(({ objectId }) => String(objectId).toLowerCase() === caller.objectId.toLowerCase())
    .flatMap(({ permissions }) => permissionsFor(collection, permissions));
  // "all" is every permission but purge, which must be given by name.
  if (granted.includes(permission) || (granted.includes("all") && permission !== "purge")) return;
  throw new KeyVaultError(
    403,
    "Forbidden",
    `The user, group or application '${describeCaller(tenant, caller)}' does not have ${collection} ${permission} permission ` +
      `on key vault '${describeVault(vault)}'. For help resolving this issue, please see ` +
      "https://go.microsoft.com/fwlink/?linkid=2125287",
    "AccessDenied",
  );
}

function describeCaller({ state }: Tenant, { clientId, objectId }: Caller): string {
  return `appid=${clientId};oid=${objectId};iss=${entraIssuerV1(state)}`;
}

function permissionsFor(collection: string, permissions: unknown): string[] {
  const names = isRecord(permissions) ? permissions[collection] : undefined;
  return Array.isArray(names) ? names.map((name) => String(name).toLowerCase()) : [];
}
