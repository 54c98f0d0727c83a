import { without } from "../../properties";
import type { ResourceProvider } from "../../resourceProvider";
import { handlerProvider } from "../handlers";
import type { RestClient } from "../restClient";
import { armClient } from "./armClient";
import { armResourceHandler, freshlyNamed } from "./armResource";
import { armResourceTypes } from "./resourceTypes";
import { vaultClient } from "./vaultClient";
import { lookUpVaultSecret, vaultSecretHandler } from "./vaultSecret";

/**
 * The part of `@pulumi/azure-native` that this project uses, with the real provider's requests.
 *
 * @param defaultLocation The stack's `azure-native:location`.
 */
export function azureNativeProvider(
  client: RestClient,
  defaultLocation: string | undefined,
): ResourceProvider {
  const arm = armClient(client);
  const generic = Object.entries(armResourceTypes).map(
    ([token, type]) => [token, armResourceHandler(type, arm, defaultLocation)] as const,
  );
  return handlerProvider({
    version: "3.28.0",
    comparable: (inputs) => without(inputs, freshlyNamed),
    resources: {
      ...Object.fromEntries(generic),
      "azure-native:keyvault:Secret": vaultSecretHandler(arm, vaultClient(client)),
    },
    functions: {
      "azure-native:authorization:getClientConfig": async () => {
        const {
          appid: clientId,
          oid: objectId,
          tid: tenantId,
        } = await client.claims(`${client.cloud.graph}/.default`);
        return { clientId, objectId, subscriptionId: arm.subscriptionId, tenantId };
      },
      "azure-native:keyvault:getSecret": (inputs) => lookUpVaultSecret(arm, inputs),
    },
  });
}
