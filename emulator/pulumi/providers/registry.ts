import { dynamicProvider } from "../dynamicProvider";
import { text, type Properties } from "../properties";
import type { ResourceProvider } from "../resourceProvider";
import { azureNativeProvider } from "./azureNative/provider";
import { azureadProvider } from "./azuread/provider";
import { providerResources } from "./providerResources";
import { configuredEnvironment } from "./providerSignIn";
import { randomProvider } from "./random";
import { restClient, type RestClient } from "./restClient";

/** A provider that the program made itself. */
export interface ExplicitProvider {
  readonly urn: string;
  /** Without secret marks. */
  readonly config: Properties;
}

/** The engine's providers, each made when it is first asked for. */
export interface ProviderRegistry {
  /**
   * @param explicit Default: the package's default provider, which the environment and the stack configure.
   * @returns undefined for a package that the engine does not know.
   */
  providerOf(packageName: string, explicit?: ExplicitProvider): ResourceProvider | undefined;
}

/**
 * @param config The stack's configuration.
 * @param environment Has to point at the emulated Azure as soon as a provider needs it.
 */
export function providerRegistry(
  projectDir: string,
  project: string,
  config: Readonly<Record<string, string>>,
  environment: NodeJS.ProcessEnv,
): ProviderRegistry {
  const connected = (config: Properties): RestClient =>
    restClient(configuredEnvironment(environment, config));
  const environmentName = config["azuread:environment"] ?? config["azure-native:environment"];
  const cloudSetting = environmentName === undefined ? {} : { environment: environmentName };
  // All default providers sign in as one, so they share its tokens.
  let shared: RestClient | undefined;
  const clientOf = (explicit: ExplicitProvider | undefined): RestClient =>
    explicit === undefined ? (shared ??= connected(cloudSetting)) : connected(explicit.config);
  const locationOf = (explicit: ExplicitProvider | undefined): string | undefined =>
    text(explicit?.config ?? {}, "location") ?? config["azure-native:location"];
  const makers: Readonly<Record<string, (explicit?: ExplicitProvider) => ResourceProvider>> = {
    pulumi: () => providerResources(Object.keys(makers)),
    "pulumi-nodejs": () => dynamicProvider(projectDir, project, config),
    random: randomProvider,
    azuread: (explicit) => azureadProvider(clientOf(explicit)),
    "azure-native": (explicit) => azureNativeProvider(clientOf(explicit), locationOf(explicit)),
  };
  const made = new Map<string, ResourceProvider>();
  return {
    providerOf: (packageName, explicit) => {
      const key = explicit?.urn ?? packageName;
      const provider = made.get(key) ?? makers[packageName]?.(explicit);
      if (provider !== undefined) made.set(key, provider);
      return provider;
    },
  };
}
