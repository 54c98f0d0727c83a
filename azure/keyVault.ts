import * as z from "zod/mini";
import type { Cloud } from "../core/cloud/clouds";
import { readKeyUri } from "../core/secrets/certificateKey";
import type { AzureClient, Reply, SendOptions } from "./azureClient";
import { Credential } from "./credential";
import { readPages } from "./pages";
import { readBody } from "./serviceRefusal";
import { addressOf, entra, keyVault, vaultOrigin } from "./services";
import type { Identity } from "./signIn";
import { unixInstant } from "./tokenClaims";

const apiVersion = "7.6";

/** Unix seconds as Key Vault and Azure Resource Manager write a secret's dates. */
export const secretInstant = z.pipe(
  z.number(),
  z.transform((seconds, context) => {
    const instant = unixInstant(seconds);
    if (instant !== undefined) return instant;
    context.issues.push({ code: "custom", message: "no instant", input: seconds });
    return z.NEVER;
  }),
);

const secretBundle = z.object({
  value: z.string(),
  id: z.string(),
  contentType: z.optional(z.string()),
  tags: z._default(z.record(z.string(), z.string()), {}),
  attributes: z.object({
    enabled: z.boolean(),
    nbf: z.optional(secretInstant),
    exp: z.optional(secretInstant),
    created: z.optional(secretInstant),
  }),
});

/** A vault secret's current version. */
export interface VaultSecret {
  /** Goes only to Entra. */
  readonly clientSecret: Credential;
  /** What the value looks like; a GUID is a client secret's ID, stored by mistake. */
  readonly valueLooksLike: "a client secret" | "a GUID" | "nothing" | "the address of a key";
  /** The value, where it is the address of a key's version, which is no secret. */
  readonly keyUri: string | undefined;
  readonly version: string;
  readonly contentType: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly notBefore: Date | undefined;
  readonly expiresAt: Date | undefined;
  readonly createdAt: Date | undefined;
  readonly waitedSeconds: number;
}

/**
 * Reads a secret's current version. The token goes along at once, without the SDK's unauthenticated first
 * round, which is why the vault's name decides the host and nothing else.
 *
 * @throws {OperatorError} `VAULT_HOST_FOREIGN`, sign-in errors, {@link ServiceRefusal}, {@link ConnectionError}.
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret (read 2026-11)
 */
export async function fetchSecret(
  client: AzureClient,
  identity: Identity,
  vaultName: string,
  secretName: string,
  patience: Pick<SendOptions, "passesByItself"> = {},
): Promise<VaultSecret> {
  const url = vaultAddress(client.cloud, vaultName, `/secrets/${encodeURIComponent(secretName)}`);
  const token = await identity.getToken(keyVault);
  const reply = await client.send({ to: keyVault, method: "GET", url, token }, patience);
  const bundle = readBody(keyVault.name, reply, secretBundle);
  return {
    clientSecret: new Credential(bundle.value, entra),
    valueLooksLike: lookOf(client.cloud, bundle.value),
    keyUri: readKeyUri(client.cloud, bundle.value) === undefined ? undefined : bundle.value,
    version: bundle.id.split("/").at(-1) ?? "",
    contentType: bundle.contentType,
    tags: bundle.tags,
    enabled: bundle.attributes.enabled,
    notBefore: bundle.attributes.nbf,
    expiresAt: bundle.attributes.exp,
    createdAt: bundle.attributes.created,
    waitedSeconds: reply.waitedSeconds,
  };
}

function lookOf(cloud: Cloud, value: string): VaultSecret["valueLooksLike"] {
  if (value === "") return "nothing";
  if (readKeyUri(cloud, value) !== undefined) return "the address of a key";
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? "a GUID" : "a client secret";
}

const versionPage = z.object({
  value: z.array(
    z.object({
      tags: z.nullish(z.record(z.string(), z.string())),
      attributes: z.object({ created: secretInstant, exp: z.optional(secretInstant) }),
    }),
  ),
  nextLink: z.nullish(z.string()),
});

/** A version of a secret as a list shows it: never its value. */
export type ListedVersion = z.infer<typeof versionPage>["value"][number];

/**
 * Every version of a secret, in the vault's order.
 *
 * @throws {ServiceRefusal} 403 when the caller may not list the secret's versions.
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret-versions/get-secret-versions (read 2026-11)
 */
export function listSecretVersions(
  client: AzureClient,
  identity: Identity,
  vaultName: string,
  secretName: string,
): Promise<ListedVersion[]> {
  const first = vaultAddress(client.cloud, vaultName, `/secrets/${encodeURIComponent(secretName)}/versions`);
  // A link to another vault would be one of Key Vault's hosts, and not the one that was asked.
  const thisVault = { ...keyVault, hosts: () => first.host, owns: (host: string) => host === first.host };
  return readPages(client.cloud, thisVault, first, async (url) => {
    const token = await identity.getToken(keyVault);
    const reply = await client.send({ to: keyVault, method: "GET", url, token });
    const { value, nextLink } = readBody(keyVault.name, reply, versionPage);
    return { items: value, nextLink };
  });
}

/** A vault's answer to a request without a token: it names the caller's address. */
export function askWithoutToken(client: AzureClient, vaultName: string): Promise<Reply> {
  return client.send({ to: keyVault, method: "GET", url: vaultAddress(client.cloud, vaultName, "/secrets") });
}

export function vaultAddress(cloud: Cloud, vaultName: string, path: string): URL {
  return addressOf(cloud, keyVault, `${vaultOrigin(cloud, vaultName)}${path}?api-version=${apiVersion}`);
}
