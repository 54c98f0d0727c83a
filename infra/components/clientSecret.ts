import * as keyvault from "@pulumi/azure-native/keyvault";
import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";
import { credentialDisplayName, credentialResourceName } from "../../core/secrets/credentialName";
import { nextRotationAt, type RotationCause, type RotationDays } from "../../core/secrets/rotation";
import type { SecretTags } from "../../core/secrets/publishedSecret";
import { vaultSecretName } from "../../core/vault/vaultName";
import { SecretProof } from "./secretProof";

export interface ClientSecretArgs {
  /** Which of the app's client secrets shall be current. Plain: it names the resource. */
  sequence: number;
  cause: RotationCause;
  /** ISO 8601; counts only when this sequence's secret is made. */
  endDate: string;
  rotation: RotationDays;
  /** Tags of the consumers', beside the record that the stack itself keeps. */
  consumerTags: Readonly<Record<string, string>>;
  proof: { readonly tokens: number; readonly overSeconds: number };
  /** Part of the name that Entra shows; counts only when this sequence's secret is made. */
  stackId: pulumi.Input<string>;
  tenantId: string;
  clientId: pulumi.Input<string>;
  /** Without one, Entra refuses the secret, so there would be no proof. */
  servicePrincipal: pulumi.Resource;
  /** Graph's resource path, `/applications/{objectId}`. */
  applicationId: pulumi.Input<string>;
  vaultName: pulumi.Input<string>;
  resourceGroupName: pulumi.Input<string>;
}

/** Seconds to wait for a secret to reach every replica; a new app and its service principal take longer. */
const patienceSeconds = { firstSecret: 300, laterSecret: 120 };

/**
 * An app's current client secret: the password in Entra, the proof that Entra takes it, and its place in the
 * vault, in this order. A new `sequence` adds the next password and publishes it; the one before stays valid
 * and leaves the stack's memory. Nothing here ever removes or replaces a password.
 */
export class ClientSecret extends pulumi.ComponentResource {
  readonly keyId: pulumi.Output<string>;
  readonly startsAt: pulumi.Output<string>;
  readonly endsAt: pulumi.Output<string>;
  readonly nextRotationAt: pulumi.Output<string>;
  readonly secretName: string;
  /** ARM ID of the vault secret, without a version. */
  readonly secretResourceId: pulumi.Output<string>;

  constructor(name: string, args: ClientSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("copilot-token:infra:ClientSecret", name, {}, opts);
    const credentialName = credentialResourceName(name, args.sequence);

    const password = new azuread.ApplicationPassword(
      credentialName,
      {
        applicationId: args.applicationId,
        displayName: pulumi
          .output(args.stackId)
          .apply((stackId) => credentialDisplayName(name, args.sequence, stackId)),
        endDate: args.endDate,
      },
      {
        parent: this,
        dependsOn: [args.servicePrincipal],
        retainOnDelete: true,
        ignoreChanges: ["displayName", "endDate", "startDate"],
      },
    );
    // The provider marks the value as a secret only inside the engine; marked here, every path is covered.
    const value = pulumi.secret(password.value);

    const proof = new SecretProof(
      credentialName,
      {
        app: name,
        tenantId: args.tenantId,
        clientId: args.clientId,
        keyId: password.keyId,
        clientSecret: value,
        tokens: args.proof.tokens,
        overSeconds: args.proof.overSeconds,
        patienceSeconds: args.sequence === 1 ? patienceSeconds.firstSecret : patienceSeconds.laterSecret,
      },
      { parent: this, retainOnDelete: true },
    );

    const tags: { [tag in keyof SecretTags]: pulumi.Input<string> } = {
      app: name,
      clientId: args.clientId,
      keyId: password.keyId,
      sequence: String(args.sequence),
      startsAt: password.startDate,
      cause: args.cause,
      provedAt: proof.provedAt,
      provedBy: pulumi.interpolate`${proof.tokens} tokens`,
    };
    this.secretName = vaultSecretName(name);
    const secret = new keyvault.Secret(
      name,
      {
        resourceGroupName: args.resourceGroupName,
        vaultName: args.vaultName,
        secretName: this.secretName,
        properties: {
          value,
          contentType: "Entra client secret",
          attributes: { enabled: true, expires: password.endDate.apply(unixSeconds) },
        },
        tags: { ...args.consumerTags, ...tags },
      },
      { parent: this, dependsOn: [proof] },
    );

    this.keyId = password.keyId;
    this.startsAt = password.startDate;
    this.endsAt = password.endDate;
    this.nextRotationAt = pulumi
      .all([password.startDate, password.endDate])
      .apply(([startsAt, endsAt]) => nextRotation(startsAt, endsAt, args.rotation));
    this.secretResourceId = secret.id;
    this.registerOutputs({ keyId: this.keyId, endsAt: this.endsAt, secretResourceId: this.secretResourceId });
  }
}

/** Key Vault's unit for times. */
function unixSeconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}

function nextRotation(startsAt: string, endsAt: string, rotation: RotationDays): string {
  return nextRotationAt(new Date(startsAt), rotation, new Date(endsAt)).toISOString();
}
