import { isNamedOurs, readCredentialName } from "./credentialName";
import { addDays, isMadeFor, type RotationDays } from "./rotation";

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

export interface RemovalEvidence {
  /** The app's key in the settings. */
  readonly app: string;
  /** The stack's ID, which the names of its client secrets end with; undefined for a stack that has none yet. */
  readonly stackId: string | undefined;
  /** Everything the directory lists for the app. */
  readonly credentials: readonly LiveCredential[];
  /** Every version of the app's vault secret that carries our tags, in any order; at least the current one. */
  readonly published: readonly PublishedVersion[];
  /** What the vault's current version holds. Undefined when it cannot be read: then nothing but expired goes. */
  readonly currentKeyId: string | undefined;
  readonly rotation: RotationDays;
  readonly now: Date;
  /** The leak was reported to this run: then a secret is removed even if it is new. Default false. */
  readonly leakedNow?: boolean;
}

/** `retired`: the app signs in without a client secret. */
export type RemovalReason = "expired" | "superseded" | "orphaned" | "leaked" | "retired";

export interface RemovableCredential {
  readonly credential: LiveCredential;
  readonly reason: RemovalReason;
}

/** A credential that was never published may belong to a run that still goes on: before this age it may yet be published. */
export const orphanAgeMilliseconds = 3_600_000;

/**
 * Which client secrets of an app may go, on evidence:
 *
 * - ours, and past their end;
 * - ours, with a successor that has been published for `keepDays`, so that every cache has had its time; one made
 *   under other settings stays to its end, since those promised another time;
 * - ours, never published and over an hour old: what a killed run left behind;
 * - when the current secret replaced a leaked one, every other that is older, no matter who made it.
 *
 * Ours is what the vault's record names, or what this stack's mark is on. Without both, a display name such as
 * `copilot-token Mail-1` is no evidence.
 *
 * What the vault holds is never among them.
 */
export function removableCredentials(input: RemovalEvidence): RemovableCredential[] {
  const { credentials, published, currentKeyId } = input;
  const current = published.find(({ keyId }) => keyId === currentKeyId);
  return credentials.flatMap((credential) => {
    if (credential.keyId === currentKeyId) return [];
    const reason = wentWithLeak(credential, current, input) ? "leaked" : removalReason(credential, input);
    return reason === undefined ? [] : [{ credential, reason }];
  });
}

/** A secret that was added after the leak was handled is not part of the leak. */
export function wentWithLeak(
  { startsAt }: { readonly startsAt: Date },
  current: PublishedVersion | undefined,
  { leakedNow = false }: Pick<RemovalEvidence, "leakedNow">,
): boolean {
  if (current?.cause !== "leaked") return false;
  return leakedNow || startsAt.getTime() <= current.publishedAt.getTime();
}

function removalReason(credential: LiveCredential, input: RemovalEvidence): RemovalReason | undefined {
  const { published, currentKeyId, rotation, now } = input;
  const sequence = ownSequence(credential, input);
  if (sequence === undefined) return undefined;
  if (credential.endsAt.getTime() <= now.getTime()) return "expired";
  if (currentKeyId === undefined || !published.some(({ keyId }) => keyId === currentKeyId)) return undefined;

  if (wasNeverPublished(credential.keyId, sequence, published)) {
    const age = now.getTime() - credential.startsAt.getTime();
    return age > orphanAgeMilliseconds ? "orphaned" : undefined;
  }
  if (!isMadeFor(rotation, credential.startsAt, credential.endsAt)) return undefined;
  const supersededAt = published
    .filter((version) => version.sequence > sequence)
    .map(({ publishedAt }) => publishedAt.getTime());
  if (supersededAt.length === 0) return undefined;
  const keptUntil = addDays(new Date(Math.min(...supersededAt)), rotation.keepDays);
  return keptUntil.getTime() <= now.getTime() ? "superseded" : undefined;
}

/**
 * The number of a client secret that is this stack's own.
 *
 * @returns undefined for any other secret.
 */
export function ownSequence(
  { keyId, displayName }: Pick<LiveCredential, "keyId" | "displayName">,
  { app, stackId, published }: Pick<RemovalEvidence, "app" | "stackId" | "published">,
): number | undefined {
  const recorded = published.find((version) => version.keyId === keyId);
  if (recorded !== undefined) return recorded.sequence;
  const name = readCredentialName(app, displayName);
  return isNamedOurs(name, stackId) ? name?.sequence : undefined;
}

/**
 * Its number went to another secret, or no higher number was ever published. A number that is merely missing says
 * nothing: the vault's record may have been lost with a deleted secret.
 */
function wasNeverPublished(keyId: string, sequence: number, published: readonly PublishedVersion[]): boolean {
  if (published.some((version) => version.keyId === keyId)) return false;
  return (
    published.every((version) => version.sequence < sequence) ||
    published.some((version) => version.sequence === sequence)
  );
}
