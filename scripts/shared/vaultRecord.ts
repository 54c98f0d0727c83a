import { z } from "zod";
import { keyVaultApiVersion } from "../../core/vault/keyVaultApi";
import { readPublishedCredential } from "../../core/secrets/publishedSecret";
import type { PublishedVersion } from "../../core/secrets/spentCredentials";
import type { RotationCause } from "../../core/secrets/rotation";
import { getArm } from "./armApi";
import type { AzureClient } from "../../azure/azureClient";
import { readBody } from "../../azure/serviceRefusal";
import type { Identity } from "../../azure/signIn";
import { vaultResource } from "./vaultApi";

const unixInstant = z.number().transform((seconds) => new Date(seconds * 1000));
const tags = z.record(z.string(), z.string()).nullish();

/** One publication of a client secret, as its tags and the vault tell it. */
export interface VaultVersion extends PublishedVersion {
  readonly app: string;
  readonly clientId: string;
  readonly cause: RotationCause;
  /** The credential's own start. */
  readonly startsAt: Date;
  readonly provedAt: string;
  readonly provedBy: string;
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
      attributes: z.object({ created: unixInstant, exp: unixInstant.optional() }),
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
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret-versions/get-secret-versions (read 2026-11)
 */
export async function fetchVersions(
  client: AzureClient,
  identity: Identity,
  vaultUri: string,
  secretName: string,
): Promise<VaultVersion[]> {
  const { origin } = new URL(vaultUri);
  const page = z.object({
    value: z.array(
      z.object({ tags, attributes: z.object({ created: unixInstant, exp: unixInstant.optional() }) }),
    ),
    nextLink: z.string().nullish(),
  });
  const headers = {
    Authorization: `Bearer ${await identity.getToken(vaultResource)}`,
    Accept: "application/json",
  };
  const versions: VaultVersion[] = [];
  let path: string | undefined = `/secrets/${encodeURIComponent(secretName)}/versions?api-version=7.6`;
  while (path !== undefined) {
    const reply = await client.send({ method: "GET", url: origin + path, headers }, { service: "Key Vault" });
    const { value, nextLink }: z.infer<typeof page> = readBody("Key Vault", reply, page);
    versions.push(
      ...value.flatMap((item) => readVersion(item.tags, item.attributes.created, item.attributes.exp) ?? []),
    );
    // Only the path goes on: the token stays with this vault whatever the link says.
    path = nextLink == null ? undefined : pathOf(nextLink);
  }
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
  const { app, clientId, keyId, provedAt, provedBy } = given ?? {};
  if (credential === undefined || app === undefined || keyId === undefined) return undefined;
  const { sequence, startsAt, cause } = credential;
  return {
    app,
    clientId: clientId ?? "",
    keyId,
    sequence,
    startsAt,
    cause,
    provedAt: provedAt ?? "",
    provedBy: provedBy ?? "",
    publishedAt,
    ...(endsAt === undefined ? {} : { endsAt }),
  };
}

function pathOf(link: string): string {
  const { pathname, search } = new URL(link);
  return pathname + search;
}
