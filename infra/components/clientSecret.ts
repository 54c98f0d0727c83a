import * as pulumi from "@pulumi/pulumi";
import type { WantedSecret } from "../../core/secrets/clientSecretState";
import { credentialDisplayName } from "../../core/secrets/credentialName";
import { nextRotationAt, type RotationCause, type RotationDays } from "../../core/secrets/rotation";
import { vaultSecretName } from "../../core/vault/vaultName";

export interface ClientSecretArgs {
  /** Which of the app's client secrets shall be current. Plain: it names the resource. */
  sequence: number;
  /** Why it was or is to be added. */
  cause: RotationCause;
  /** End of its validity, ISO 8601; counts only when this sequence's secret is made. */
  endDate: string;
  /** From which the next rotation follows. */
  rotation: RotationDays;
  /** Tags of the consumers', beside the record that the stack itself keeps. */
  consumerTags: Record<string, string>;
  /** How the secret is verified before it is published. */
  verification: SecretVerification;
  /** Part of the name that Entra shows; counts only when this sequence's secret is made. */
  stackId: pulumi.Input<string>;
  /** Tenant ID, a GUID. */
  tenantId: string;
  /** Client ID of the app. */
  clientId: pulumi.Input<string>;
  /** Graph's resource path, `/applications/{objectId}`. */
  applicationId: pulumi.Input<string>;
  /** ARM ID of the key vault. */
  vaultResourceId: pulumi.Input<string>;
}

/** Tokens that a secret must get, one after another and without a refusal, before it is published. */
export interface SecretVerification {
  /** Number of tokens. */
  readonly tokens: number;
  /** Seconds over which they are requested. */
  readonly overSeconds: number;
}

/** Seconds to wait for a secret to reach every replica; a new app and its service principal take longer. */
const patienceSeconds = { firstSecret: 300, laterSecret: 120 };

/**
 * The provider of the dynamic resource, as source text. Pulumi keeps it in the state and runs it in a process of its own, which
 * starts in the program's folder, or at the project's top under the inline engine. `imports` of package.json leads from both to
 * the provider, so that the text stays small and the same whatever the provider does.
 */
const providerText = `exports.handler = () => {
  const { createRequire } = process.getBuiltinModule("node:module");
  return createRequire(process.cwd() + "/program")("#infra/providers").clientSecret;
};
`;

type Wanted = { [Key in keyof WantedSecret]: pulumi.Input<WantedSecret[Key]> };

/**
 * The client secret in Entra together with the vault secret that publishes it; the value is in neither its inputs nor outputs.
 *
 * It is registered as `pulumi.dynamic.Resource` registers itself, with a text that is written here: to serialize functions, that
 * class loads the TypeScript compiler and turns on the debugger, which doubles the time of a run.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/dynamic/index.ts (read 2026-11)
 */
class PublishedClientSecret extends pulumi.CustomResource {
  declare readonly keyId: pulumi.Output<string>;
  /** ISO 8601, as {@link endsAt}. */
  declare readonly startsAt: pulumi.Output<string>;
  declare readonly endsAt: pulumi.Output<string>;

  constructor(name: string, wanted: Wanted, opts: pulumi.CustomResourceOptions) {
    const outputs = { keyId: undefined, startsAt: undefined, endsAt: undefined };
    const props = { ...outputs, ...wanted, __provider: providerText };
    super("pulumi-nodejs:dynamic/copilot-token:ClientSecret", name, props, opts);
  }
}

/**
 * An app's current client secret: added in Entra, verified by tokens, and published in the vault, in this order. A new
 * `sequence` adds the next one and publishes it; the one before stays valid. Nothing here ever removes or replaces a
 * client secret. Pass the app's service principal in `dependsOn`: without one, Entra refuses the secret.
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
    const { sequence, cause, tenantId, verification } = args;
    this.secretName = vaultSecretName(name);
    const secretResourceId = pulumi.interpolate`${args.vaultResourceId}/secrets/${this.secretName}`;
    const secret = new PublishedClientSecret(
      name,
      {
        app: name,
        sequence,
        cause,
        displayName: pulumi
          .output(args.stackId)
          .apply((stackId) => credentialDisplayName(name, sequence, stackId)),
        endDate: args.endDate,
        tenantId,
        clientId: args.clientId,
        applicationId: args.applicationId,
        secretResourceId,
        consumerTags: args.consumerTags,
        tokens: verification.tokens,
        overSeconds: verification.overSeconds,
        patienceSeconds: sequence === 1 ? patienceSeconds.firstSecret : patienceSeconds.laterSecret,
      },
      {
        parent: this,
        dependsOn: opts?.dependsOn ?? [],
        aliases: formerUrns(name),
      },
    );

    this.keyId = secret.keyId;
    this.startsAt = secret.startsAt;
    this.endsAt = secret.endsAt;
    this.nextRotationAt = pulumi
      .all([secret.startsAt, secret.endsAt])
      .apply(([startsAt, endsAt]) => nextRotation(startsAt, endsAt, args.rotation));
    // Known in a preview, and there for others once the secret is.
    this.secretResourceId = pulumi.all([secretResourceId, secret.urn]).apply(([id]) => id);
    this.registerOutputs({ keyId: this.keyId, endsAt: this.endsAt, secretResourceId: this.secretResourceId });
  }
}

/**
 * Of the vault secret that published in releases up to 0.2: its state becomes this resource's, and the sealed value leaves it.
 * Deleted, it would take the published value along.
 */
function formerUrns(name: string): (pulumi.Alias | pulumi.Output<string>)[] {
  const type = "azure-native:keyvault:Secret";
  const underStack = pulumi.createUrn(name, "copilot-token:infra:ClientSecret");
  return [{ type }, pulumi.createUrn(name, type, underStack)];
}

function nextRotation(startsAt: string, endsAt: string, rotation: RotationDays): string {
  return nextRotationAt(new Date(startsAt), rotation, new Date(endsAt)).toISOString();
}
