import { OperatorError } from "./errors";

/**
 * An ISO 8601 instant with its offset, such as `2027-01-31T12:00:00Z`; seconds and fractions may be left out.
 *
 * @returns undefined for any other text, and for a day that the calendar does not have: `Date` would make 2 March of
 *   30 February.
 */
export function parseInstant(text: string): Date | undefined {
  const match =
    /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:Z|[+-](\d{2}):(\d{2}))$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [year, month, day, hours, minutes, seconds, offsetHours, offsetMinutes] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(Date.UTC(year, month - 1, day));
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  const isTime = hours < 24 && minutes < 60 && seconds < 60 && offsetHours < 24 && offsetMinutes < 60;
  return isDay && isTime ? new Date(text) : undefined;
}

/** For messages: what an instant looks like. */
export const instantExample = "2027-01-31T12:00:00Z";

/** An age in the largest unit that fits, such as `3 minutes`; what lies ahead is 0 seconds old. */
export function ageOf(since: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - since.getTime()) / 1000));
  const [unit, length] = units.find(([, length]) => seconds >= length) ?? (["second", 1] as const);
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** Largest first, in seconds. */
const units = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

/**
 * Reads `COPILOT_TOKEN_CLOCK`, which sets the time of a local run for the program and the commands alike.
 *
 * @returns undefined where it is not set.
 * @throws {OperatorError} `CLOCK_INVALID`.
 */
export function readClockSetting(text: string | undefined): Date | undefined {
  if (text === undefined || text === "") return undefined;
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  throw new OperatorError(
    "CLOCK_INVALID",
    `COPILOT_TOKEN_CLOCK is ${JSON.stringify(text)}, which is not an ISO 8601 time with an offset. ` +
      `Write it like ${instantExample}, or unset it.`,
  );
}
