import type { Deployment } from "./deployment";

export interface ProgramErrors {
  /** Reports what the program threw, once, however often it comes. */
  readonly report: (error: unknown) => void;
  /** Whether an error went past the program's own end: it may have left anything behind in this process. */
  readonly leftBehind: () => boolean;
  /** How to bring stack traces back to the sources, once it is known. */
  sourceStack: (stack: string) => string;
  /** Back to Node's own handling: for a process that outlives the run. */
  readonly stop: () => void;
  /** Resolves when an error has left the program waiting for something that will never come. */
  readonly stuck: Promise<void>;
}

/**
 * Hears of every error that a program leaves unhandled. An `apply` that throws rejects what depends on it, and
 * may leave the rest of the program waiting for good: then the run ends once no provider call is under way.
 */
export function reportProgramErrors(deployment: Deployment): ProgramErrors {
  const reported = new Set<unknown>();
  const unhandled = new Set<unknown>();
  const thrown = new Set<unknown>();
  let becomeStuck: () => void = () => undefined;
  const stuck = new Promise<void>((resolve) => {
    becomeStuck = resolve;
  });
  const fail = (error: unknown): void => {
    if (reported.has(error)) return;
    reported.add(error);
    deployment.fail(failureOf(error, errors.sourceStack));
    void deployment.idle().then(becomeStuck);
  };
  const notice = (error: unknown): void => {
    unhandled.add(error);
    fail(error);
  };
  const errors: ProgramErrors = {
    report: (error) => {
      thrown.add(error);
      fail(error);
    },
    leftBehind: () => [...unhandled].some((error) => !thrown.has(error)),
    sourceStack: (stack) => stack,
    stop: () => {
      process.off("uncaughtException", notice);
      process.off("unhandledRejection", notice);
    },
    stuck,
  };
  process.on("uncaughtException", notice);
  process.on("unhandledRejection", notice);
  return errors;
}

/** Errors meant for the operator come with only their message; anything else is a bug and keeps its stack. */
function failureOf(
  error: unknown,
  sourceStack: (stack: string) => string,
): { message: string; stack?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  // The program has its own copies of these classes, so `instanceof` would not know them.
  const forOperator = error.name === "OperatorError" || "isForReader" in error || "__pulumiRunError" in error;
  return forOperator || error.stack === undefined
    ? { message: error.message }
    : { message: error.message, stack: sourceStack(error.stack) };
}
