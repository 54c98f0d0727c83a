import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { OperatorError } from "../core/errors";
import { isOwnSubject, type VaultKey } from "../core/secrets/certificateKey";
import type { AzureClient, Reply } from "./azureClient";
import { secretInstant, vaultAddress } from "./keyVault";
import { readJson } from "./json";
import { isNotFound, readBody, serviceRefusal } from "./serviceRefusal";
import { keyVault } from "./services";
import type { Identity } from "./signIn";

/** A version of a certificate in a vault: its public half. */
export interface VaultCertificate {
  readonly key: VaultKey;
  /** DER, base64. */
  readonly der: string;
  /** SHA-256, base64url. */
  readonly thumbprint: string;
  readonly enabled: boolean;
  readonly createdAt: Date;
}

/** Certificates in vaults. Their private keys are made in the vault, and this reads none. */
export interface VaultCertificates {
  /**
   * Makes a key pair with its certificate, as a new version; recovers a deleted certificate of the name first.
   *
   * @param policy As Key Vault writes it.
   * @param tags With `clientId`, which a certificate of the name must have already.
   * @throws {OperatorError} `VAULT_IN_USE` for a certificate that was made by hand.
   */
  create(
    vaultName: string,
    name: string,
    policy: object,
    tags: Readonly<Record<string, string>>,
  ): Promise<VaultCertificate>;
  /** @returns undefined when the vault has no such version. */
  version(key: VaultKey): Promise<VaultCertificate | undefined>;
  /** Deletes the certificate and its key with all versions; the vault keeps them recoverable. */
  remove(vaultName: string, name: string): Promise<void>;
}

const bundle = z.object({
  id: z.string(),
  cer: z.string(),
  attributes: z.object({ enabled: z.boolean(), created: secretInstant }),
});
const deletedShape = z.object({ id: z.string() });
/** While a first version is being made, Key Vault may show its policy alone. */
const origin = z.object({
  cer: z.optional(z.string()),
  tags: z.nullish(z.object({ clientId: z.optional(z.string()) })),
  policy: z.optional(z.object({ x509_props: z.optional(z.object({ subject: z.optional(z.string()) })) })),
});
const operation = z.object({
  status: z.string(),
  error: z.nullish(z.object({ message: z.optional(z.string()) })),
});

/**
 * @throws {ServiceRefusal} for what Key Vault refuses.
 * @see https://learn.microsoft.com/rest/api/keyvault/certificates (read 2026-11)
 */
