import * as pulumi from "@pulumi/pulumi";
import { vaultSecretName } from "../../core/vault/vaultName";
import { publishCredential, type Publication, type PublishedCredentialArgs } from "./publishedCredential";

/**
 * An app's current client secret: added in Entra, verified by tokens, and published in the vault, in this order. A new
 * `sequence` adds the next one and publishes it; the one before stays valid. Nothing here ever removes or replaces a
 * client secret. Pass the app's service principal in `dependsOn`: without one, Entra refuses the secret.
 */
export class ClientSecret extends pulumi.ComponentResource implements Publication {
  /** ID of the credential in Entra. */
  readonly keyId: pulumi.Output<string>;
  /** Begin of its validity, ISO 8601. */
  readonly startsAt: pulumi.Output<string>;
  /** End of its validity, ISO 8601. */
  readonly endsAt: pulumi.Output<string>;
  /** When the next one is due, ISO 8601. */
  readonly nextRotationAt: pulumi.Output<string>;
  /** Name of the vault secret. */
  readonly secretName: string;
  /** ARM ID of the vault secret, without a version. */
  readonly secretResourceId: pulumi.Output<string>;

  constructor(name: string, args: PublishedCredentialArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:ClientSecret", name, {}, opts);
    const kind = { kind: "PublishedSecret", secretName: vaultSecretName(name) } as const;
    const published = publishCredential(name, kind, args, {
      parent: this,
      dependsOn: opts?.dependsOn ?? [],
      aliases: formerUrns(name),
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

/**
 * Of the vault secret that published in releases up to 0.2: its state becomes this resource's, and the encrypted value is removed from it.
 * Deleted, it would take the published value along.
 */
function formerUrns(name: string): (pulumi.Alias | pulumi.Output<string>)[] {
  const type = "azure-native:keyvault:Secret";
  const underStack = pulumi.createUrn(name, "copilot-token:infra:ClientSecret");
  return [{ type }, pulumi.createUrn(name, type, underStack)];
}
