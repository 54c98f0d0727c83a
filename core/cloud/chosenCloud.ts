import { OperatorError, type Fault } from "../errors";
import { CloudName, clouds, type Cloud } from "./clouds";

/** Configuration by full key, or environment variables by name. */
type Given = Readonly<Record<string, string | undefined>>;

/** Values of azuread's `environment`; it refuses any other. */
const azuread: Readonly<Record<string, readonly CloudName[]>> = {
  public: ["public"],
  global: ["public"],
  usgovernment: ["usgovernment"],
  usgovernmentl4: ["usgovernment"],
  usgovernmentl5: ["usgovernmentdod"],
  dod: ["usgovernmentdod"],
  china: ["china"],
};

/** Azure itself is one for GCC High and DoD. */
const governments: readonly CloudName[] = ["usgovernment", "usgovernmentdod"];

/** Values of azure-native's `environment`; it takes any other for the public cloud, without a word. */
const azureNative: Readonly<Record<string, readonly CloudName[]>> = {
  public: ["public"],
  azurecloud: ["public"],
  usgov: governments,
  usgovernment: governments,
  usgovernmentl4: governments,
  azureusgovernment: governments,
  azureusgovernmentcloud: governments,
  china: ["china"],
  azurechinacloud: ["china"],
};

const hostOf = (address: string): string => new URL(address).hostname;

/** Which clouds have a host. */
function byHost(
  hostsOf: (cloud: Cloud) => readonly string[],
): Readonly<Record<string, readonly CloudName[]>> {
  const all = Object.values(clouds);
  return Object.fromEntries(
    all
      .flatMap(hostsOf)
      .map((host) => [host, all.filter((cloud) => hostsOf(cloud).includes(host)).map(({ name }) => name)]),
  );
}

/** A provider with a metadata host ignores its `environment`, and learns of no Microsoft Graph of DoD's own. */
const metadataHosts = byHost((cloud) =>
  cloud.name === "usgovernmentdod" ? [] : [hostOf(cloud.resourceManager)],
);

/**
 * Settings and variables by which the providers and `@azure/identity` choose a cloud, with the clouds that each value can
 * mean.
 *
 * @see https://github.com/hashicorp/go-azure-sdk/blob/main/sdk/environments/from_name.go (read 2026-11): azuread
 * @see https://github.com/pulumi/pulumi-azure-native, provider/pkg/azure/cloud `FromName` (read 2026-11)
 */
const readings: Readonly<Record<string, Readonly<Record<string, readonly CloudName[]>>>> = {
  "azuread:environment": azuread,
  "azuread:metadataHost": metadataHosts,
  "azure-native:environment": azureNative,
  "azure-native:metadataHost": metadataHosts,
  // Both providers read it, and azuread is the stricter one.
  ARM_ENVIRONMENT: { ...azuread, azurecloud: ["public"] },
  ARM_METADATA_HOSTNAME: metadataHosts,
  AZURE_ENVIRONMENT: { ...azureNative, azurepubliccloud: ["public"] },
  AZURE_AUTHORITY_HOST: byHost(({ authority, issuers }) => [hostOf(authority), hostOf(issuers.version2)]),
};

interface Choice {
  readonly key: string;
  readonly value: string;
  /** Undefined for a value that means none. */
  readonly names: readonly CloudName[] | undefined;
}

