import { logText } from "../core/sinks";
import * as pulumi from "@pulumi/pulumi";
import { isOperatorError, messageWithPage } from "../core/errors";
import { explainMissingRight } from "../core/access/missingRight";

/**
 * Runs a program. An error that the operator can fix, such as a missing permission, ends the run with its message. Any other
 * error is a bug and keeps its stack.
 */
export async function runProgram<Result>(program: () => Promise<Result>): Promise<Result> {
  try {
    return await program();
  } catch (error) {
    const message = fixableMessage(error);
    if (message === undefined) throw error;
    const failure = new pulumi.RunError(logText(message));
    // Pulumi inspects errors with colours, which takes Node 20 and 22 15 s and 3 GB over a stack that runs through
    // node_modules/@pulumi.
    delete failure.stack;
    throw failure;
  }
}

function fixableMessage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const missing = explainMissingRight(error.message);
  if (missing !== undefined) return `${error.message}\n${missing}`;
  return isOperatorError(error) ? messageWithPage(error) : undefined;
}
