import type { Cloud } from "../cloud/clouds";
import { cloudFaults } from "./cloudFaults";
import { chooseProgramCloud } from "../cloud/chosenCloud";
import type { Fault } from "../errors";
import { judgeSettings, settingKeys, type JudgedSettings } from "./settings";
import { inRunnableOrder, removeCommand, settingsNamespace } from "./settingsFaults";

/** A stack's configuration as the engine hands it to a program: full keys, structured values as JSON. */
export interface StackConfig {
  /** The project's name in `Pulumi.yaml`. */
  readonly project: string;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Judges all that a stack file says. Program, doctor, init and local runs ask here and nowhere else, so that there is
 * one verdict on a file.
 *
 * @param environment Variables of the run, which choose a cloud too. Default: none.
 */
export function judgeStackConfig(
  config: StackConfig,
  environment: Readonly<Record<string, string | undefined>> = {},
): JudgedSettings {
  const given = decodeSettings(config.values, settingsNamespace);
  const judged = judgeSettings(given);
  const { cloud, faults } = chooseProgramCloud(config.values, environment);
  const others = [
    ...unreadSettings(config, settingsNamespace, settingKeys),
    ...missingLocation(cloud, config),
    ...otherHosts(config, environment),
    // Regions that no cloud has are among the other faults.
    ...(faults.length > 0 || judged.settings === undefined ? [] : cloudFaults(cloud, given)),
  ];
  if (others.length === 0) return judged;
  // With settings that nothing reads, the defaults would apply, which were not requested.
  const asked = judged.settings === undefined ? judged.asked : { apps: {}, acceptTierZero: [] };
  return { faults: inRunnableOrder([...judged.faults, ...others]), asked };
}

/** The settings under a prefix, each decoded from JSON where it is JSON. */
export function decodeSettings(
  values: Readonly<Record<string, string>>,
  namespace: string,
): Record<string, unknown> {
  const prefix = `${namespace}:`;
  return Object.fromEntries(
    Object.entries(values)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), decodeSetting(text)]),
  );
}

/** The value of a structured setting, else the text itself. */
export function decodeSetting(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Settings under a prefix that nothing reads: Pulumi puts a key without a prefix under the project's name, and a
 * project may have any.
 *
 * @param namespace Prefix of the settings that are read.
 * @param keys Names of the settings that there are.
 */
export function unreadSettings(
  { project, values }: StackConfig,
  namespace: string,
  keys: readonly string[],
): Fault[] {
  return Object.entries(values).flatMap(([full, text]) => {
    const [prefix, key] = splitKey(full);
    const isMeant = prefix === project || keys.includes(key);
    if (prefix === namespace || !isMeant) return [];
    const right = `${namespace}:${key}`;
    return [
      {
        code: "SETTING_NAMESPACE",
        key: full,
        value: text,
        reason: `Nothing reads ${full}: settings are under ${namespace}:, whatever the project's name (${project}).`,
        repair: Object.hasOwn(values, right)
          ? `${right} is there too; take this one out: ${removeCommand([key], prefix)}`
          : `Rename it to ${right} in the stack file, or in the environment that sets it.`,
      },
    ];
  });
}

function splitKey(full: string): [prefix: string, key: string] {
  const colon = full.indexOf(":");
  return [full.slice(0, colon), full.slice(colon + 1)];
}

/**
 * Where the providers fetch a federated token or ask a managed identity's endpoint. The CI system names these addresses
 * in variables. A stack file that names one sends the job's own token there, with which its reader signs in as the job.
 *
 * @see https://www.pulumi.com/registry/packages/azure-native/installation-configuration/ (read 2026-11)
 */
const signInAddresses = ["msiEndpoint", "oidcRequestUrl"];

/**
 * What in a configuration makes the providers send tokens or secrets to other hosts than the cloud's.
 *
 * @param environment Variables of the run, which choose a cloud too. Default: none.
 */
export function otherHosts(
  { values }: StackConfig,
  environment: Readonly<Record<string, string | undefined>> = {},
): Fault[] {
  const addresses = ["azure-native", "azuread"].flatMap((namespace) =>
    signInAddresses.map((name) => ({ namespace, name, key: `${namespace}:${name}` })),
  );
  const set = addresses.filter(({ key }) => Object.hasOwn(values, key));
  return [
    ...chooseProgramCloud(values, environment).faults,
    ...set.map(({ namespace, name, key }): Fault => ({
      code: "SIGN_IN_ADDRESS_SET",
      key,
      value: values[key] ?? "",
      reason:
        "A stack file must not say where the provider signs in: the run's own token would be sent to that address. " +
        "The CI system sets it as a variable (ACTIONS_ID_TOKEN_REQUEST_URL, ARM_OIDC_REQUEST_URL, ARM_MSI_ENDPOINT).",
      repair: removeCommand([name], namespace),
    })),
  ];
}

function missingLocation(cloud: Cloud, { values }: StackConfig): Fault[] {
  if ((values["azure-native:location"] ?? "").trim() !== "") return [];
  return [
    {
      code: "LOCATION_MISSING",
      key: "azure-native:location",
      value: "(absent)",
      reason: "Azure needs the region of the vault.",
      repair: `pulumi config set azure-native:location ${cloud.location}`,
    },
  ];
}
