import { readCredentialSequence } from "./credentialName";
import { addDays } from "./rotation";

/** A client secret as the directory lists it. */
export interface LiveCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** A version of the vault secret, by its tags: the record of what was published when. */
export interface PublishedVersion {
  readonly keyId: string;
  readonly sequence: number;
  readonly publishedAt: Date;
  readonly cause: string;
}

export interface SpentInput {
  /** The app's key in the settings. */
  readonly app: string;
  /** Everything the directory lists for the app. */
  readonly credentials: readonly LiveCredential[];
  /** Every version of the app's vault secret that carries our tags, in any order. */
  readonly published: readonly PublishedVersion[];
  /** What the vault's current version holds. Undefined when it cannot be read: then nothing but expired goes. */
  readonly currentKeyId: string | undefined;
  readonly keepDays: number;
  readonly now: Date;
}

export type SpentReason = "expired" | "succeeded" | "orphaned" | "leaked";

export interface SpentCredential {
  readonly credential: LiveCredential;
  readonly reason: SpentReason;
}

/** A credential that was never published may belong to a run that is still going on. */
const orphanAgeMilliseconds = 3_600_000;

/**
 * Which client secrets of an app may go, on evidence:
 *
 * - ours, and past their end;
 * - ours, with a successor that has been published for `keepDays`, so that every cache has had its time;
 * - ours, never published and over an hour old: what a killed run left behind;
 * - when the current secret replaced a leaked one, every other, whoever made it.
 *
 * The secret that the vault holds is never among them.
 */
export function spentCredentials(input: SpentInput): SpentCredential[] {
  const { credentials, published, currentKeyId } = input;
  const current = published.find(({ keyId }) => keyId === currentKeyId);
  const leaked = current?.cause === "leaked";
  return credentials.flatMap((credential) => {
    if (credential.keyId === currentKeyId) return [];
    const reason = leaked ? "leaked" : spentReason(credential, input);
    return reason === undefined ? [] : [{ credential, reason }];
  });
}

function spentReason(credential: LiveCredential, input: SpentInput): SpentReason | undefined {
  const { app, published, currentKeyId, keepDays, now } = input;
  const sequence = readCredentialSequence(app, credential.displayName);
  if (sequence === undefined) return undefined;
  if (credential.endsAt.getTime() <= now.getTime()) return "expired";
  if (currentKeyId === undefined || !published.some(({ keyId }) => keyId === currentKeyId)) return undefined;

  if (!published.some(({ keyId }) => keyId === credential.keyId)) {
    const age = now.getTime() - credential.startsAt.getTime();
    return age > orphanAgeMilliseconds ? "orphaned" : undefined;
  }
  const succeededAt = published
    .filter((version) => version.sequence > sequence)
    .map(({ publishedAt }) => publishedAt.getTime());
  if (succeededAt.length === 0) return undefined;
  const keptUntil = addDays(new Date(Math.min(...succeededAt)), keepDays);
  return keptUntil.getTime() <= now.getTime() ? "succeeded" : undefined;
}
