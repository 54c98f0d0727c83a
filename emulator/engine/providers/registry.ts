import { dynamicProvider } from "../dynamicProvider";
import type { ResourceProvider } from "../resourceProvider";
import { azureNativeProvider } from "./azureNative/provider";
import { azureadProvider } from "./azuread/provider";
import { randomProvider } from "./random";
import { restClient, type RestClient } from "./restClient";

/** The engine's providers, each made when it is first asked for. */
export interface ProviderRegistry {
  /** @returns undefined for a package that the engine does not know. */
  providerOf(packageName: string): ResourceProvider | undefined;
  close(): Promise<void>;
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
  let client: RestClient | undefined;
  const connected = (): RestClient => (client ??= restClient(environment));
  const makers: Readonly<Record<string, () => ResourceProvider>> = {
    "pulumi-nodejs": () => dynamicProvider(projectDir, project, config),
    random: randomProvider,
    azuread: () => azureadProvider(connected()),
    "azure-native": () => azureNativeProvider(connected(), config["azure-native:location"]),
  };
  const made = new Map<string, ResourceProvider>();
  return {
    providerOf: (packageName) => {
      const provider = made.get(packageName) ?? makers[packageName]?.();
      if (provider !== undefined) made.set(packageName, provider);
      return provider;
    },
    close: async () => client?.close(),
  };
}
