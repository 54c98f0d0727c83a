import * as z from "zod/mini";
import { keyVaultApiVersion } from "../../core/vault/keyVaultApi";
import { readPublishedCredential, readVerification } from "../../core/secrets/publishedSecret";
import type { PublishedVersion } from "../../core/secrets/removableCredentials";
import type { RotationCause } from "../../core/secrets/rotation";
import { getArm } from "../../azure/arm";
import type { AzureClient } from "../../azure/azureClient";
import type { Identity } from "../../azure/signIn";
import { listSecretVersions, secretInstant } from "../../azure/keyVault";

const tags = z.nullish(z.record(z.string(), z.string()));

/** One publication of a client secret, as its tags and the vault tell it. */
export interface VaultVersion extends PublishedVersion {
  readonly app: string;
  readonly clientId: string;
  readonly cause: RotationCause;
  /** The credential's own start. */
  readonly startsAt: Date;
  readonly verifiedAt: string;
  readonly verifiedBy: string;
  /** Its end, as the vault says. */
  readonly endsAt?: Date;
}

/**
 * What the vault's current version holds, by Azure Resource Manager: it shows tags and never a value, and no vault
 * firewall stands before it.
 *
 * @returns undefined when its tags are not this project's.
 * @throws {ServiceRefusal} 404 when there is no such secret.
 */
export async function fetchCurrentVersion(
  client: AzureClient,
  identity: Identity,
  secretResourceId: string,
): Promise<VaultVersion | undefined> {
  const shape = z.object({
    tags,
    properties: z.object({
      attributes: z.object({ created: secretInstant, exp: z.optional(secretInstant) }),
    }),
  });
  const secret = await getArm(client, identity, secretResourceId, keyVaultApiVersion, shape);
  const { created, exp } = secret.properties.attributes;
  return readVersion(secret.tags, created, exp);
}

/**
 * Every publication that the vault remembers, oldest first. A version that repeats a credential, as a later change
 * of a tag makes, counts as none of its own.
 *
 * @throws {ServiceRefusal} 403 when the caller may not list the secret's versions.
 */
export async function fetchVersions(
  client: AzureClient,
  identity: Identity,
  vaultName: string,
  secretName: string,
): Promise<VaultVersion[]> {
  const listed = await listSecretVersions(client, identity, vaultName, secretName);
  const versions = listed.flatMap(
    ({ tags: given, attributes }) => readVersion(given, attributes.created, attributes.exp) ?? [],
  );
  versions.sort((one, other) => one.publishedAt.getTime() - other.publishedAt.getTime());
  return versions.filter(
    ({ keyId }, index) => versions.findIndex((first) => first.keyId === keyId) === index,
  );
}

function readVersion(
  given: z.infer<typeof tags>,
  publishedAt: Date,
  endsAt: Date | undefined,
): VaultVersion | undefined {
  const credential = readPublishedCredential(given ?? undefined);
  const { app, clientId, keyId } = given ?? {};
  if (credential === undefined || app === undefined || keyId === undefined) return undefined;
  const { sequence, startsAt, cause } = credential;
  return {
    app,
    clientId: clientId ?? "",
    keyId,
    sequence,
    startsAt,
    cause,
    ...readVerification(given ?? {}),
    publishedAt,
    ...(endsAt === undefined ? {} : { endsAt }),
  };
}
