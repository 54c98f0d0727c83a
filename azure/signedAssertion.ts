import { randomUUID } from "node:crypto";
import type { VaultKey } from "../core/secrets/certificateKey";
import { unsignedAssertion } from "../core/secrets/clientAssertion";
import type { AzureClient, SendOptions } from "./azureClient";
import { Credential } from "./credential";
import { entra } from "./services";
import type { Identity } from "./signIn";
import { signInVault } from "./vaultCertificates";

/** Who signs in, and by which certificate. */
export interface CertificateSignIn {
  readonly tenantId: string;
  readonly clientId: string;
  readonly key: VaultKey;
  /** SHA-256 of the certificate, base64url. */
  readonly thumbprint: string;
}

/**
 * Makes a client assertion that the vault signs: the private key stays there.
 *
 * @throws {ServiceRefusal}
 */
export async function signedAssertion(
  client: AzureClient,
  identity: Identity,
  { key, ...parts }: CertificateSignIn,
  issuedAt: Date,
  patience: Pick<SendOptions, "passesByItself"> = {},
): Promise<Credential> {
  const text = unsignedAssertion({ cloud: client.cloud, ...parts, assertionId: randomUUID(), issuedAt });
  return new Credential(`${text}.${await signInVault(client, identity, key, text, patience)}`, entra);
}
