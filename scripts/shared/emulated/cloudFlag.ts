import { CloudName, clouds, type Cloud } from "../../../core/cloud/clouds";
import { UsageError } from "../command";

/**
 * Reads `--cloud`.
 *
 * @throws {UsageError} for a name that no cloud has.
 */
export function readCloud(text: string | undefined): Cloud | undefined {
  if (text === undefined) return undefined;
  const name = Object.values(CloudName).find((one) => one === text.toLowerCase());
  if (name !== undefined) return clouds[name];
  throw new UsageError(
    `--cloud ${text}: there is no such cloud. Give one of ${Object.values(CloudName).join(", ")}. GCC is in the public one.`,
  );
}

/** The settings by which a stack is in a cloud; none where `--cloud` is not given. */
export function providerSettings(cloud: Cloud | undefined): Record<string, string> {
  if (cloud === undefined) return {};
  return {
    "azuread:environment": cloud.providers.azuread,
    "azure-native:environment": cloud.providers.azureNative,
    // A stack of the public cloud names a region that others do not have.
    ...(cloud.name === "public" ? {} : { "azure-native:location": cloud.location }),
  };
}
