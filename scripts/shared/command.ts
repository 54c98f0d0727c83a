import { parseArgs, type ParseArgsConfig } from "node:util";
import type { ErrorCode } from "../../core/errorCodes";
import { isOperatorError, messageWithPage, OperatorError } from "../../core/errors";
import { logText, oneLine } from "../../core/sinks";
import { processWorld, watchOutput, wordsIn } from "./processWorld";
import type { World } from "./world";

/** 0 verified or done, 1 not, 2 usage error. */
export type ExitCode = 0 | 1 | 2;

/** The command's arguments or environment are invalid; exit code 2. */
export class UsageError extends OperatorError {
  /** @param options `code`: identifies the error for tests and programs. Default `USAGE_ERROR`. */
  constructor(message: string, options: ErrorOptions & { readonly code?: ErrorCode } = {}) {
    super(options.code ?? "USAGE_ERROR", message, options);
    this.name = "UsageError";
  }

  /** The same error, reported as a usage error. */
  static from(error: OperatorError): UsageError {
    return new UsageError(error.message, { code: error.code, cause: error });
  }
}

/**
 * Runs work that checks only the caller's input.
 *
 * @throws {UsageError} for every OperatorError.
 */
export async function asUsageError<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isOperatorError(error) ? UsageError.from(error) : error;
  }
}

/** One flag, as `--help` shows it. */
export interface Flag {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  /** Placeholder of the value in the help, such as `FILE`. */
  readonly value?: string;
  /** One line. */
  readonly help: string;
}

/** A flag with a value. @param value Its placeholder in the help, such as `FILE`. */
export function option(value: string, help: string): Flag {
  return { type: "string", value, help };
}

/** A flag with a value that may be given several times. */
export function repeatable(value: string, help: string): Flag {
  return { type: "string", multiple: true, value, help };
}

/** A flag that is given or not. */
export function toggle(help: string): Flag {
  return { type: "boolean", help };
}

/** What a flag holds after parsing. */
export type FlagValue = string | boolean | (string | boolean)[] | undefined;

export interface Command {
  /** As in `npm run <name>`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Further lines of help: sources, exit codes, examples. */
  readonly notes?: readonly string[];
  run(flags: Flags, world: World): Promise<ExitCode>;
}

/** Parsed flags by name, with their types. */
export class Flags {
  constructor(private readonly values: Readonly<Record<string, FlagValue>>) {}

  /** The last value given; undefined when the flag is absent. */
  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === "string" ? value : undefined;
  }

  /** All values of a flag that may be repeated. */
  texts(name: string): string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  }

  on(name: string): boolean {
    return this.values[name] === true;
  }

  /**
   * A whole number of seconds, days and the like.
   *
   * @throws {UsageError} when it is not a whole number, or out of bounds.
   */
  wholeNumber(name: string, bounds: { min: number; max: number }): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= bounds.min && number <= bounds.max)) {
      throw new UsageError(
        `--${name} ${text}: give a whole number from ${bounds.min} to ${bounds.max}, such as --${name} ${bounds.min}.`,
      );
    }
    return number;
  }
}

/**
 * Runs a command in this process: parses the arguments, catches once, sets `process.exitCode`.
 * A command throws an OperatorError, which its reader can fix (the message is printed), or a bug (the stack is printed).
 */
export async function runCommand(command: Command, commandArguments = process.argv.slice(2)): Promise<void> {
  let world: ReturnType<typeof processWorld> | undefined;
  // Success is only ever set below: a process that ends in any other way, such as with nothing left to wait for, failed.
  process.exitCode = 1;
  const words = wordsIn(process.cwd());
  const ended = (): void => {
    process.stderr.write(
      words(`npm run ${command.name} ended without a result. This is a bug: report it.\n`),
    );
  };
  process.once("beforeExit", ended);
  const outputWritten = watchOutput();
  try {
    refuseDebugOutput(process.env["NODE_DEBUG"]);
    // The clock may come from the environment, which is the caller's input.
    world = await asUsageError(processWorld);
    const exitCode = await execute(command, commandArguments, world);
    await outputWritten();
    process.exitCode = exitCode;
  } catch (error) {
    process.stderr.write(`${logText(words(describeFailure(error)))}\n`);
    process.exitCode = exitCodeOf(error);
  } finally {
    process.off("beforeExit", ended);
    world?.close();
  }
}

