import { text, type Properties } from "../properties";
import { azureNativeProvider } from "../providers/azureNative/provider";
import { azureadProvider } from "../providers/azuread/provider";
import { readEmulatedAzure } from "../providers/emulatorOnly";
import { configuredEnvironment } from "../providers/providerSignIn";
import { randomProvider } from "../providers/random";
import { restClient, type RestClient } from "../providers/restClient";
import { providerService, type ProviderMaker } from "./providerService";
import { loadPulumiModules } from "./pulumiModules";

/** Packages for which the project brings a provider of its own. */
export type ServedPackage = "azure-native" | "azuread" | "random";

/**
 * Serves providers to a Pulumi CLI, each on a loopback port of its own.
 *
 * @param from A file from which `@pulumi/pulumi` can be found.
 * @returns The ports by package name.
 */
export async function serveProviders(
  packages: readonly ServedPackage[],
  environment: NodeJS.ProcessEnv,
  from: string,
): Promise<Record<string, number>> {
  const modules = loadPulumiModules(from);
  // Refuses before any engine gets the address, when the environment is not the emulator's.
  readEmulatedAzure(environment);
  const clientOf = (config: Properties): RestClient => restClient(configuredEnvironment(environment, config));
  const makers: Record<ServedPackage, ProviderMaker> = {
    "azure-native": (config) => azureNativeProvider(clientOf(config), text(config, "location")),
    azuread: (config) => azureadProvider(clientOf(config)),
    random: randomProvider,
  };
  const ports: Record<string, number> = {};
  for (const name of packages) {
    const server = new modules.grpc.Server({ "grpc.max_receive_message_length": maximumMessageBytes });
    server.addService(modules.service.ResourceProviderService, providerService(modules, makers[name]));
    ports[name] = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", modules.grpc.ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
  }
  return ports;
}

/** As in Pulumi's own servers. */
const maximumMessageBytes = 400 * 1024 * 1024;
