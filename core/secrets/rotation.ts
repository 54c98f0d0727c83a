/** Days, all whole. See `copilot-token:rotation` in the README. */
export interface RotationDays {
  /** A client secret is replaced when it is this old. */
  readonly everyDays: number;
  /** A replaced secret stays valid at least this long for consumers that cached it. */
  readonly keepDays: number;
  /** A rotation may be this late and still leave consumers `keepDays`. */
  readonly graceDays: number;
}

/** Why a client secret was added. `leaked`: every other credential of the app is to be removed at once. */
export const RotationCause = { first: "first", due: "due", asked: "asked", leaked: "leaked" } as const;
export type RotationCause = (typeof RotationCause)[keyof typeof RotationCause];

/** What is known of an app's current client secret. */
export interface CurrentCredential {
  readonly sequence: number;
  readonly startsAt: Date;
  /** Absent where the record does not say. */
  readonly endsAt?: Date;
  readonly cause: RotationCause;
}

export interface CredentialDecision {
  /** Number of the client secret that the app has after this run; counts from 1. */
  readonly sequence: number;
  /** Why this secret was or will be made: part of its record, so it stays with it. */
  readonly cause: RotationCause;
}

const dayMilliseconds = 86_400_000;
/** Between the decision to make a secret, which fixes its end, and Entra's stamp on its start. */
const makingMilliseconds = 3_600_000;

/** Moves an instant by whole days of 24 hours. */
export function addDays(instant: Date, days: number): Date {
  return new Date(instant.getTime() + days * dayMilliseconds);
}

/** Days from a secret's start to its end: late by all of `graceDays`, it still leaves `keepDays`. */
export function secretLifetimeDays(rotation: RotationDays): number {
  return rotation.everyDays + rotation.keepDays + rotation.graceDays;
}

/**
 * The same rotation with the longest of its days cut until a secret lives no longer than a limit.
 *
 * @returns undefined where no whole days fit.
 */
export function fittedTo(limitDays: number, rotation: RotationDays): RotationDays | undefined {
  const days = { ...rotation };
  while (secretLifetimeDays(days) > limitDays) {
    const { everyDays, keepDays, graceDays } = days;
    const longest = Math.max(everyDays, keepDays, graceDays);
    if (longest === 1) return undefined;
    days[everyDays === longest ? "everyDays" : keepDays === longest ? "keepDays" : "graceDays"] -= 1;
  }
  return days;
}

/**
 * When the current secret is due for replacement: after `everyDays`, and no later than leaves `keepDays` of its
 * life after all of `graceDays`, since it may have been made for shorter ones.
 *
 * @param endsAt Its end, where that is known.
 */
export function nextRotationAt(startsAt: Date, rotation: RotationDays, endsAt?: Date): Date {
  const byAge = addDays(startsAt, rotation.everyDays);
  if (endsAt === undefined) return byAge;
  const byEnd = addDays(endsAt, -(rotation.keepDays + rotation.graceDays));
  return byAge.getTime() - byEnd.getTime() > makingMilliseconds ? byEnd : byAge;
}

/** Whether a secret's life has the length that the settings ask for: otherwise it was made under other settings. */
export function isMadeFor(rotation: RotationDays, startsAt: Date, endsAt: Date): boolean {
  const asked = addDays(startsAt, secretLifetimeDays(rotation)).getTime();
  return Math.abs(asked - endsAt.getTime()) <= makingMilliseconds;
}

/**
 * Whichever of two records is ahead. A run that ended between publishing a secret and recording it leaves the
 * vault ahead of the stack's outputs; using only the outputs would publish the old secret again.
 */
export function newerCredential(
  recorded: CurrentCredential | undefined,
  published: CurrentCredential | undefined,
): CurrentCredential | undefined {
  if (recorded === undefined || published === undefined) return recorded ?? published;
  return published.sequence > recorded.sequence ? published : recorded;
}

/**
 * Decides which client secret an app has after this run: the same, or the next one. Never an earlier one, so a
 * clock that went back changes nothing.
 *
 * @param current undefined before the first successful run.
 * @param asked Why a new one was requested for this run only; undefined if none was.
 */
export function decideCredential(
  current: CurrentCredential | undefined,
  rotation: RotationDays,
  now: Date,
  asked: "asked" | "leaked" | undefined,
): CredentialDecision {
  if (current === undefined) return { sequence: 1, cause: "first" };
  const due = now.getTime() >= nextRotationAt(current.startsAt, rotation, current.endsAt).getTime();
  const cause = asked ?? (due ? "due" : undefined);
  return cause === undefined
    ? { sequence: current.sequence, cause: current.cause }
    : { sequence: current.sequence + 1, cause };
}

/**
 * End date for a credential made now: ISO 8601 in whole seconds, as Graph keeps it.
 */
export function credentialEndDate(now: Date, lifetimeDays: number): string {
  return addDays(now, lifetimeDays)
    .toISOString()
    .replace(/\.\d{3}Z$/, "Z");
}

/** What `COPILOT_TOKEN_ROTATE` asks for. */
export interface RotationRequest {
  readonly asked: ReadonlyMap<string, "asked" | "leaked">;
  /** Entries that name none of the stack's apps. */
  readonly unknown: readonly string[];
}

/**
 * Reads `COPILOT_TOKEN_ROTATE`: apps by name, or `all`, separated by commas; `:leaked` after a name says why.
 *
 * @example readRotationRequest("CopilotAPIAuth,Reports:leaked", ["CopilotAPIAuth", "Reports"])
 */
export function readRotationRequest(text: string | undefined, apps: readonly string[]): RotationRequest {
  const asked = new Map<string, "asked" | "leaked">();
  const unknown: string[] = [];
  const entries = (text ?? "").split(",").map((entry) => entry.trim());
  for (const entry of entries.filter((entry) => entry !== "")) {
    const leaked = entry.endsWith(":leaked");
    const name = leaked ? entry.slice(0, -":leaked".length) : entry;
    const named = name === "all" ? apps : apps.filter((app) => app === name);
    if (named.length === 0) unknown.push(entry);
    for (const app of named) asked.set(app, leaked || asked.get(app) === "leaked" ? "leaked" : "asked");
  }
  return { asked, unknown };
}