/**
 * Node prints headers and bodies of requests for some values of NODE_DEBUG, with the tokens and secrets in them. It reads
 * the variable before any of this runs, so the only way not to print them is to send nothing.
 *
 * @throws {UsageError} `NODE_DEBUG_SHOWS_SECRETS`
 */
export function refuseDebugOutput(sections: string | undefined): void {
  const shown = (sections ?? "")
    .toLowerCase()
    .split(",")
    .filter((section) =>
      /\*|^(https?2?|http2|tls|net|stream|stream_\w+|fetch|undici|child_process)$/.test(section.trim()),
    );
  if (shown.length === 0) return;
  throw new UsageError(
    `NODE_DEBUG=${oneLine(shown.join(","))} makes Node print tokens and client secrets; nothing was done. Unset NODE_DEBUG.`,
    { code: "NODE_DEBUG_SHOWS_SECRETS" },
  );
}

/** Parses and runs; throws what the command throws. */
export async function execute(
  command: Command,
  commandArguments: readonly string[],
  world: World,
): Promise<ExitCode> {
  const flags = parseFlags(command, commandArguments);
  if (flags === "help") {
    world.print(helpText(command));
    return 0;
  }
  return command.run(flags, world);
}

/** @throws {UsageError} for the first flag or argument that the command does not accept. */
export function parseFlags(command: Command, commandArguments: readonly string[]): Flags | "help" {
  const options: NonNullable<ParseArgsConfig["options"]> = { help: { type: "boolean", short: "h" } };
  for (const [name, { type, multiple }] of Object.entries(command.flags)) {
    options[name] = { type, multiple: multiple ?? false };
  }
  try {
    const { values } = parseArgs({
      args: [...commandArguments],
      options,
      strict: true,
      allowPositionals: false,
      allowNegative: false,
    });
    return values["help"] === true ? "help" : new Flags(values);
  } catch (error) {
    throw new UsageError(
      `${usageErrorReason(error)}\nFlags of npm run ${command.name}: ${Object.keys(command.flags)
        .map((name) => `--${name}`)
        .join(", ")}. For example: npm run ${command.name} -- --help`,
    );
  }
}

/** What is wrong with the arguments. An unexpected argument is not repeated: it may be a token or a secret. */
function usageErrorReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isStray = "code" in error && error.code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL";
  return isStray
    ? "Unexpected argument. Commands take flags only."
    : (error.message.split(/\. To specify|\. Did you/)[0] ?? "");
}

function helpText(command: Command): string {
  const flags: Record<string, Flag> = {
    ...command.flags,
    help: toggle("prints this help"),
  };
  const entries = Object.entries(flags).map(([name, flag]): [string, string] => [
    `--${name}${flag.type === "string" ? ` ${flag.value ?? "VALUE"}` : ""}`,
    flag.help,
  ]);
  const width = Math.max(...entries.map(([left]) => left.length));
  return [
    command.summary,
    "",
    `Usage: npm run ${command.name} -- [flags]`,
    "",
    ...entries.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`),
    ...(command.notes === undefined ? [] : ["", ...command.notes]),
  ].join("\n");
}

/** For people: the message of an error that they can fix, and its page; the stack of anything else, since it is a bug. */
export function describeFailure(error: unknown): string {
  if (isOperatorError(error)) return messageWithPage(error);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** 2 for a usage error, 1 for every other failure. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof UsageError ? 2 : 1;
}
