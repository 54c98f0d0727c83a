import { cloudOf } from "../../tenant/clouds";
import { isGuid, isRecord } from "../../server/http";
import type { ArmResource } from "../../tenant/tenant";
import { badRequest } from "../armError";
import type { ResourceChange } from "../resourceType";

type Properties = Readonly<Record<string, unknown>>;

/** Days that a vault keeps what is deleted; Key Vault's default is 90. */
export function retentionDays({ properties }: ArmResource): number {
  return Number(properties["softDeleteRetentionInDays"] ?? 90);
}

/** Whether a purge before the end of the retention is impossible, even for Microsoft. */
export function isPurgeProtected({ properties }: ArmResource): boolean {
  return properties["enablePurgeProtection"] === true;
}

/**
 * What a vault holds after a PUT, by Key Vault's rules: what is left out keeps its value or gets Azure's default.
 *
 * @throws {ArmError} 400 with Key Vault's text for what it does not allow.
 */
export function readVaultProperties({
  tenant,
  name,
  properties,
  existing,
  apiVersion,
}: ResourceChange): Record<string, unknown> {
  const before: Properties = existing?.properties ?? {};
  const { tenantId, accessPolicies, networkAcls } = properties;
  if (typeof tenantId !== "string" || !isGuid(tenantId)) {
    throw badRequest("The parameter tenantId is not specified or is not a GUID.");
  }
  // A property that was never sent is absent, except `enabledForDeployment`.
  const flag = (key: string, byDefault?: boolean): Record<string, boolean> => {
    const value = properties[key] ?? before[key] ?? byDefault;
    return value === undefined ? {} : { [key]: Boolean(value) };
  };
  // From 2026-02-01 on a new vault uses RBAC unless told otherwise; before, access policies.
  const rbacByDefault = existing === undefined && apiVersion >= "2026-02-01" ? true : undefined;
  const rbac = flag("enableRbacAuthorization", rbacByDefault);
  const usesRbac = rbac["enableRbacAuthorization"] === true;
  const policies = Array.isArray(accessPolicies) ? accessPolicies : before["accessPolicies"];
  if (!usesRbac && policies === undefined) throw badRequest("The parameter accessPolicies is not specified.");
  const acls = isRecord(networkAcls) ? readNetworkAcls(networkAcls) : before["networkAcls"];
  return {
    sku: readSku(properties["sku"]),
    tenantId,
    accessPolicies: policies ?? [],
    ...(acls === undefined ? {} : { networkAcls: acls }),
    ...flag("enabledForDeployment", false),
    ...flag("enabledForDiskEncryption"),
    ...flag("enabledForTemplateDeployment"),
    enableSoftDelete: readSoftDelete(properties),
    softDeleteRetentionInDays: readRetention(properties, before),
    ...rbac,
    ...readPurgeProtection(properties, before),
    vaultUri: `https://${name.toLowerCase()}.${cloudOf(tenant.state).vaultSuffix}/`,
    provisioningState: "Succeeded",
    publicNetworkAccess: readPublicAccess(properties["publicNetworkAccess"] ?? before["publicNetworkAccess"]),
  };
}

function readSku(sku: unknown): object {
  const { family, name } = isRecord(sku) ? sku : {};
  const skuName = typeof name === "string" ? name.toLowerCase() : "";
  if (family !== "A" || !["standard", "premium"].includes(skuName)) {
    throw badRequest("The parameter sku is not valid: family must be A, and name standard or premium.");
  }
  return { family, name: skuName };
}

function readSoftDelete(properties: Properties): true {
  if (properties["enableSoftDelete"] !== false) return true;
  throw badRequest(
    'The property "enableSoftDelete" cannot be set to false. Enabling the soft delete for a vault is an irreversible action.',
  );
}

