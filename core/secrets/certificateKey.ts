import type { Cloud } from "../cloud/clouds";
import { addDays } from "./rotation";

/** Lengths of RSA keys that an app's certificate can have, in bits. */
export const CertificateKeySize = { bits2048: 2048, bits3072: 3072 } as const;
export type CertificateKeySize = (typeof CertificateKeySize)[keyof typeof CertificateKeySize];

/** Forms in which Key Vault hands out a private key that may be exported. */
export const ExportFormat = { pfx: "pfx", pem: "pem" } as const;
export type ExportFormat = (typeof ExportFormat)[keyof typeof ExportFormat];

/** How the certificate of an app is made. */
export interface CertificateWish {
  /** Bits of the RSA key. */
  readonly keySize: CertificateKeySize;
  /** Whether identities that read the vault may copy the private key. */
  readonly exportable: boolean;
  /** Form of the private key in the vault. Counts only for a key that may be exported. */
  readonly format: ExportFormat;
}

/** A version of a key in a vault. */
export interface VaultKey {
  readonly vaultName: string;
  /** Of the key, and of the certificate that it belongs to. */
  readonly name: string;
  readonly version: string;
}

/** The address of a key's version, as `kid` names it. */
export function keyUriOf(
  { vaultSuffix }: Pick<Cloud, "vaultSuffix">,
  { vaultName, name, version }: VaultKey,
): string {
  return `https://${vaultName.toLowerCase()}.${vaultSuffix}/keys/${name}/${version}`;
}

/**
 * Reads the address of a key's version.
 *
 * @returns undefined for anything but a key of a vault of the cloud, with its version.
 */
export function readKeyUri({ vaultSuffix }: Pick<Cloud, "vaultSuffix">, uri: string): VaultKey | undefined {
  const match =
    /^https:\/\/([0-9A-Za-z-]{3,24})\.([a-z.]+)\/keys\/([0-9A-Za-z-]{1,127})\/([0-9a-f]{32})$/i.exec(uri);
  if (match === null) return undefined;
  const [, vaultName = "", suffix = "", name = "", version = ""] = match;
  if (suffix.toLowerCase() !== vaultSuffix) return undefined;
  return { vaultName, name, version };
}

/** Names are of up to 64 characters; the client ID that follows is of one length, and tells whose it is. */
const subjectBeginning = "CN=copilot-token ";

/** Whether a certificate's subject is one that {@link certificatePolicy} gives. */
export function isOwnSubject(subject: string): boolean {
  return subject.startsWith(subjectBeginning);
}

/**
 * The policy by which Key Vault makes a certificate. Key Vault does not renew it automatically: Entra would not know the new key.
 *
 * @param endsAt When Entra stops accepting it; the certificate itself ends in the same month or the next.
 * @see https://learn.microsoft.com/rest/api/keyvault/certificates/create-certificate/create-certificate (read 2026-11)
 */
export function certificatePolicy(
  { keySize, exportable, format }: CertificateWish,
  clientId: string,
  now: Date,
  endsAt: Date,
): object {
  return {
    issuer: { name: "Self" },
    key_props: { kty: "RSA", key_size: keySize, exportable, reuse_key: false },
    secret_props: { contentType: format === "pfx" ? "application/x-pkcs12" : "application/x-pem-file" },
    x509_props: {
      subject: `${subjectBeginning}${clientId}`,
      ekus: ["1.3.6.1.5.5.7.3.2"],
      key_usage: ["digitalSignature"],
      validity_months: monthsUntil(now, endsAt),
      basic_constraints: { ca: false },
    },
    lifetime_actions: [{ trigger: { lifetime_percentage: 80 }, action: { action_type: "EmailContacts" } }],
  };
}

/** The most months that Key Vault accepts. */
const mostMonths = 1200;

/** Whole months that cover the time. A day more, because a certificate begins some minutes back. */
function monthsUntil(now: Date, endsAt: Date): number {
  const covered = addDays(endsAt, 1);
  for (let months = 1; months < mostMonths; months += 1) {
    const end = new Date(now);
    // Months differ in length: a certificate of the 31st may end on the 28th.
    end.setUTCMonth(end.getUTCMonth() + months, Math.min(now.getUTCDate(), 28));
    if (end >= covered) return months;
  }
  return mostMonths;
}
