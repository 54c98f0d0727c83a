import { createPublicKey, webcrypto, type KeyObject } from "node:crypto";
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { windowsName } from "../windowsName";
import type { X509Properties } from "./certificatePolicy";

const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

export interface IssuedCertificate {
  /** DER, base64. */
  readonly certificate: string;
  /** The request for it, DER, base64. */
  readonly csr: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Issues a certificate that its own key signs. Like Key Vault's, it begins ten minutes back. */
export async function issueSelfSigned(
  privateKey: KeyObject,
  properties: X509Properties,
  now: Date,
): Promise<IssuedCertificate> {
  const keys = {
    privateKey: await webcrypto.subtle.importKey(
      "pkcs8",
      privateKey.export({ type: "pkcs8", format: "der" }),
      algorithm,
      false,
      ["sign"],
    ),
    publicKey: await webcrypto.subtle.importKey(
      "spki",
      createPublicKey(privateKey).export({ type: "spki", format: "der" }),
      algorithm,
      true,
      ["verify"],
    ),
  };
  const { subject: name, ekus, key_usage: usage, basic_constraints: basic } = properties;
  const notBefore = new Date(Math.floor(now.getTime() / 1000) * 1000 - 600_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCMonth(notAfter.getUTCMonth() + properties.validity_months);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    signingAlgorithm: algorithm,
    notBefore,
    notAfter,
    extensions: [
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- flags of a set are their sum
      new KeyUsagesExtension(flagsOf(usage), true),
      ...(basic.ca ? [new BasicConstraintsExtension(true, undefined, true)] : []),
      ...(ekus.length === 0 ? [] : [new ExtendedKeyUsageExtension([...ekus])]),
    ],
  });
  const request = await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm });
  return {
    certificate: Buffer.from(certificate.rawData).toString("base64"),
    csr: Buffer.from(request.rawData).toString("base64"),
    notBefore,
    notAfter,
  };
}

/** What an imported certificate says of itself, as a policy has it. */
export function propertiesOf(
  pem: string,
): X509Properties & Pick<IssuedCertificate, "notBefore" | "notAfter" | "certificate"> {
  const certificate = new X509Certificate(pem);
  const usages = certificate.getExtension(KeyUsagesExtension)?.usages ?? 0;
  const { notBefore, notAfter } = certificate;
  return {
    certificate: Buffer.from(certificate.rawData).toString("base64"),
    subject: windowsName(certificate.subject.split(", ").join("\n")),
    ekus: (certificate.getExtension(ExtendedKeyUsageExtension)?.usages ?? []).map(String),
    key_usage: Object.keys(usageFlags).filter((name) => (usages & (usageFlags[name] ?? 0)) !== 0),
    validity_months: Math.round((notAfter.getTime() - notBefore.getTime()) / (365.25 / 12) / 86_400_000),
    basic_constraints: { ca: certificate.getExtension(BasicConstraintsExtension)?.ca ?? false },
    notBefore,
    notAfter,
  };
}

/** Key Vault's names of key usages. */
const usageFlags: Readonly<Record<string, KeyUsageFlags>> = {
  digitalSignature: KeyUsageFlags.digitalSignature,
  nonRepudiation: KeyUsageFlags.nonRepudiation,
  keyEncipherment: KeyUsageFlags.keyEncipherment,
  dataEncipherment: KeyUsageFlags.dataEncipherment,
  keyAgreement: KeyUsageFlags.keyAgreement,
  keyCertSign: KeyUsageFlags.keyCertSign,
  cRLSign: KeyUsageFlags.cRLSign,
  encipherOnly: KeyUsageFlags.encipherOnly,
  decipherOnly: KeyUsageFlags.decipherOnly,
};

function flagsOf(names: readonly string[]): number {
  return names.reduce((flags, name) => flags | (usageFlags[name] ?? 0), 0);
}