export function vaultCertificates(client: AzureClient, identity: Identity): VaultCertificates {
  const ask = async (
    method: "GET" | "POST" | "DELETE",
    vaultName: string,
    path: string,
    body?: unknown,
  ): Promise<Reply> => {
    const token = await identity.getToken(keyVault);
    return client.send({
      to: keyVault,
      method,
      url: vaultAddress(client.cloud, vaultName, path),
      token,
      json: body,
    });
  };
  const finished = async (vaultName: string, name: string): Promise<void> => {
    for (;;) {
      const reply = await ask("GET", vaultName, `/certificates/${name}/pending`);
      const { status, error } = readBody(keyVault.name, reply, operation);
      if (status === "completed") return;
      if (status !== "inProgress") throw notMade(name, status, error?.message);
      if (!(await client.pause(1, "Key Vault: a certificate is being made")))
        throw notMade(name, status, "it took too long");
    }
  };
  /**
   * A new version would be the current one for those who use the certificate.
   *
   * @returns Whether there is a certificate of the name.
   */
  const refuseMadeByHand = async (
    vaultName: string,
    collection: "certificates" | "deletedcertificates",
    name: string,
  ): Promise<boolean> => {
    const reply = await ask("GET", vaultName, `/${collection}/${name}`);
    if (isNotFound(keyVault.name, reply)) return false;
    const { cer, tags, policy } = readBody(keyVault.name, reply, origin);
    if (tags?.clientId !== undefined) return true;
    if (cer === undefined && isOwnSubject(policy?.x509_props?.subject ?? "")) return true;
    throw new OperatorError(
      "VAULT_IN_USE",
      `The vault ${vaultName} has a ${collection === "certificates" ? "" : "deleted "}certificate ${name} that this program did not make: no tag names a client. ` +
        "Nothing was changed in the vault. Give the app another key.",
    );
  };
  return {
    create: async (vaultName, name, policy, tags) => {
      for (;;) {
        await refuseMadeByHand(vaultName, "certificates", name);
        const reply = await ask("POST", vaultName, `/certificates/${name}/create`, { policy, tags });
        if (reply.status === 202) break;
        // Deleted and recoverable, or another request for it is at work.
        if (reply.status !== 409) throw serviceRefusal(keyVault.name, reply);
        if (await refuseMadeByHand(vaultName, "deletedcertificates", name)) {
          const recovery = await ask("POST", vaultName, `/deletedcertificates/${name}/recover`);
          const isUnderWay = [200, 409].includes(recovery.status) || isNotFound(keyVault.name, recovery);
          if (!isUnderWay) throw serviceRefusal(keyVault.name, recovery);
        }
        if (!(await client.pause(2, "Key Vault: a deleted certificate is being recovered")))
          throw serviceRefusal(keyVault.name, reply);
      }
      await finished(vaultName, name);
      return certificateIn(await ask("GET", vaultName, `/certificates/${name}`), vaultName, name);
    },
    version: async ({ vaultName, name, version }) => {
      const reply = await ask("GET", vaultName, `/certificates/${name}/${version}`);
      return isNotFound(keyVault.name, reply) ? undefined : certificateIn(reply, vaultName, name);
    },
    remove: async (vaultName, name) => {
      const reply = await ask("DELETE", vaultName, `/certificates/${name}`);
      if (!isNotFound(keyVault.name, reply)) readBody(keyVault.name, reply, deletedShape);
    },
  };
}

function certificateIn(reply: Reply, vaultName: string, name: string): VaultCertificate {
  const { id, cer, attributes } = readBody(keyVault.name, reply, bundle);
  return {
    key: { vaultName, name, version: id.split("/").at(-1) ?? "" },
    der: cer,
    thumbprint: createHash("sha256").update(Buffer.from(cer, "base64")).digest("base64url"),
    enabled: attributes.enabled,
    createdAt: attributes.created,
  };
}

function notMade(name: string, status: string, reason = "Key Vault gave no reason"): OperatorError {
  return new OperatorError(
    "CERTIFICATE_NOT_MADE",
    `Key Vault did not make the certificate ${name} (${status}): ${reason}. Nothing was published. Run the command again.`,
  );
}

const signature = z.object({ value: z.string().check(z.minLength(1)) });

/**
 * Lets the vault sign a text with a key that never leaves it.
 *
 * @returns The signature, base64url.
 * @throws {ServiceRefusal} 403 when the caller may not sign with the key, or the key is disabled.
 * @see https://learn.microsoft.com/rest/api/keyvault/keys/sign/sign (read 2026-11)
 */
export async function signInVault(
  client: AzureClient,
  identity: Identity,
  { vaultName, name, version }: VaultKey,
  text: string,
  patience: Parameters<AzureClient["send"]>[1] = {},
): Promise<string> {
  const url = vaultAddress(client.cloud, vaultName, `/keys/${name}/${version}/sign`);
  const token = await identity.getToken(keyVault);
  const json = { alg: "PS256", value: createHash("sha256").update(text).digest("base64url") };
  const reply = await client.send({ to: keyVault, method: "POST", url, token, json }, patience);
  if (reply.status === 200) {
    const found = readJson(signature, reply.body);
    if (found !== undefined) return found.value;
  }
  throw serviceRefusal(keyVault.name, reply);
}
