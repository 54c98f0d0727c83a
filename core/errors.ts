import { oneLine } from "./sinks";

/** Something its reader can repair: bad settings, a missing right, a refusal by Azure. */
export class OperatorError extends Error {
  /**
   * @param code Stable, for tests and machines, such as `PERMISSION_UNKNOWN`.
   * @param message What was given, why it cannot work, what to do. Never a secret or a token.
   * @param options `cause` keeps the origin.
   */
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "OperatorError";
  }
}

/**
 * Whether an error is its reader's to fix, and not a bug: an {@link OperatorError}, or one of a package that has a class
 * of its own and marks it so.
 */
export function isOperatorError(error: unknown): error is OperatorError {
  return error instanceof OperatorError || (error instanceof Error && "isForReader" in error);
}

/** One thing wrong with a setting; several are reported together by {@link faultsError}. */
export interface Fault {
  /** Stable, for tests and machines. */
  readonly code: string;
  /** The full key, such as `copilot-token:rotation.everyDays`. */
  readonly key: string;
  /** What was given, printable. */
  readonly value: string;
  /** Why it cannot work. */
  readonly reason: string;
  /** What to do, usually a `pulumi config set --path …` line. */
  readonly repair: string;
}

/** Every fault in one error, so that nobody repairs them one run at a time. */
export function faultsError(faults: readonly Fault[]): OperatorError {
  const lines = faults.map(({ key, value, reason, repair }) => {
    const [first, ...rest] = [`${key}: ${value}`, reason, repair].map(oneLine);
    return [`  ${first ?? ""}`, ...rest.map((line) => `    ${line}`)].join("\n");
  });
  const count = faults.length === 1 ? "One setting" : `${faults.length} settings`;
  return new OperatorError(
    faults.length === 1 && faults[0] !== undefined ? faults[0].code : "SETTINGS_INVALID",
    `${count} cannot work; nothing was changed.\n${lines.join("\n")}`,
  );
}
