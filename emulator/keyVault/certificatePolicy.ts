import { isRecord, textOf } from "../server/http";
import { rsaSizes } from "./keys";
import { badParameter } from "./keyVaultError";

/** A certificate's policy with everything that Key Vault adds where the client says nothing. */
export interface CertificatePolicy extends Record<string, unknown> {
  readonly key_props: {
    readonly exportable: boolean;
    readonly kty: string;
    readonly key_size: number;
    readonly reuse_key: boolean;
  };
  readonly secret_props: { readonly contentType: string };
  readonly x509_props: X509Properties;
  readonly lifetime_actions: readonly unknown[];
  readonly issuer: Readonly<Record<string, unknown>>;
}

export interface X509Properties {
  /** Such as `CN=contoso`. */
  readonly subject: string;
  readonly sans?: unknown;
  /** OIDs of extended key usages. */
  readonly ekus: readonly string[];
  readonly key_usage: readonly string[];
  readonly validity_months: number;
  readonly basic_constraints: { readonly ca: boolean };
}

/** Content type of a certificate's secret that is a PKCS #12 file. */
export const pkcs12 = "application/x-pkcs12";

const defaultLifetimeActions = [
  { trigger: { lifetime_percentage: 80 }, action: { action_type: "AutoRenew" } },
];

/**
 * Judges a policy, and completes it by Key Vault's defaults.
 *
 * @param known What is known of an imported certificate.
 * @throws {KeyVaultError} 400 `BadParameter`.
 * @see https://learn.microsoft.com/azure/key-vault/certificates/about-certificates#certificate-policy (read 2026-11)
 */
export function readPolicy(
  given: unknown,
  known: { readonly x509?: X509Properties; readonly keySize?: number } = {},
): CertificatePolicy {
  const policy = isRecord(given) ? given : {};
  const part = (name: string): Readonly<Record<string, unknown>> => {
    const value = policy[name];
    return isRecord(value) ? value : {};
  };
  const {
    exportable = true,
    kty = "RSA",
    key_size: size = 2048,
    reuse_key: reuse = false,
  } = part("key_props");
  const { contentType = pkcs12 } = part("secret_props");
  const { name: issuer = "Self" } = part("issuer");
  const { lifetime_actions: actions = defaultLifetimeActions } = policy;
  const keySize = known.keySize ?? Number(size);
  if (!rsaSizes.includes(keySize)) throw badParameter(`Policy key size ${keySize} is not supported.`);
  if (![pkcs12, "application/x-pem-file"].includes(textOf(contentType))) {
    throw badParameter(`Policy secret content type '${String(contentType)}' is not supported.`);
  }
  return {
    key_props: {
      exportable: exportable !== false,
      kty: textOf(kty),
      key_size: keySize,
      reuse_key: reuse === true,
    },
    secret_props: { contentType: textOf(contentType) },
    x509_props: known.x509 ?? readX509(part("x509_props")),
    lifetime_actions: Array.isArray(actions) ? actions : defaultLifetimeActions,
    issuer: { ...part("issuer"), name: textOf(issuer) },
  };
}

function readX509(given: Readonly<Record<string, unknown>>): X509Properties {
  const {
    subject,
    sans,
    ekus,
    key_usage: usage,
    validity_months: months = 12,
    basic_constraints: basic,
  } = given;
  if (textOf(subject) === "" && sans === undefined) {
    throw badParameter(
      "Property policy has invalid value: subject or subject alternative names are required.",
    );
  }
  if (!Number.isInteger(months) || Number(months) < 1) {
    throw badParameter("Property policy has invalid value: validity_months must be positive.");
  }
  return {
    subject: textOf(subject),
    ...(sans === undefined ? {} : { sans }),
    ekus: texts(ekus) ?? ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
    key_usage: texts(usage) ?? ["digitalSignature", "keyEncipherment"],
    validity_months: Number(months),
    basic_constraints: { ca: isRecord(basic) && basic["ca"] === true },
  };
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}
