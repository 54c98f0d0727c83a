import type { CloudName } from "../../core/cloud/clouds";
import * as authorization from "@pulumi/azure-native/authorization";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { defaultDays } from "../../core/settings/settingsTogether";
import { credentialDisplayName } from "../../core/secrets/credentialName";
import type { WantedCredential } from "../../core/secrets/credentialState";
import {
  nextRotationAt,
  secretLifetimeDays,
  type RotationCause,
  type RotationDays,
} from "../../core/secrets/rotation";
import { ProvidedResource, type ProvidedKind } from "./providedResource";

/** What a client secret and a certificate need alike. */
export interface PublishedCredentialArgs {
  /** Number of the app's credential of this kind that is to be current. Plain: it names the resource. */
  sequence: number;
  /** Why it was or is to be added. Default: `first` for number 1, else `asked`. */
  cause?: RotationCause;
  /** From which its lifetime and the next rotation follow. Default: every 60 days, kept for 60 days, with a grace of 14 days. */
  rotation?: RotationDays;
  /** Tags of the consumers', beside the record that the stack itself keeps. Default: none. */
  consumerTags?: Record<string, string>;
  /** How the credential is verified before it is published. Default: 10 tokens over 10 seconds. */
  verification?: SecretVerification;
  /** A GUID, part of the name that Entra shows; counts only when this sequence's credential is made. Default: drawn once, and kept in the state. */
  stackId?: pulumi.Input<string>;
  /** Default: the public cloud. */
  cloud?: CloudName;
  /** Tenant ID, a GUID. Default: the one that is signed in to. */
  tenantId?: string;
  /** Client ID of the app. */
  clientId: pulumi.Input<string>;
  /** Graph's resource path, `/applications/{objectId}`. */
  applicationId: pulumi.Input<string>;
  /** ARM ID of the key vault. */
  vaultResourceId: pulumi.Input<string>;
}

/** Tokens that a credential must get, one after another and without a refusal, before it is published. */
export interface SecretVerification {
  /** Number of tokens. */
  readonly tokens: number;
  /** Seconds over which they are requested. */
  readonly overSeconds: number;
}

/** Seconds to wait for a credential to reach every replica; a new app and its service principal take longer. */
const patienceSeconds = { firstSecret: 300, laterSecret: 120 };

type Wanted = { [Key in keyof WantedCredential]: pulumi.Input<WantedCredential[Key]> };

/**
 * A credential in Entra together with the vault secret that publishes it. Neither a secret's value nor a private key is in
 * its inputs or outputs.
 */
class PublishedCredential extends ProvidedResource {
  /** ID of the credential in Entra. */
  declare readonly keyId: pulumi.Output<string>;
  /** Begin of its validity, ISO 8601. */
  declare readonly startsAt: pulumi.Output<string>;
  /** End of its validity, ISO 8601. */
  declare readonly endsAt: pulumi.Output<string>;

  constructor(
    kind: CredentialKindArgs["kind"],
    name: string,
    wanted: Wanted,
    opts: pulumi.CustomResourceOptions,
  ) {
    super(kind, name, { keyId: undefined, startsAt: undefined, endsAt: undefined, ...wanted }, opts);
  }
}

/** A credential with what a stack tells of it. */
export interface Publication {
  readonly keyId: pulumi.Output<string>;
  readonly startsAt: pulumi.Output<string>;
  readonly endsAt: pulumi.Output<string>;
  readonly nextRotationAt: pulumi.Output<string>;
  readonly secretName: string;
  /** ARM ID of the vault secret, without a version. */
  readonly secretResourceId: pulumi.Output<string>;
}

/** How one kind of credential is registered. */
export interface CredentialKindArgs {
  readonly kind: Exclude<ProvidedKind, "SiteGrant">;
  /** Of the vault secret that publishes it. */
  readonly secretName: string;
  readonly certificate?: WantedCredential["certificate"];
}

/** Registers a credential and what publishes it. */
export function publishCredential(
  name: string,
  { kind, secretName, certificate }: CredentialKindArgs,
  args: PublishedCredentialArgs,
  options: pulumi.CustomResourceOptions,
): Publication {
  const { cloud, sequence, cause = sequence === 1 ? "first" : "asked", consumerTags = {} } = args;
  const { verification = { tokens: 10, overSeconds: 10 }, rotation = defaultDays } = args;
  const stackId = args.stackId ?? new random.RandomUuid(`${name}-${kind}-id`, {}, childOf(options)).result;
  const secretResourceId = pulumi.interpolate`${args.vaultResourceId}/secrets/${secretName}`;
  const credential = new PublishedCredential(
    kind,
    name,
    {
      app: name,
      sequence,
      cause,
      displayName: pulumi.output(stackId).apply((known) => credentialDisplayName(name, sequence, known)),
      lifetimeDays: secretLifetimeDays(rotation),
      tenantId: args.tenantId ?? authorization.getClientConfigOutput(childOf(options)).tenantId,
      ...(cloud === undefined ? {} : { cloud }),
      clientId: args.clientId,
      applicationId: args.applicationId,
      secretResourceId,
      consumerTags,
      tokens: verification.tokens,
      overSeconds: verification.overSeconds,
      patienceSeconds: sequence === 1 ? patienceSeconds.firstSecret : patienceSeconds.laterSecret,
      ...(certificate === undefined ? {} : { certificate }),
    },
    options,
  );
  return {
    keyId: credential.keyId,
    startsAt: credential.startsAt,
    endsAt: credential.endsAt,
    nextRotationAt: pulumi
      .all([credential.startsAt, credential.endsAt])
      .apply(([startsAt, endsAt]) => nextRotation(startsAt, endsAt, rotation)),
    secretName,
    // Azure may spell the vault's ID in another case later: who reads at this scope keeps the role.
    secretResourceId: pulumi
      .all([secretResourceId, credential.id])
      .apply(([wanted, id]) => (id.toLowerCase() === wanted.toLowerCase() ? id : wanted)),
  };
}

function childOf({ parent }: pulumi.CustomResourceOptions): { parent?: pulumi.Resource } {
  return parent === undefined ? {} : { parent };
}

function nextRotation(startsAt: string, endsAt: string, rotation: RotationDays): string {
  return nextRotationAt(new Date(startsAt), rotation, new Date(endsAt)).toISOString();
}
