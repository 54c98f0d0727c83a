import { RotationCause, type CurrentCredential } from "./rotation";

/** What the stack writes beside each secret it publishes: identifiers and times, never the value. */
export interface SecretTags {
  readonly app: string;
  readonly clientId: string;
  readonly keyId: string;
  readonly sequence: string;
  /** ISO 8601: the credential's own start. */
  readonly startsAt: string;
  readonly cause: string;
  /** ISO 8601. */
  readonly verifiedAt: string;
  /** Such as `5 tokens`. */
  readonly verifiedBy: string;
  /** Of a certificate: address of its key's version in the vault. */
  readonly keyUri?: string;
  /** Of a certificate: its SHA-256, base64url. */
  readonly thumbprint?: string;
}

/** When and how a published secret was verified; releases up to 0.2 wrote other names for it. */
export function readVerification(
  tags: Readonly<Record<string, string>>,
): Pick<SecretTags, "verifiedAt" | "verifiedBy"> {
  return {
    verifiedAt: tags["verifiedAt"] ?? tags["provedAt"] ?? "",
    verifiedBy: tags["verifiedBy"] ?? tags["provedBy"] ?? "",
  };
}

/**
 * Reads which credential a vault secret holds from its tags.
 *
 * @returns undefined when the tags are not ours, or were edited beyond recognition.
 */
export function readPublishedCredential(
  tags: Readonly<Record<string, string>> | undefined,
): CurrentCredential | undefined {
  // Not more digits than a rotation an hour needs in a century: the next number must be another one, and 2^53 has none.
  const sequence = /^[1-9]\d{0,5}$/.test(tags?.["sequence"] ?? "") ? Number(tags?.["sequence"]) : undefined;
  const startsAt = new Date(tags?.["startsAt"] ?? "");
  const cause = Object.values(RotationCause).find((known) => known === tags?.["cause"]);
  if (sequence === undefined || Number.isNaN(startsAt.getTime()) || cause === undefined) {
    return undefined;
  }
  return { sequence, startsAt, cause };
}

/** The parts of a vault secret's ARM ID. */
export interface VaultSecretPlace {
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly vaultName: string;
  readonly secretName: string;
}

/** @returns undefined when the ID is not that of a vault secret. */
export function readSecretResourceId(resourceId: string): VaultSecretPlace | undefined {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.KeyVault\/vaults\/([^/]+)\/secrets\/([^/]+)$/i.exec(
      resourceId,
    );
  if (match === null) return undefined;
  const [, subscriptionId = "", resourceGroupName = "", vaultName = "", secretName = ""] = match;
  return { subscriptionId, resourceGroupName, vaultName, secretName };
}