function readRetention(properties: Properties, before: Properties): number {
  const given = properties["softDeleteRetentionInDays"];
  const fixed = before["softDeleteRetentionInDays"];
  if (given === undefined || given === null) return Number(fixed ?? 90);
  const days = Number(given);
  if (!Number.isInteger(days) || days < 7 || days > 90) {
    throw badRequest(
      `The property "softDeleteRetentionInDays" must be between 7 and 90 (inclusive), but is '${String(days)}'.`,
    );
  }
  if (fixed !== undefined && fixed !== days) {
    throw badRequest(
      `The property "softDeleteRetentionInDays" has been set already and it can't be modified.`,
    );
  }
  return days;
}

function readPurgeProtection(properties: Properties, before: Properties): { enablePurgeProtection?: true } {
  const given = properties["enablePurgeProtection"];
  if (given === false) {
    throw badRequest(
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    );
  }
  return given === true || before["enablePurgeProtection"] === true ? { enablePurgeProtection: true } : {};
}

/**
 * Ranges without a public address, whose every range is longer than they are. The words for private addresses are
 * Azure's; those for the others are made alike.
 *
 * @see https://github.com/Azure/azure-powershell/issues/11471 (read 2026-11)
 */
const forbiddenRanges = [
  { pattern: /^0\.\S*?(?<!\/[0-7])$/, name: "0.0.0.0–0.255.255.255 (this network)" },
  { pattern: /^10\.\S*?(?<!\/[0-7])$/, name: "10.0.0.0–10.255.255.255 (private IP addresses)" },
  { pattern: /^127\.\S*?(?<!\/[0-7])$/, name: "127.0.0.0–127.255.255.255 (loopback IP addresses)" },
  {
    pattern: /^169\.254\.\S*?(?<!\/(?:\d|1[0-5]))$/,
    name: "169.254.0.0–169.254.255.255 (link-local IP addresses)",
  },
  {
    pattern: /^172\.(?:1[6-9]|2\d|3[01])\.\S*?(?<!\/(?:\d|1[01]))$/,
    name: "172.16.0.0–172.31.255.255 (private IP addresses)",
  },
  {
    pattern: /^192\.168\.\S*?(?<!\/(?:\d|1[0-5]))$/,
    name: "192.168.0.0–192.168.255.255 (private IP addresses)",
  },
  {
    pattern: /^2(?:2[4-9]|3\d)\.\S*?(?<!\/[0-3])$/,
    name: "224.0.0.0–239.255.255.255 (multicast IP addresses)",
  },
] as const;

/**
 * Key Vault writes a single address as a range: `203.0.113.7` comes back as `203.0.113.7/32`. Rules that let everyone
 * in are none, and do not come back.
 */
function readNetworkAcls(acls: Properties): object | undefined {
  const rules = Array.isArray(acls["ipRules"]) ? acls["ipRules"].filter(isRecord) : [];
  const ipRules = rules.map(({ value }, index) => {
    if (typeof value !== "string" || !/^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/.test(value)) {
      throw badRequest(
        `The value '${String(value)}' in networkAcls.ipRules is not an IPv4 address or range.`,
      );
    }
    const forbidden = forbiddenRanges.find(({ pattern }) => pattern.test(value));
    if (forbidden !== undefined) {
      throw badRequest(
        `Invalid value found at properties.networkAcls.ipRules[${index}].value: ${value} belongs to forbidden range ` +
          forbidden.name,
      );
    }
    return { value: value.includes("/") ? value : `${value}/32` };
  });
  const { bypass = "AzureServices", defaultAction = "Allow", virtualNetworkRules } = acls;
  const networkRules = (Array.isArray(virtualNetworkRules) ? virtualNetworkRules.filter(isRecord) : []).map(
    // Key Vault writes the ID of a subnet in lower case.
    (rule) => ({ ...rule, id: String(rule["id"]).toLowerCase() }),
  );
  const isOpen = bypass === "AzureServices" && defaultAction === "Allow";
  if (isOpen && ipRules.length + networkRules.length === 0) return undefined;
  return { bypass, defaultAction, ipRules, virtualNetworkRules: networkRules };
}

/** Clients send `enabled` and `Enabled`; Azure answers the second. */
function readPublicAccess(value: unknown): "Enabled" | "Disabled" {
  return typeof value === "string" && value.toLowerCase() === "disabled" ? "Disabled" : "Enabled";
}
