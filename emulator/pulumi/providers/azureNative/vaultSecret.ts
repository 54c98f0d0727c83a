import { setTimeout } from "node:timers/promises";
import { isRecord, requiredText, without, type Properties } from "../../properties";
import { keptOr, type ResourceHandler } from "../handlers";
import { inputsIn } from "../../resourceProvider";
import { errorText, type ArmClient } from "./armClient";
import { autoname } from "./autoname";
import { parametersIn, resourceIdOf } from "./armResource";
import type { ArmResourceType } from "./resourceTypes";
import type { VaultClient } from "./vaultClient";
import { fromWire, toWire } from "./wireShape";

/** As the package describes it; the other types are in `resourceTypes.ts`. */
export const vaultSecretType: ArmResourceType = {
  apiVersion: "2024-11-01",
  path:
    "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}" +
    "/providers/Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}",
  autoname: "copy",
  envelope: ["tags"],
  body: ["properties"],
  nested: true,
};
const pathInputs = ["resourceGroupName", "secretName", "vaultName"];
const recoveryPatienceMilliseconds = 180_000;
const fruitlessConflicts = 6;
const longestPauseMilliseconds = 5000;

/**
 * `azure-native.keyvault.Secret`: written through ARM, which shows no value and knows no deletion, so that the vault's
 * own interface deletes and, when a deleted secret still holds the name, recovers.
 *
 * @see https://github.com/pulumi/pulumi-azure-native/blob/master/provider/pkg/resources/customresources/custom_keyvault.go (read 2026-11)
 */
export function vaultSecretHandler(arm: ArmClient, vaults: VaultClient): ResourceHandler {
  const put = async (id: string, news: Properties, recoverable: boolean): Promise<Properties> => {
    const giveUpAt = Date.now() + recoveryPatienceMilliseconds;
    let pause = 100;
    for (let fruitless = 0; ;) {
      const answer = await arm.put(id, vaultSecretType.apiVersion, bodyOf(news));
      if (answer.status === 200 || answer.status === 201) return outputsOf(answer.json ?? {});
      if (answer.status !== 409 || !recoverable || Date.now() > giveUpAt) throw new Error(errorText(answer));
      const [vaultName, secretName] = [requiredText(news, "vaultName"), requiredText(news, "secretName")];
      if ((await vaults.recoveryId(vaultName, secretName)) === undefined) fruitless += 1;
      else await vaults.recover(vaultName, secretName);
      if (fruitless === fruitlessConflicts) throw new Error(errorText(answer));
      await setTimeout(pause);
      pause = Math.min(pause * 2, longestPauseMilliseconds);
    }
  };

  return {
    inputs: [...pathInputs, "properties", "tags"],
    forceNew: pathInputs,
    deleteBeforeReplace: () => true,
    check: (name, olds, news) =>
      Promise.resolve(keptOr(olds, news, "secretName", () => autoname("copy", name))),
    async create(news) {
      const id = resourceIdOf(vaultSecretType, news, arm.subscriptionId);
      await arm.expectAbsent(id, vaultSecretType.apiVersion);
      return { id, outs: await put(id, news, true) };
    },
    async read(id, known) {
      const found = await arm.get(id, vaultSecretType.apiVersion);
      if (found === undefined) return undefined;
      const outs = outputsOf(found);
      const { properties, tags } = outs;
      const shown = isRecord(properties) ? properties : {};
      const stated = { contentType: shown["contentType"], attributes: shown["attributes"] };
      return {
        outs,
        inputs: {
          properties: stated,
          ...(tags === undefined ? {} : { tags }),
          ...parametersIn(vaultSecretType, id),
          ...inputsIn(known),
        },
      };
    },
    update: (id, _olds, news) => put(id, news, false),
    delete: async (id) => {
      const { vaultName, secretName } = parametersIn(vaultSecretType, id);
      await vaults.delete(String(vaultName), String(secretName));
    },
  };
}

/** `azure-native.keyvault.getSecret`: everything about a secret but its value. */
export async function lookUpVaultSecret(arm: ArmClient, inputs: Properties): Promise<Properties> {
  const id = resourceIdOf(vaultSecretType, inputs, arm.subscriptionId);
  const found = await arm.get(id, vaultSecretType.apiVersion);
  if (found === undefined) throw new Error(`Status=404 Code="SecretNotFound" Message="${id} does not exist"`);
  return { ...outputsOf(found), id };
}

function bodyOf({ properties, tags }: Properties): Properties {
  return {
    ...(tags === undefined ? {} : { tags }),
    properties: toWire(isRecord(properties) ? properties : {}),
  };
}

function outputsOf(found: Properties): Properties {
  const { properties, ...envelope } = without(found, "id");
  return {
    azureApiVersion: vaultSecretType.apiVersion,
    ...envelope,
    properties: fromWire(isRecord(properties) ? properties : {}),
  };
}
