import * as pulumi from "@pulumi/pulumi";
import type { CertificateKeySize, ExportFormat } from "../../core/secrets/certificateKey";
import { certificateName, signingKeySecretName } from "../../core/vault/vaultName";
import { publishCredential, type Publication, type PublishedCredentialArgs } from "./publishedCredential";

/** How a certificate's key pair is made. */
export interface CertificateKey {
  /** Bits of the RSA key: 2048 or 3072. */
  readonly keySize: CertificateKeySize;
  /** Whether identities that may read the vault secret of the certificate's name get the private key. */
  readonly exportable: boolean;
  /** Form in which they get it. */
  readonly format: ExportFormat;
}

export interface AppCertificateArgs extends PublishedCredentialArgs {
  /** How the key pair is made; counts only when this sequence's certificate is made. */
  key: CertificateKey;
}

/**
 * An app's current certificate. The vault makes the key pair and keeps the private key. The certificate is registered on the
 * application, verified by tokens, and then published: a vault secret names the version of the key that consumers sign with.
 * A new `sequence` makes the next one; the one before stays valid. Nothing here ever removes a certificate from Entra.
 */
export class AppCertificate extends pulumi.ComponentResource implements Publication {
  /** ID of the credential in Entra. */
  readonly keyId: pulumi.Output<string>;
  /** Begin of its validity, ISO 8601. */
  readonly startsAt: pulumi.Output<string>;
  /** End of its validity, ISO 8601. */
  readonly endsAt: pulumi.Output<string>;
  /** When the next one is due, ISO 8601. */
  readonly nextRotationAt: pulumi.Output<string>;
  /** Name of the vault secret that names the key. */
  readonly secretName: string;
  /** ARM ID of that vault secret, without a version. */
  readonly secretResourceId: pulumi.Output<string>;
  /** Name of the certificate in the vault, and of its key. */
  readonly certificateName: string;

  constructor(name: string, args: AppCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:AppCertificate", name, {}, opts);
    const { key, ...wanted } = args;
    this.certificateName = certificateName(name);
    const kind = {
      kind: "PublishedCertificate",
      secretName: signingKeySecretName(name),
      certificate: { name: this.certificateName, ...key },
    } as const;
    const published = publishCredential(name, kind, wanted, {
      parent: this,
      dependsOn: opts?.dependsOn ?? [],
    });
    this.keyId = published.keyId;
    this.startsAt = published.startsAt;
    this.endsAt = published.endsAt;
    this.nextRotationAt = published.nextRotationAt;
    this.secretName = published.secretName;
    this.secretResourceId = published.secretResourceId;
    this.registerOutputs({ keyId: this.keyId, endsAt: this.endsAt, secretResourceId: this.secretResourceId });
  }
}
