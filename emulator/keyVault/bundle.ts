import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { isPurgeProtected, retentionDays } from "../arm/types/vaultProperties";
import type {
  ArmResource,
  VaultCertificateVersion,
  VaultKeyVersion,
  VaultObject,
  VaultObjectVersion,
  VaultSecretVersion,
} from "../tenant/tenant";

/** A vault as its data plane writes its own address, without trailing slash. */
export function vaultUrl({ properties }: ArmResource): string {
  return String(properties["vaultUri"]).replace(/\/$/, "");
}

/** A secret without its value. */
export function describeSecret(vault: ArmResource, version: VaultSecretVersion, id: string): object {
  const { contentType } = version;
  return { ...(contentType === undefined ? {} : { contentType }), ...properties(vault, version), id };
}

/** A key by its public half. */
export function describeKey(
  vault: ArmResource,
  { name }: VaultObject<VaultKeyVersion>,
  version: VaultKeyVersion,
): object {
  const { kty, ...parameters } = publicJwk(version);
  const { attributes, ...others } = properties(vault, version);
  return {
    key: {
      kid: `${vaultUrl(vault)}/keys/${name}/${version.version}`,
      kty,
      key_ops: version.keyOperations,
      ...parameters,
    },
    attributes: { ...attributes, exportable: version.exportable, hsmPlatform: "0" },
    ...others,
  };
}

/** A certificate with its policy, and the addresses of its key and its secret. */
export function describeCertificate(
  vault: ArmResource,
  { name }: VaultObject<VaultCertificateVersion>,
  version: VaultCertificateVersion,
): object {
  const address = (collection: string): string =>
    `${vaultUrl(vault)}/${collection}/${name}/${version.version}`;
  return {
    id: address("certificates"),
    kid: address("keys"),
    sid: address("secrets"),
    x5t: thumbprint(version),
    cer: version.certificate,
    ...properties(vault, version),
    policy: { id: `${vaultUrl(vault)}/certificates/${name}/policy`, ...version.policy },
  };
}

/** A key in a list. */
export function describeKeyItem(vault: ArmResource, version: VaultKeyVersion, kid: string): object {
  return { kid, ...properties(vault, version) };
}

/** A certificate in a list. */
export function describeCertificateItem(
  vault: ArmResource,
  version: VaultCertificateVersion,
  id: string,
): object {
  return { id, x5t: thumbprint(version), ...properties(vault, version) };
}

/** What all kinds show alike. */
export function properties(
  vault: ArmResource,
  { tags, enabled, nbf, exp, created, updated, managed }: VaultObjectVersion,
): { readonly attributes: object; readonly tags?: object; readonly managed?: true } {
  return {
    attributes: {
      enabled,
      ...(nbf === undefined ? {} : { nbf }),
      ...(exp === undefined ? {} : { exp }),
      created,
      updated,
      recoveryLevel: recoveryLevel(vault),
      recoverableDays: retentionDays(vault),
    },
    ...(tags === undefined ? {} : { tags }),
    ...(managed === undefined ? {} : { managed }),
  };
}

/** The public half of a key: `kty` with `n` and `e`, or with `crv`, `x` and `y`. */
function publicJwk({ privateKey }: VaultKeyVersion): Record<string, unknown> {
  return createPublicKey(createPrivateKey(privateKey)).export({ format: "jwk" });
}

function thumbprint({ certificate }: VaultCertificateVersion): string {
  return createHash("sha1").update(Buffer.from(certificate, "base64")).digest("base64url");
}

/** @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret#deletionrecoverylevel (read 2026-11) */
function recoveryLevel(vault: ArmResource): string {
  const customized = retentionDays(vault) < 90 ? "Customized" : "";
  return `${customized}Recoverable${isPurgeProtected(vault) ? "" : "+Purgeable"}`;
}
