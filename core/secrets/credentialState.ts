import { CloudName } from "../cloud/clouds";
import * as z from "zod/mini";
import type { CertificateWish } from "./certificateKey";
import { readPublishedCredential, readVerification, type SecretTags } from "./publishedSecret";
import type { RotationCause } from "./rotation";

/** What the program wants of a client secret or a certificate. Nothing here is secret. */
export interface WantedCredential {
  /** Name of the app, such as the one of its `GraphApp`. */
  readonly app: string;
  /** Number of the credential that is to be current, from 1. A higher number than before makes a new one. */
  readonly sequence: number;
  /** Why it is made; part of what the vault secret's tags record. */
  readonly cause: RotationCause;
  /** Its name in Entra, which ends with the stack's mark. Counts only when the credential is made. */
  readonly displayName: string;
  /** Days for which it is valid, from when it is made. Counts only when the credential is made. */
  readonly lifetimeDays: number;
  /** Tenant ID, a GUID. */
  readonly tenantId: string;
  /** The cloud of the tenant. Default: the public cloud. */
  readonly cloud?: CloudName;
  /** Client ID of the app. Entra refuses the credential of an app without a service principal. */
  readonly clientId: string;
  /** Microsoft Graph's resource path, `/applications/{objectId}`. */
  readonly applicationId: string;
  /** ARM ID of the vault secret that publishes it, without a version. */
  readonly secretResourceId: string;
  /** Tags of the vault secret for its consumers, beside the record that the resource itself keeps. */
  readonly consumerTags: Record<string, string>;
  /** Number of tokens, at least 1, that it must get without a refusal before it is published. */
  readonly tokens: number;
  /** Seconds over which the tokens are requested. */
  readonly overSeconds: number;
  /** Seconds to wait for the credential to reach every replica of Entra. Then it is removed again, and the run fails. */
  readonly patienceSeconds: number;
  /** How its certificate is made, and its name in the vault. Default: it is a client secret. */
  readonly certificate?: WantedCertificate;
}

/** How a certificate is made, and its name in the vault. */
export interface WantedCertificate extends CertificateWish {
  /** Name of the certificate in the vault, and of its key. */
  readonly name: string;
}

/** The kind of a credential, for messages. */
export function credentialNoun({ certificate }: Pick<WantedCredential, "certificate">): string {
  return certificate === undefined ? "client secret" : "certificate";
}

/** Why a published credential no longer serves: found by a refresh, corrected by the next `up`. */
export type PublicationFault =
  /** Entra no longer has it. */
  | "removed from Entra"
  /** The vault's key, by which the certificate signs, is gone, disabled or another. */
  | "key missing in the vault"
  /** The vault has no such secret. */
  | "missing in the vault"
  /** The vault's current version is not the one that this stack published. */
  | "replaced in the vault"
  | "disabled in the vault"
  | "expired in the vault";

/** What the stack's state keeps of a published credential: identifiers and times, never a secret value or a key. */
export interface RecordedCredential {
  readonly cloud?: CloudName | undefined;
  readonly sequence: number;
  readonly clientId: string;
  readonly applicationId: string;
  readonly secretResourceId: string;
  readonly consumerTags: Readonly<Record<string, string>>;
  /** ID of the credential in Entra. */
  readonly keyId: string;
  /** Begin of its validity, ISO 8601. */
  readonly startsAt: string;
  /** End of its validity, ISO 8601. */
  readonly endsAt: string;
  /** Address of the vault secret's version. */
  readonly versionUri: string;
  /** When it was verified by tokens, ISO 8601. */
  readonly verifiedAt: string;
  /** Such as `5 tokens`. */
  readonly verifiedBy: string;
  /** Absent for a client secret. */
  readonly certificate?: CertificateRecord | undefined;
  /** Absent while it serves. */
  readonly fault?: PublicationFault | undefined;
  /** The published version's tags or expiry are not as the stack wrote them; its value cannot change. */
  readonly edited?: true | undefined;
}

/** What consumers need to sign by a certificate. */
export interface CertificateRecord {
  /** Address of the key's version in the vault. */
  readonly keyUri: string;
  /** SHA-256 of the certificate, base64url: `x5t#S256` of an assertion. */
  readonly thumbprint: string;
}

