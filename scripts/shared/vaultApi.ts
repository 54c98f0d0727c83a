import { z } from "zod";
import { OperatorError } from "../../core/errors";
import type { AzureClient, SendOptions } from "../../azure/azureClient";
import { readBody } from "../../azure/serviceRefusal";
import type { Identity } from "../../azure/signIn";

/** The audience of Key Vault's data plane. */
export const vaultResource = "https://vault.azure.net";

const apiVersion = "7.6";
const unixInstant = z.number().transform((seconds) => new Date(seconds * 1000));
const secretBundle = z.object({
  value: z.string(),
  id: z.string(),
  contentType: z.string().optional(),
  tags: z.record(z.string(), z.string()).default({}),
  attributes: z.object({
    enabled: z.boolean(),
    nbf: unixInstant.optional(),
    exp: unixInstant.optional(),
    created: unixInstant.optional(),
  }),
});

/** A vault secret's current version, its value included: keep it out of whatever is printed. */
export interface VaultSecret {
  readonly value: string;
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
 * round, which is why the host must be a vault's.
 *
 * @param vaultUri As in the stack's outputs.
 * @throws {OperatorError} `VAULT_HOST_FOREIGN`, sign-in errors, {@link ServiceRefusal}, {@link ConnectionError}.
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret (read 2026-11)
 */
export async function fetchSecret(
  client: AzureClient,
  identity: Identity,
  vaultUri: string,
  secretName: string,
  patience: Pick<SendOptions, "passesByItself"> = {},
): Promise<VaultSecret> {
  const { hostname, origin } = new URL(vaultUri);
  if (!hostname.endsWith(".vault.azure.net") || !origin.startsWith("https://")) {
    throw new OperatorError(
      "VAULT_HOST_FOREIGN",
      `The outputs' vaultUri, ${vaultUri}, is not a Key Vault of the public cloud (https://NAME.vault.azure.net/); ` +
        "no token is sent there. Take the outputs from the stack itself.",
    );
  }
  const service = "Key Vault";
  const url = `${origin}/secrets/${encodeURIComponent(secretName)}?api-version=${apiVersion}`;
  const headers = {
    Authorization: `Bearer ${await identity.getToken(vaultResource)}`,
    Accept: "application/json",
  };
  const reply = await client.send({ method: "GET", url, headers }, { service, ...patience });
  const bundle = readBody(service, reply, secretBundle);
  return {
    value: bundle.value,
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
