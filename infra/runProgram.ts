import { logText } from "../core/sinks";
import * as pulumi from "@pulumi/pulumi";
import { OperatorError } from "../core/errors";
import { explainMissingRight } from "../core/access/missingRight";

/**
 * Runs a program: what its operator can repair, a missing right among it, ends the run with its message alone; anything
 * else is a bug and keeps its stack.
 */
export async function runProgram<Result>(program: () => Promise<Result>): Promise<Result> {
  try {
    return await program();
  } catch (error) {
    const message = repairable(error);
    if (message === undefined) throw error;
    const failure = new pulumi.RunError(logText(message));
    // Pulumi inspects errors with colours, which takes Node 20 and 22 15 s and 3 GB over a stack that runs through
    // node_modules/@pulumi.
    delete failure.stack;
    throw failure;
  }
}

function repairable(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const missing = explainMissingRight(error.message);
  if (missing !== undefined) return `${error.message}\n${missing}`;
  return error instanceof OperatorError ? error.message : undefined;
}