/** The current version of a vault secret, as Azure Resource Manager shows it: without the value. */
export interface SeenVersion {
  readonly tags: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly expiresAt: Date | undefined;
  readonly versionUri: string;
}

const recorded = z.object({
  cloud: z.optional(z.enum(CloudName)),
  sequence: z.number(),
  clientId: z.string(),
  applicationId: z.string(),
  secretResourceId: z.string(),
  consumerTags: z.record(z.string(), z.string()),
  keyId: z.string(),
  startsAt: z.string(),
  endsAt: z.string(),
  versionUri: z.string(),
  verifiedAt: z.string(),
  verifiedBy: z.string(),
  certificate: z.optional(z.object({ keyUri: z.string(), thumbprint: z.string() })),
  fault: z.optional(z.string()),
  edited: z.optional(z.literal(true)),
});

/** @returns undefined for anything but the state of this release. */
export function readRecord(olds: unknown): RecordedCredential | undefined {
  const { success, data } = recorded.safeParse(olds);
  return success ? (data as RecordedCredential) : undefined;
}

/** The record without what a refresh found. */
export function asPublished(record: RecordedCredential): RecordedCredential {
  return z.omit(recorded, { fault: true, edited: true }).parse(record);
}

/** `azure-native.keyvault.Secret`, in which releases up to 0.2 kept the value. */
const vaultSecret = z.object({
  tags: z.record(z.string(), z.string()),
  properties: z.object({
    attributes: z.object({ enabled: z.optional(z.boolean()), expires: z.optional(z.number()) }),
    secretUriWithVersion: z.string(),
  }),
});

/**
 * Reads the state of a vault secret that an earlier release published.
 *
 * @param secretResourceId Its Pulumi ID.
 * @returns undefined for any other state.
 */
export function readEarlierRecord(
  olds: unknown,
  secretResourceId: string,
  wanted: Pick<WantedCredential, "applicationId" | "cloud">,
): RecordedCredential | undefined {
  const { success, data } = vaultSecret.safeParse(olds);
  if (!success) return undefined;
  const { attributes, secretUriWithVersion } = data.properties;
  return recordOf(
    {
      tags: data.tags,
      enabled: attributes.enabled ?? true,
      expiresAt: attributes.expires === undefined ? undefined : new Date(attributes.expires * 1000),
      versionUri: secretUriWithVersion,
    },
    { ...wanted, secretResourceId },
  );
}

/**
 * What the state keeps of a version that carries this project's tags.
 *
 * @returns undefined where the tags are not this project's.
 */
export function recordOf(
  { tags, expiresAt, versionUri }: SeenVersion,
  {
    applicationId,
    secretResourceId,
    cloud,
  }: Pick<RecordedCredential, "secretResourceId" | "applicationId" | "cloud">,
): RecordedCredential | undefined {
  const credential = readPublishedCredential(tags);
  const { clientId, keyId, startsAt, keyUri, thumbprint } = tags;
  if (credential === undefined || expiresAt === undefined) return undefined;
  if (clientId === undefined || keyId === undefined || startsAt === undefined) return undefined;
  return {
    ...(cloud === undefined ? {} : { cloud }),
    sequence: credential.sequence,
    clientId,
    applicationId,
    secretResourceId,
    consumerTags: Object.fromEntries(Object.entries(tags).filter(([tag]) => !ownTags.has(tag))),
    keyId,
    startsAt,
    endsAt: wholeSeconds(expiresAt),
    versionUri,
    ...readVerification(tags),
    ...(keyUri === undefined || thumbprint === undefined ? {} : { certificate: { keyUri, thumbprint } }),
  };
}

/** As Graph writes an end date. */
function wholeSeconds(instant: Date): string {
  return instant.toISOString().replace(/\.\d{3}Z$/, "Z");
}

const ownTagNames: { readonly [Tag in keyof Required<SecretTags>]: true } = {
  app: true,
  clientId: true,
  keyId: true,
  sequence: true,
  startsAt: true,
  cause: true,
  verifiedAt: true,
  verifiedBy: true,
  keyUri: true,
  thumbprint: true,
};
const ownTags = new Set([...Object.keys(ownTagNames), "provedAt", "provedBy"]);

