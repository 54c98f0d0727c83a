import type { Cloud } from "../core/cloud/clouds";
import { logText } from "../core/sinks";
import * as pulumi from "@pulumi/pulumi";
import { isOperatorError, messageWithPage } from "../core/errors";
import { explainMissingRight } from "../core/access/missingRight";
import { isKnown } from "./known";
import { programDirectory, type Directory } from "./plan/directory";

/**
 * Runs a program until all of its outputs are there. An error that the operator can fix, such as a missing permission, ends
 * the run with its message. Any other error is a bug and keeps its stack.
 */
export async function runProgram<Outputs extends object>(
  cloud: Cloud,
  program: (directory: Directory) => Promise<Outputs>,
): Promise<Outputs> {
  try {
    const outputs = await program(programDirectory(process.env, cloud));
    // What a resource finds once its inputs are there is reported in the same way as what the program itself finds.
    await isKnown(pulumi.output(outputs));
    return outputs;
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

/** For people; undefined for a bug. */
export function fixableMessage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const missing = explainMissingRight(error.message);
  if (missing !== undefined) return `${error.message}\n${missing}`;
  return isOperatorError(error) ? messageWithPage(error) : undefined;
}
