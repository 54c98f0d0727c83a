import type { AppOutputs } from "../outputs/stackOutputs";
import type { CredentialKind } from "../settings/credentialKind";
import {
  addDays,
  decideCredential,
  type CurrentCredential,
  type RotationCause,
  type RotationDays,
} from "./rotation";

/** What a run does about an app's client secret. */
export type SecretDecision =
  /** The app signs in by it; a higher sequence than before is a new one. */
  | { readonly kind: "current"; readonly sequence: number; readonly cause: RotationCause }
  /** The app signs in without it; it stays as it is for consumers that have yet to move. */
  | {
      readonly kind: "retiring";
      readonly sequence: number;
      readonly cause: RotationCause;
      readonly retiredSince: Date;
    }
  /** The app has none. `lastSequence`: of the last one it had, so that no number comes twice. */
  | { readonly kind: "none"; readonly lastSequence?: number };

/** What the stack remembers of an app's client secret. */
export type RememberedSecret =
  { readonly current: CurrentCredential; readonly retiredSince?: Date } | { readonly lastSequence: number };

/** @returns what the outputs say of an app's client secret; undefined for an app that never had one. */
export function rememberedSecret({ credential, lastSequence }: AppOutputs): RememberedSecret | undefined {
  if (credential === undefined) return lastSequence === undefined ? undefined : { lastSequence };
  const { sequence, cause, startsAt, endsAt, retiredSince } = credential;
  return {
    current: { sequence, cause, startsAt: new Date(startsAt), endsAt: new Date(endsAt) },
    ...(retiredSince === undefined ? {} : { retiredSince: new Date(retiredSince) }),
  };
}

/** What a run was asked for, and may do. */
export interface SecretRequest {
  /** Somebody asked for a new secret in this run, and why; a leaked one does not stay. */
  readonly asked: "asked" | "leaked" | undefined;
  /**
   * Whether a secret whose time is over leaves in this run. Not in a rotation: who rotates may write secrets, and
   * neither delete one nor take back who may read it.
   */
  readonly mayLeave: boolean;
}

/** Whatever there is of a memory. */
function partsOf(remembered: RememberedSecret | undefined): {
  readonly current?: CurrentCredential;
  readonly retiredSince?: Date;
  readonly lastSequence?: number;
} {
  return remembered ?? {};
}

/**
 * Decides about an app's client secret: by its age while the app signs in by it, and once the app has another way to
 * sign in, to keep it as it is for `keepDays`. Consumers that read the vault then move one by one and none meets a
 * dead secret: what a rotation promises holds for leaving secrets too. An app that comes back to a secret gets a new
 * one: of the one that was leaving nobody knows who still holds it.
 *
 * @param remembered undefined before the first successful run.
 */
export function decideSecret(
  kind: CredentialKind,
  remembered: RememberedSecret | undefined,
  rotation: RotationDays,
  now: Date,
  { asked, mayLeave }: SecretRequest,
): SecretDecision {
  const { current, lastSequence, retiredSince: since } = partsOf(remembered);
  if (kind === "secret") {
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

/** When a secret that nobody is to use any more leaves the vault: after `keepDays`, at the latest at its own end. */
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
  decision: SecretDecision,
  remembered: RememberedSecret | undefined,
  rotation: RotationDays,
): string | undefined {
  if (remembered === undefined) return undefined;
  if (decision.kind === "current") return returnNotice(app, decision.sequence, remembered);
  const { current } = partsOf(remembered);
  if (current === undefined) return undefined;
  const { sequence, endsAt } = current;
  if (decision.kind === "none") {
    return `${app} signs in without its client secret: number ${sequence} leaves the vault now, and Entra by npm run rotate.`;
  }
  const until = retiresAt(decision.retiredSince, rotation, endsAt).toISOString();
  return (
    `${app} signs in without its client secret. Number ${sequence} stays published until ${until} for consumers that ` +
    "still read it. The first pulumi up after that removes it from the vault, and npm run rotate removes it from Entra."
  );
}

/** An app that signed in without a client secret gets one again. */
function returnNotice(app: string, sequence: number, remembered: RememberedSecret): string | undefined {
  const { current, retiredSince } = partsOf(remembered);
  if (current !== undefined && retiredSince === undefined) return undefined;
  const before =
    current !== undefined
      ? ` Number ${current.sequence}, which was leaving, stays valid in Entra until npm run rotate removes it.`
      : "";
  return (
    `${app} uses a client secret again: number ${sequence} is created, verified and then published.${before} Federated ` +
    "credentials in its list still work; those removed from the list work until the end of this run."
  );
}