/** What a run does: nothing, the tags and expiry of the version that is published, or a new credential. */
export type CredentialStep = "nothing" | "properties" | "credential";

/** Never a removal: a secret that no longer works gets a successor, and only `rotate` removes secrets. */
export function stepFor(
  record: RecordedCredential | undefined,
  wanted: Pick<WantedCredential, "sequence" | "clientId" | "secretResourceId" | "consumerTags">,
): CredentialStep {
  if (
    record === undefined ||
    record.fault !== undefined ||
    record.sequence !== wanted.sequence ||
    record.clientId !== wanted.clientId ||
    record.secretResourceId.toLowerCase() !== wanted.secretResourceId.toLowerCase()
  ) {
    return "credential";
  }
  const isAsWanted = record.edited !== true && areSame(record.consumerTags, wanted.consumerTags);
  return isAsWanted ? "nothing" : "properties";
}

function areSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const texts = [one, other].map((tags) => JSON.stringify(Object.entries(tags).sort()));
  return texts[0] === texts[1];
}

/**
 * Why what the state records no longer serves.
 *
 * @param state Whether the application still has the credential, and the vault its key.
 * @param version undefined where the vault has no such secret.
 */
export function faultOf(
  record: RecordedCredential,
  state: "serves" | "notInEntra" | "noKey",
  version: SeenVersion | undefined,
  now: Date,
): PublicationFault | undefined {
  if (state === "notInEntra") return "removed from Entra";
  if (state === "noKey") return "key missing in the vault";
  if (version === undefined) return "missing in the vault";
  if (version.versionUri !== record.versionUri) return "replaced in the vault";
  if (!version.enabled) return "disabled in the vault";
  return isOver(version, now) ? "expired in the vault" : undefined;
}

/** Whether the tags or the expiry of the version that the state records were changed since the stack wrote them. */
export function isEdited(record: RecordedCredential, version: SeenVersion): boolean {
  const seen = recordOf(version, record);
  return (
    seen === undefined ||
    writtenFields.some((field) => seen[field] !== record[field]) ||
    !areSame(seen.consumerTags, record.consumerTags) ||
    seen.endsAt !== wholeSeconds(new Date(record.endsAt))
  );
}

// How it was verified is for people; nothing decides by it.
const writtenFields = ["sequence", "clientId", "keyId", "startsAt"] as const;

/**
 * What a run published and was killed before the state recorded it.
 *
 * @param record What the state has; a version of the same credential that it does not know is not the stack's.
 * @param keyIds Credentials of the application that carry the wanted display name.
 */
export function unrecordedCredential(
  wanted: WantedCredential,
  record: RecordedCredential | undefined,
  version: SeenVersion | undefined,
  keyIds: readonly string[],
  now: Date,
): RecordedCredential | undefined {
  if (version === undefined || !version.enabled || isOver(version, now)) return undefined;
  const found = recordOf(version, wanted);
  if (found === undefined || found.keyId === record?.keyId || !keyIds.includes(found.keyId)) return undefined;
  return found.sequence === wanted.sequence && found.clientId === wanted.clientId ? found : undefined;
}

function isOver({ expiresAt }: SeenVersion, now: Date): boolean {
  return expiresAt !== undefined && expiresAt.getTime() <= now.getTime();
}

/** The tags of the version that publishes a credential: the record that `rotate` decides by. */
export function tagsOf(
  wanted: Pick<WantedCredential, "app" | "cause" | "consumerTags">,
  record: Omit<RecordedCredential, "versionUri">,
): Record<string, string> {
  const { clientId, keyId, sequence, startsAt, verifiedAt, verifiedBy, certificate } = record;
  const own: SecretTags = {
    app: wanted.app,
    clientId,
    keyId,
    sequence: String(sequence),
    startsAt,
    cause: wanted.cause,
    verifiedAt,
    verifiedBy,
    ...certificate,
  };
  return { ...wanted.consumerTags, ...own };
}
