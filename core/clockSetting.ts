import { OperatorError } from "./errors";
import { instantExample, parseInstant } from "./instant";

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
