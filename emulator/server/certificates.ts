import { webcrypto } from "node:crypto";
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** What the server needs for TLS, and what its clients need to trust it. All PEM. */
export interface ServerCertificates {
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const validForDays = 30;

/**
 * Makes a private CA and one server certificate, both only for this run: the CA's key is never written anywhere.
 *
 * @param hosts Host names of the certificate; `*.` matches one label.
 */
export async function createCertificates(hosts: readonly string[]): Promise<ServerCertificates> {
  // A day back, so that a client whose clock is a little behind accepts it.
  const notBefore = new Date(Date.now() - 86_400_000);
  const notAfter = new Date(Date.now() + validForDays * 86_400_000);
  const caKeys = await webcrypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  const serverKeys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: "CN=copilot-token emulator CA",
    keys: caKeys,
    signingAlgorithm: algorithm,
    notBefore,
    notAfter,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const certificate = await X509CertificateGenerator.create({
    subject: "CN=copilot-token emulator",
    issuer: ca.subject,
    publicKey: serverKeys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: algorithm,
    notBefore,
    notAfter,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: "dns", value }))),
    ],
  });
  return {
    caPem: `${ca.toString("pem")}\n`,
    certificatePem: `${certificate.toString("pem")}\n`,
    privateKeyPem: PemConverter.encode(
      await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey),
      PemConverter.PrivateKeyTag,
    ),
  };
}
