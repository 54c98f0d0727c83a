import type { Environment } from "../../azure/proxy";
import { readClockSetting } from "../../core/clockSetting";

/**
 * The commands' clock: the machine's, or one that starts at `COPILOT_TOKEN_CLOCK` and runs on at the machine's pace.
 *
 * @param tell Prints a line when the clock is not the machine's.
 * @throws {OperatorError} `CLOCK_INVALID`
 */
export function commandClock(env: Environment, tell: (line: string) => void): () => Date {
  const startAt = readClockSetting(env["COPILOT_TOKEN_CLOCK"]);
  if (startAt === undefined) return () => new Date();
  tell(`*** EMULATED TIME: COPILOT_TOKEN_CLOCK sets the clock to ${startAt.toISOString()} ***`);
  const offset = startAt.getTime() - Date.now();
  return () => new Date(Date.now() + offset);
}
