import { publishedOf, type AppOutputs } from "../outputs/stackOutputs";
import { credentialNouns, type PublishedKind } from "../settings/credentialKind";
import {
  addDays,
  decideCredential,
  type CurrentCredential,
  type RotationCause,
  type RotationDays,
} from "./rotation";

/** What a run does about an app's client secret, and likewise about its certificate. */
export type SecretDecision =
  /** The app signs in with it; a higher sequence than before is a new one. */
  | { readonly kind: "current"; readonly sequence: number; readonly cause: RotationCause }
  /** The app signs in without it; it stays as it is for consumers that have yet to move. */
  | {
      readonly kind: "retiring";
      readonly sequence: number;
      readonly cause: RotationCause;
      readonly retiredSince: Date;
    }
  /** The app has none. `lastSequence`: the number of the last one it had, so that no number is used twice. */
  | { readonly kind: "none"; readonly lastSequence?: number };

/** What the stack remembers of an app's client secret, or of its certificate. */
export type RememberedSecret =
  { readonly current: CurrentCredential; readonly retiredSince?: Date } | { readonly lastSequence: number };

/** @returns what the outputs say of an app's client secret or certificate; undefined for an app that never had one. */
export function rememberedSecret(app: AppOutputs, kind: PublishedKind): RememberedSecret | undefined {
  const { credential } = publishedOf(app, kind) ?? {};
  const lastSequence = kind === "secret" ? app.lastSequence : app.lastCertificate;
  if (credential === undefined) return lastSequence === undefined ? undefined : { lastSequence };
  const { sequence, cause, startsAt, endsAt, retiredSince } = credential;
  return {
    current: { sequence, cause, startsAt: new Date(startsAt), endsAt: new Date(endsAt) },
    ...(retiredSince === undefined ? {} : { retiredSince: new Date(retiredSince) }),
  };
}

/** What a run was asked for, and may do. */
export interface SecretRequest {
  /** A new secret was requested for this run, and why; a leaked one is not kept. */
  readonly asked: "asked" | "leaked" | undefined;
  /**
   * Whether this run deletes a secret whose time is over. Not in a rotation: the rotator may write secrets, but may not
   * delete one or remove its readers.
   */
  readonly mayLeave: boolean;
}

/** The parts that are remembered, each optional. */
function partsOf(remembered: RememberedSecret | undefined): {
  readonly current?: CurrentCredential;
  readonly retiredSince?: Date;
  readonly lastSequence?: number;
} {
  return remembered ?? {};
}

/**
 * Decides about an app's client secret or certificate. While the app signs in with it, its age decides. Once the app has
 * another way to sign in, it stays as it is for `keepDays`, so that consumers which use it can move one by one and none
 * gets an expired one. An app that returns to a secret gets a new one: it is not known who still holds the old one.
 *
 * @param isWanted Whether the app signs in by this kind of credential.
 * @param remembered undefined before the first successful run.
 */
export function decideSecret(
  isWanted: boolean,
  remembered: RememberedSecret | undefined,
  rotation: RotationDays,
  now: Date,
  { asked, mayLeave }: SecretRequest,
): SecretDecision {
  const { current, lastSequence, retiredSince: since } = partsOf(remembered);
  if (isWanted) {
    if (current !== undefined && since !== undefined) {
      return { kind: "current", sequence: current.sequence + 1, cause: asked ?? "asked" };
    }
    if (current === undefined && lastSequence !== undefined) {
      return { kind: "current", sequence: lastSequence + 1, cause: asked ?? "first" };
    }
    return { kind: "current", ...decideCredential(current, rotation, now, asked) };
  }
  if (current === undefined) return { kind: "none", ...(lastSequence === undefined ? {} : { lastSequence }) };
  const retiredSince = since ?? now;
  const { sequence, cause } = current;
  const isOver = now >= retiresAt(retiredSince, rotation, current.endsAt);
  return asked === "leaked" || (isOver && mayLeave)
    ? { kind: "none", lastSequence: sequence }
    : { kind: "retiring", sequence, cause, retiredSince };
}

/** When a retiring secret is deleted from the vault: after `keepDays`, at the latest at its own end. */
export function retiresAt(retiredSince: Date, rotation: Pick<RotationDays, "keepDays">, endsAt?: Date): Date {
  const kept = addDays(retiredSince, rotation.keepDays);
  return endsAt !== undefined && endsAt < kept ? endsAt : kept;
}

/** Whether a decision makes a client secret that the app does not have yet. */
export function isNewSecret(decision: SecretDecision, remembered: RememberedSecret | undefined): boolean {
  if (decision.kind !== "current") return false;
  return decision.sequence !== partsOf(remembered).current?.sequence;
}

/**
 * What becomes of a client secret when an app's way to sign in changes; for people, in preview and run alike.
 *
 * @returns undefined where nothing changes.
 */
export function retirementNotice(
  app: string,
  kind: PublishedKind,
  decision: SecretDecision,
  remembered: RememberedSecret | undefined,
  rotation: RotationDays,
): string | undefined {
  if (remembered === undefined) return undefined;
  if (decision.kind === "current") return returnNotice(app, kind, decision.sequence, remembered);
  const noun = credentialNouns[kind];
  const { current } = partsOf(remembered);
  if (current === undefined) return undefined;
  const { sequence, endsAt } = current;
  if (decision.kind === "none") {
    return `${app} signs in without its ${noun}: number ${sequence} leaves the vault now, and Entra by npm run rotate.`;
  }
  const until = retiresAt(decision.retiredSince, rotation, endsAt).toISOString();
  return (
    `${app} signs in without its ${noun}. Number ${sequence} stays published until ${until} for consumers that ` +
    "still use it. The first pulumi up after that removes it from the vault, and npm run rotate removes it from Entra."
  );
}

/** An app that signed in without a client secret, or without a certificate, gets one again. */
function returnNotice(
  app: string,
  kind: PublishedKind,
  sequence: number,
  remembered: RememberedSecret,
): string | undefined {
  const { current, retiredSince } = partsOf(remembered);
  if (current !== undefined && retiredSince === undefined) return undefined;
  const before =
    current !== undefined
      ? ` Number ${current.sequence}, which was leaving, stays valid in Entra until npm run rotate removes it.`
      : "";
  return (
    `${app} uses a ${credentialNouns[kind]} again: number ${sequence} is created, verified and then published.${before} Federated ` +
    "credentials in its list still work; those removed from the list work until the end of this run."
  );
}
