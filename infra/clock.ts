import * as pulumi from "@pulumi/pulumi";
import { readClockSetting } from "../core/instant";

/**
 * The run's time; read once. `COPILOT_TOKEN_CLOCK` sets it for local runs and prints a warning.
 *
 * @throws {OperatorError} `CLOCK_INVALID`.
 */
export function readClock(environment: NodeJS.ProcessEnv): Date {
  const instant = readClockSetting(environment["COPILOT_TOKEN_CLOCK"]);
  if (instant === undefined) return new Date();
  void pulumi.log.warn(`COPILOT_TOKEN_CLOCK is set: this run takes the time to be ${instant.toISOString()}.`);
  return instant;
}
