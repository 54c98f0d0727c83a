import type { ErrorCode } from "./errorCodes";
import type { Fix } from "./fix";
import { oneLine } from "./sinks";

/** An error that its reader can fix: invalid settings, a missing permission, a request that Azure rejects. */
export class OperatorError extends Error {
  /**
   * @param code Stable, for tests and machines, such as `PERMISSION_UNKNOWN`.
   * @param message What was given, why it cannot work, what to do. Never a secret or a token.
   * @param options `cause` keeps the origin.
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "OperatorError";
  }
}

/**
 * Whether the reader can fix an error, so that it is not a bug: an {@link OperatorError}, or an error that another package marks
 * as one.
 */
export function isOperatorError(error: unknown): error is OperatorError {
  return error instanceof OperatorError || (error instanceof Error && "isForReader" in error);
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The message of an error, and where the docs explain it. */
export function messageWithPage({ code, message }: OperatorError): string {
  const needsPage = code !== "USAGE_ERROR" && code !== "INTERRUPTED";
  return needsPage ? `${message}\nMore: docs/errors.md#${code.toLowerCase()}` : message;
}

/** An invalid setting; several are reported together by {@link faultsError}. */
export interface Fault {
  /** Stable, for tests and machines. */
  readonly code: ErrorCode;
  /** The full key, such as `copilot-token:rotation.everyDays`. */
  readonly key: string;
  /** What was given, printable. */
  readonly value: string;
  /** Why it cannot work. */
  readonly reason: string;
  /** The fix, usually a `pulumi config set --path …` line. */
  readonly repair: string;
  /** Another command that does as well, where there are two ways out. */
  readonly alternative?: string;
  /** The same as data, where there is more to it than the one command that `repair` then is. */
  readonly fixes?: readonly Fix[];
}

/** An error about settings, which keeps them for readers that name them in another way. */
export class FaultsError extends OperatorError {
  constructor(
    readonly faults: readonly Fault[],
    code: ErrorCode,
    message: string,
  ) {
    super(code, message);
  }
}

/** One error with every invalid setting, so that one run reports them all. */
export function faultsError(faults: readonly Fault[]): FaultsError {
  const lines = faults.map(({ key, value, reason, repair, alternative }) => {
    const ways = alternative === undefined ? [repair] : [repair, `or: ${alternative}`];
    const [first, ...rest] = [`${key}: ${value}`, reason, ...ways].map(oneLine);
    return [`  ${first ?? ""}`, ...rest.map((line) => `    ${line}`)].join("\n");
  });
  const count = faults.length === 1 ? "One setting" : `${faults.length} settings`;
  return new FaultsError(
    faults,
    faults.length === 1 && faults[0] !== undefined ? faults[0].code : "SETTINGS_INVALID",
    `${count} cannot work. Nothing was changed.\n${lines.join("\n")}`,
  );
}
