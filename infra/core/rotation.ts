/** Days, all whole. See `copilot-token:rotation` in the README. */
export interface RotationDays {
  /** A client secret is replaced when it is this old. */
  readonly everyDays: number;
  /** A replaced secret stays valid at least this long for consumers that cached it. */
  readonly keepDays: number;
  /** A rotation may be this late without anybody losing `keepDays`. */
  readonly graceDays: number;
}

/** What earlier outputs say of an app's current client secret. */
export interface CurrentCredential {
  readonly sequence: number;
  readonly startsAt: Date;
}

export interface CredentialDecision {
  /** Number of the client secret that the app shall have after this run; counts from 1. */
  readonly sequence: number;
  readonly reason: "first" | "due" | "asked" | "current";
}

const dayMilliseconds = 86_400_000;

/** Moves an instant by whole days of 24 hours. */
export function addDays(instant: Date, days: number): Date {
  return new Date(instant.getTime() + days * dayMilliseconds);
}

/** Days from a secret's start to its end: late by all of `graceDays`, it still leaves `keepDays`. */
export function secretLifetimeDays(rotation: RotationDays): number {
  return rotation.everyDays + rotation.keepDays + rotation.graceDays;
}

/** When the current secret is due for replacement. */
export function nextRotationAt(startsAt: Date, rotation: RotationDays): Date {
  return addDays(startsAt, rotation.everyDays);
}

/**
 * Decides which client secret an app shall have: the same, or the next one. Never an earlier one, so a
 * clock that went back changes nothing.
 *
 * @param current From the stack's last successful outputs; undefined before the first.
 * @param asked Somebody asked for a new one for this run alone.
 */
export function decideCredential(
  current: CurrentCredential | undefined,
  rotation: RotationDays,
  now: Date,
  asked: boolean,
): CredentialDecision {
  if (current === undefined) return { sequence: 1, reason: "first" };
  if (asked) return { sequence: current.sequence + 1, reason: "asked" };
  const due = now.getTime() >= nextRotationAt(current.startsAt, rotation).getTime();
  return due
    ? { sequence: current.sequence + 1, reason: "due" }
    : { sequence: current.sequence, reason: "current" };
}

/**
 * End date for a client secret made now: ISO 8601 in whole seconds, as Graph keeps it.
 */
export function secretEndDate(now: Date, rotation: RotationDays): string {
  return addDays(now, secretLifetimeDays(rotation))
    .toISOString()
    .replace(/\.\d{3}Z$/, "Z");
}

/**
 * Reads `COPILOT_TOKEN_ROTATE`, a comma-separated list of apps, or `all`.
 *
 * @returns The apps asked for and the names that are none of the stack's apps.
 */
export function readRotationRequest(
  text: string | undefined,
  apps: readonly string[],
): { asked: ReadonlySet<string>; unknown: readonly string[] } {
  const names = (text ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.includes("all")) return { asked: new Set(apps), unknown: [] };
  return {
    asked: new Set(names.filter((name) => apps.includes(name))),
    unknown: names.filter((name) => !apps.includes(name)),
  };
}