function choicesIn(given: Given): Choice[] {
  return Object.entries(readings).flatMap(([key, reading]) => {
    const value = (Object.hasOwn(given, key) ? (given[key] ?? "") : "").trim();
    if (value === "") return [];
    const name = value
      .toLowerCase()
      .replace(/^https:\/\//, "")
      .replace(/\/$/, "");
    return [{ key, value, names: Object.hasOwn(reading, name) ? reading[name] : undefined }];
  });
}

/** The cloud that settings and variables choose, and what is wrong with them. */
export interface ChosenCloud {
  /** The public one, where they choose none or there are faults: then nothing may be sent. */
  readonly cloud: Cloud;
  /** `CLOUD_UNSUPPORTED` for values that mean no cloud, `CLOUD_DIFFERS` for two that mean different ones. */
  readonly faults: readonly Fault[];
}

/** The cloud that the variables of a process choose. */
export function chooseCloud(given: Given): ChosenCloud {
  const choices = choicesIn(given);
  const unknown = choices.filter(({ names }) => names === undefined);
  if (unknown.length > 0) return { cloud: clouds.public, faults: unknown.map(unsupported) };
  const possible = Object.values(CloudName).filter((name) =>
    choices.every(({ names }) => names?.includes(name) === true),
  );
  const [name] = choices.length === 0 ? [CloudName.public] : possible;
  if (name !== undefined) return { cloud: clouds[name], faults: [] };
  const [first, ...others] = choices;
  const other = others.find(({ names }) => first?.names?.some((one) => names?.includes(one)) !== true);
  return {
    cloud: clouds.public,
    faults: first === undefined || other === undefined ? [] : [differs(first, other)],
  };
}

/**
 * The cloud of a program: of its configuration and of the variables of its process. What a provider is not told, it takes for
 * the public cloud.
 */
export function chooseProgramCloud(config: Given, environment: Given): ChosenCloud {
  const given = { ...environment, ...config };
  const chosen = chooseCloud(given);
  const [decisive] = choicesIn(given);
  if (chosen.faults.length > 0 || decisive === undefined) return chosen;
  const { cloud } = chosen;
  const faults = [
    unless(taken("azuread:environment", ["ARM_ENVIRONMENT"], azuread, given, cloud), {
      key: "azuread:environment",
      wanted: cloud.providers.azuread,
      decisive,
    }),
    unless(
      taken("azure-native:environment", ["ARM_ENVIRONMENT", "AZURE_ENVIRONMENT"], azureNative, given, cloud),
      {
        key: "azure-native:environment",
        wanted: cloud.providers.azureNative,
        decisive,
      },
    ),
  ].flat();
  return faults.length === 0 ? chosen : { cloud: clouds.public, faults };
}

/** Whether a provider takes the cloud, by its own setting or by the first variable that is set. */
function taken(
  key: string,
  variables: readonly string[],
  reading: Readonly<Record<string, readonly CloudName[]>>,
  given: Given,
  { name }: Cloud,
): boolean {
  if (
    [key.replace("environment", "metadataHost"), "ARM_METADATA_HOSTNAME"].some(
      (one) => (given[one] ?? "") !== "",
    )
  )
    return true;
  const value =
    [key, ...variables].map((one) => (given[one] ?? "").trim()).find((text) => text !== "") ?? "public";
  const text = value.toLowerCase();
  const names = Object.hasOwn(reading, text) ? reading[text] : (["public"] as const);
  return names?.includes(name) === true;
}

function unless(
  isTaken: boolean,
  { key, wanted, decisive }: { readonly key: string; readonly wanted: string; readonly decisive: Choice },
): Fault[] {
  if (isTaken) return [];
  const provider = key.split(":")[0] ?? "";
  return [
    {
      code: "CLOUD_DIFFERS",
      key,
      value: "(absent)",
      reason:
        `${decisive.key}=${JSON.stringify(decisive.value)} chooses another cloud than the one that the provider ${provider} ` +
        "takes without this setting.",
      repair: `pulumi config set ${key} ${wanted}`,
    },
  ];
}

/**
 * Refuses an environment that chooses no cloud, or another one than requests go to, before anything is sent.
 *
 * @throws {OperatorError} `CLOUD_UNSUPPORTED`, `CLOUD_DIFFERS`.
 */
export function refuseOtherCloud(environment: Given, cloud: Cloud): void {
  const { faults, cloud: chosen } = chooseCloud(environment);
  const [fault] = faults;
  if (fault !== undefined) {
    const named = faults.map(({ key, value }) => `${key}=${JSON.stringify(value.slice(0, 80))}`).join(", ");
    throw new OperatorError(fault.code, `${named}: nothing was sent. ${fault.reason} ${fault.repair}`);
  }
  const choices = choicesIn(environment);
  if (choices.length === 0 || choices.every(({ names }) => names?.includes(cloud.name) === true)) return;
  throw new OperatorError(
    "CLOUD_DIFFERS",
    `${choices.map(({ key, value }) => `${key}=${JSON.stringify(value)}`).join(", ")} means ${chosen.title}, and the stack is in ` +
      `${cloud.title}; nothing was sent. ${exportCommand(cloud)}`,
  );
}

/** How a process is told of a cloud. */
export function exportCommand({ name, providers }: Cloud): string {
  return name === "public" ? "Unset it." : `Set ARM_ENVIRONMENT=${providers.azuread}.`;
}

const reason =
  "It means none of the clouds that there are: public, usgovernment (GCC High), usgovernmentl5 (DoD) and china.";

/** What people write for clouds that have another name here. */
const otherNames: readonly { readonly pattern: RegExp; readonly reason: string; readonly repair: string }[] =
  [
    {
      pattern: /^(?:us)?gov(?:ernment)?gcc$|^gcc(?:moderate)?$/i,
      reason: "GCC tenants are in the public cloud: only their Power Platform has addresses of its own.",
      repair: "Unset it.",
    },
    {
      pattern: /^(?:us)?gov(?:ernment)?high$|^gcc-?high$|^usgovhigh$/i,
      reason: "GCC High is called usgovernment.",
      repair: "Set it to usgovernment.",
    },
    {
      pattern: /^azureusgovernment(?:cloud)?$|^usgov$/i,
      reason: "Only azure-native knows this name; azuread refuses it.",
      repair: "Set it to usgovernment.",
    },
    {
      pattern: /^(?:usgovernmentl5|dod|usgovernmentdod|usgovdod)$/i,
      reason:
        "azuread calls DoD usgovernmentl5, and azure-native has one US Government cloud for GCC High and DoD.",
      repair:
        "Set azuread:environment and ARM_ENVIRONMENT to usgovernmentl5, and azure-native:environment to usgovernment.",
    },
  ];

function unsupported({ key, value }: Choice): Fault {
  const known = otherNames.find(({ pattern }) => pattern.test(value));
  return {
    code: "CLOUD_UNSUPPORTED",
    key,
    value,
    reason: known?.reason ?? reason,
    repair: known?.repair ?? `Set ${key} to the cloud of the tenant, or unset it for the public one.`,
  };
}

function differs(first: Choice, other: Choice): Fault {
  return {
    code: "CLOUD_DIFFERS",
    key: other.key,
    value: other.value,
    reason: `${first.key}=${JSON.stringify(first.value)} and ${other.key}=${JSON.stringify(other.value)} choose different clouds.`,
    repair: `Give both the cloud of the tenant, or unset one.`,
  };
}
