import { OperatorError, type Fault } from "../errors";

/**
 * Settings and variables by which the providers and `@azure/identity` choose a cloud, with the values that mean the
 * public one.
 *
 * @see https://www.pulumi.com/registry/packages/azuread/installation-configuration/ (read 2026-11)
 * @see https://www.pulumi.com/registry/packages/azure-native/installation-configuration/ (read 2026-11)
 */
const publicCloud: Readonly<Record<string, readonly string[]>> = {
  "azuread:environment": ["public", "global"],
  "azuread:metadataHost": ["management.azure.com"],
  "azure-native:environment": ["public", "azurecloud"],
  "azure-native:metadataHost": ["management.azure.com"],
  ARM_ENVIRONMENT: ["public", "global", "azurecloud"],
  ARM_METADATA_HOSTNAME: ["management.azure.com"],
  AZURE_ENVIRONMENT: ["public", "azurecloud", "azurepubliccloud"],
  AZURE_AUTHORITY_HOST: ["login.microsoftonline.com"],
};

const reason =
  "Only the public cloud is supported, which GCC tenants are in too. In another cloud Entra, Microsoft Graph, Azure " +
  "Resource Manager and Key Vault have other hosts, and tokens for them must not be sent to these.";

/**
 * What chooses another cloud than the public one, the only one that is supported.
 *
 * @param given Configuration by full key, or environment variables by name.
 */
export function otherClouds(given: Readonly<Record<string, string | undefined>>): Fault[] {
  return Object.entries(publicCloud).flatMap(([key, names]) => {
    const value = Object.hasOwn(given, key) ? (given[key] ?? "") : "";
    const name = value
      .trim()
      .toLowerCase()
      .replace(/^https:\/\//, "")
      .replace(/\/$/, "");
    if (name === "" || names.includes(name)) return [];
    const repair = `Deploy to a tenant of the public cloud, without ${key}.`;
    return [{ code: "CLOUD_UNSUPPORTED", key, value, reason, repair }];
  });
}

/**
 * Refuses an environment that chooses another cloud, before anything is sent.
 *
 * @throws {OperatorError} `CLOUD_UNSUPPORTED`, naming every variable.
 */
export function refuseOtherClouds(environment: Readonly<Record<string, string | undefined>>): void {
  const found = otherClouds(environment);
  if (found.length === 0) return;
  const names = found.map(({ key, value }) => `${key}=${JSON.stringify(value.slice(0, 80))}`).join(", ");
  throw new OperatorError(
    "CLOUD_UNSUPPORTED",
    `${names}: nothing was sent. ${reason} Unset it for a tenant of the public cloud.`,
  );
}
