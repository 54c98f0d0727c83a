import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { OperatorError } from "../core/errors";

/**
 * The run's time; read once. `COPILOT_TOKEN_CLOCK`, an ISO 8601 instant, sets it for tests and prints a line.
 *
 * @throws {OperatorError} `CLOCK_INVALID`.
 */
export function readClock(environment: NodeJS.ProcessEnv): Date {
  const text = environment["COPILOT_TOKEN_CLOCK"];
  if (text === undefined || text === "") return new Date();
  if (!z.iso.datetime({ offset: true }).safeParse(text).success) {
    throw new OperatorError(
      "CLOCK_INVALID",
      `COPILOT_TOKEN_CLOCK is ${JSON.stringify(text)}, which is no ISO 8601 instant such as 2027-01-31T12:00:00Z. Set it so, or unset it.`,
    );
  }
  const instant = new Date(text);
  void pulumi.log.warn(`COPILOT_TOKEN_CLOCK is set: this run takes the time to be ${instant.toISOString()}.`);
  return instant;
}
