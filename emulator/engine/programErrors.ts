import type { Deployment } from "./deployment";

export interface ProgramErrors {
  /** Reports an error once, however often it comes. */
  report(error: unknown): void;
  /** Resolves when an error has left the program waiting for something that will never come. */
  readonly stuck: Promise<void>;
}

/**
 * Hears of every error that a program leaves unhandled. An `apply` that throws rejects what depends on it, and
 * may leave the rest of the program waiting for good: then the run ends once no provider call is under way.
 */
export function reportProgramErrors(deployment: Deployment): ProgramErrors {
  const reported = new Set<unknown>();
  let becomeStuck: () => void = () => undefined;
  const stuck = new Promise<void>((resolve) => {
    becomeStuck = resolve;
  });
  const report = (error: unknown): void => {
    if (reported.has(error)) return;
    reported.add(error);
    deployment.fail(failureOf(error));
    void deployment.idle().then(becomeStuck);
  };
  process.on("uncaughtException", report);
  process.on("unhandledRejection", report);
  return { report, stuck };
}

/** Errors meant for the operator come with their message alone; anything else is a bug and keeps its stack. */
function failureOf(error: unknown): { message: string; stack?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  // The program has its own copies of these classes, so `instanceof` would not know them.
  const forOperator = error.name === "OperatorError" || "__pulumiRunError" in error;
  return forOperator || error.stack === undefined
    ? { message: error.message }
    : { message: error.message, stack: error.stack };
}
