import { OperatorError } from "../../core/errors";
import type { Environment } from "../../azure/proxy";

/**
 * The commands' clock: the machine's, or, for tests, one that starts at `COPILOT_TOKEN_CLOCK` (an ISO
 * instant with its offset) and runs on at the machine's pace.
 *
 * @param tell Gets a loud line when the clock is not the machine's.
 * @throws {OperatorError} `CLOCK_INVALID`
 */
export function commandClock(env: Environment, tell: (line: string) => void): () => Date {
  const text = env["COPILOT_TOKEN_CLOCK"];
  if (text === undefined || text === "") return () => new Date();
  const startAt = Date.parse(text);
  if (Number.isNaN(startAt) || !/^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text)) {
    throw new OperatorError(
      "CLOCK_INVALID",
      `COPILOT_TOKEN_CLOCK is "${text}", which is no instant. Write it like 2026-11-22T10:00:00Z, or unset it.`,
    );
  }
  tell(`*** EMULATED TIME: COPILOT_TOKEN_CLOCK sets the clock to ${new Date(startAt).toISOString()} ***`);
  const offset = startAt - Date.now();
  return () => new Date(Date.now() + offset);
}
