import * as pulumi from "@pulumi/pulumi";
import { OperatorError } from "./core/errors";

/**
 * Runs a program: what its operator can repair ends the run with its message alone; anything else is a bug and keeps
 * its stack.
 */
export async function runProgram<Result>(program: () => Promise<Result>): Promise<Result> {
  try {
    return await program();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const failure = new pulumi.RunError(error.message);
    // Pulumi inspects errors with colours, which takes Node 20 and 22 15 s and 3 GB over a stack that runs through
    // node_modules/@pulumi.
    delete failure.stack;
    throw failure;
  }
}
