import * as z from "zod/mini";
import type { SeenVersion } from "../core/secrets/credentialState";
import { readSecretResourceId, type VaultSecretPlace } from "../core/secrets/publishedSecret";
import { keyVaultApiVersion } from "../core/vault/keyVaultApi";
import { armService, askArm } from "./arm";
import type { AzureClient, Reply } from "./azureClient";
import type { Credential } from "./credential";
import { secretInstant, vaultAddress } from "./keyVault";
import { readJson } from "./json";
import { isNotFound, readBody, serviceRefusal } from "./serviceRefusal";
import { keyVault, resourceManager } from "./services";
import type { Identity } from "./signIn";

/** What is published in a vault secret. */
export interface PublishedValue {
  /** Bound to {@link resourceManager}. */
  readonly value: Credential;
  /** What it is, for people and for consumers. */
  readonly contentType: string;
}

/** What a new version of a vault secret holds. */
export interface NewVersion extends PublishedValue {
  /** ISO 8601. */
  readonly endsAt: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Vault secrets by way of Azure Resource Manager, which takes values and shows none, and which the vault's firewall lets
 * pass. It can neither delete nor recover a secret: for those two the vault itself is asked.
 *
 * @see https://learn.microsoft.com/rest/api/keyvault/keyvault/secrets (read 2026-11)
 */
export interface VaultSecrets {
  /** @returns undefined when the vault has no such secret. */
  current(secretResourceId: string): Promise<SeenVersion | undefined>;
  /** Makes a new current version; recovers a deleted secret of the name first. */
  publish(secretResourceId: string, version: NewVersion): Promise<SeenVersion>;
  /** Writes the current version's tags and expiry, and leaves its value. */
  writeProperties(
    secretResourceId: string,
    properties: Pick<NewVersion, "tags" | "endsAt">,
  ): Promise<SeenVersion>;
  /** Deletes the secret with all its versions; the vault keeps it recoverable. */
  remove(secretResourceId: string): Promise<void>;
}

const shape = z.pipe(
  z.object({
    tags: z.nullish(z.record(z.string(), z.string())),
    properties: z.object({
      attributes: z.object({ enabled: z.boolean(), exp: z.optional(secretInstant) }),
      secretUriWithVersion: z.string(),
    }),
  }),
  z.transform(({ tags, properties: { attributes, secretUriWithVersion } }): SeenVersion => ({
    tags: tags ?? {},
    enabled: attributes.enabled,
    expiresAt: attributes.exp,
    versionUri: secretUriWithVersion,
  })),
);

/** @see https://learn.microsoft.com/rest/api/keyvault/secrets/delete-secret (read 2026-11) */
const deletedSecret = z.object({ id: z.string() });

/** @throws {ServiceRefusal} for what Azure refuses. */
export function vaultSecrets(client: AzureClient, identity: Identity): VaultSecrets {
  const ask = (path: string, method: "GET" | "PUT" | "PATCH", body?: unknown): Promise<Reply> =>
    askArm(client, identity, { method, path, apiVersion: keyVaultApiVersion, body });
  const askVault = async (method: "POST" | "DELETE", vaultName: string, path: string): Promise<Reply> => {
    const token = await identity.getToken(keyVault);
    return client.send({ to: keyVault, method, url: vaultAddress(client.cloud, vaultName, path), token });
  };
  const recover = async (secretResourceId: string): Promise<void> => {
    const { vaultName, secretName } = placeOf(secretResourceId);
    const reply = await askVault("POST", vaultName, `/deletedsecrets/${secretName}/recover`);
    // 404: recovered by then. 409: another request for it is still at work.
    const isUnderWay = [200, 409].includes(reply.status) || isNotFound(keyVault.name, reply);
    if (!isUnderWay) throw serviceRefusal(keyVault.name, reply);
  };
  return {
    current: async (id) => {
      const reply = await ask(id, "GET");
      return isNotFound(armService, reply) ? undefined : versionIn(reply);
    },
    publish: async (id, { value, contentType, endsAt, tags }) => {
      const body = {
        tags,
        properties: {
          value: value.textFor(resourceManager),
          contentType,
          attributes: { enabled: true, exp: unixSeconds(endsAt) },
        },
      };
      for (;;) {
        const reply = await ask(id, "PUT", body);
        if (reply.status !== 409) return versionIn(reply);
        await recover(id);
        if (!(await client.pause(2, "Key Vault: a deleted secret is being recovered")))
          return versionIn(reply);
      }
    },
    writeProperties: async (id, { tags, endsAt }) => {
      const attributes = { exp: unixSeconds(endsAt) };
      return versionIn(await ask(id, "PATCH", { tags, properties: { attributes } }));
    },
    remove: async (id) => {
      const { vaultName, secretName } = placeOf(id);
      const reply = await askVault("DELETE", vaultName, `/secrets/${secretName}`);
      if (!isNotFound(keyVault.name, reply)) readBody(keyVault.name, reply, deletedSecret);
    },
  };
}

/** Key Vault's unit for times. */
function unixSeconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}

function versionIn(reply: Reply): SeenVersion {
  const found = [200, 201].includes(reply.status) ? readJson(shape, reply.body) : undefined;
  if (found === undefined) throw serviceRefusal(armService, reply);
  return found;
}

function placeOf(secretResourceId: string): VaultSecretPlace {
  const place = readSecretResourceId(secretResourceId);
  if (place === undefined) throw new Error(`${secretResourceId} is not the ID of a vault secret.`);
  return place;
}
