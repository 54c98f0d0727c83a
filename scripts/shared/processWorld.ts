import { fstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isatty } from "node:tty";
import { OperatorError } from "../../core/errors";
import { reportedInOtherProgram } from "../../core/otherProgram";
import { logText, workflowCommand } from "../../core/sinks";
import { inputLimit, readBounded } from "./boundedInput";
import { httpsTransport } from "../../azure/transport";
import type { terminalQuestions } from "./terminalQuestions";
import type { InputStream, ToolResult, World } from "./world";
import type { Environment } from "../../azure/proxy";
import { readClockSetting } from "../../core/instant";

/**
 * Listens to the errors of standard output and standard error: without a listener, one ends the process with a stack trace.
 *
 * @returns a function that waits until standard output took everything. It throws `OUTPUT_UNWRITABLE` if it did not.
 */
export function watchOutput(): () => Promise<void> {
  let unwritten: NodeJS.ErrnoException | undefined;
  // A reader that closes the pipe early, as `| head` does, has seen enough.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") unwritten ??= error;
  });
  // There is no place left to report it.
  process.stderr.on("error", () => undefined);
  return async () => {
    await new Promise<void>((done) => {
      process.stdout.write("", () => {
        done();
      });
    });
    // The stream tells of a failure one turn later than the write.
    await new Promise((turn) => setImmediate(turn));
    if (unwritten === undefined) return;
    throw new OperatorError(
      "OUTPUT_UNWRITABLE",
      `The result could not be written to standard output (${unwritten.message}). Free space, or write elsewhere.`,
      { cause: unwritten },
    );
  };
}

/** The world of this process. `close` lets go of what would keep the process alive. */
export function processWorld(): World & { close(): void } {
  const { env } = process;
  const transport = httpsTransport(env);
  // Opened by what first needs it: most runs read nothing and ask nothing.
  let stdin: typeof process.stdin | undefined;
  const openStdin = (): typeof process.stdin => (stdin ??= process.stdin);
  let questions: ReturnType<typeof terminalQuestions> | undefined;
  const colours = process.stdout.isTTY && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  const inOtherProgram = !isClone(process.cwd());
  const words = wordsIn(process.cwd());
  const tell = (line: string): void => void process.stderr.write(`${logText(words(line), colours)}\n`);
  const logWait = waitLog(tell);
  return {
    env,
    directory: process.cwd(),
    exchange: transport.exchange,
    preconnect: transport.preconnect,
    now: commandClock(env, tell),
    inOtherProgram,
    words,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    print: (line) => void process.stdout.write(`${logText(words(line), colours)}\n`),
    tell,
    annotate: (annotation) => void process.stderr.write(`${workflowCommand(words(annotation))}\n`),
    progress: (line) => {
      if (!process.stderr.isTTY) {
        logWait(line);
        return;
      }
      const width = process.stderr.columns;
      process.stderr.write(`\r\u001b[K${logText(words(line ?? "")).slice(0, width - 1)}`);
    },
    colours,
    stdin: standardInput(openStdin),
    ask: async (question, suggestions) => {
      const { terminalQuestions } = await import("./terminalQuestions.js");
      questions ??= terminalQuestions(openStdin(), process.stderr);
      return questions.ask(logText(words(question)), suggestions);
    },
    runTool,
    close: () => {
      transport.close();
      questions?.close();
      // A pipe that stays open would keep the process waiting.
      stdin?.destroy();
    },
  };
}

/** As {@link World.words}: texts stay as they are where npm's scripts run the commands, in a clone of this project. */
export function wordsIn(directory: string): World["words"] {
  return isClone(directory) ? (said) => said : reportedInOtherProgram;
}

function isClone(directory: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    return (manifest as { readonly name?: unknown } | null)?.name === "copilot-token";
  } catch {
    // None is there, or it is no JSON.
    return false;
  }
}

/**
 * Progress where there is no terminal: a log says once what the command waits for, and for how long at most.
 */
export function waitLog(write: (line: string) => void): (line: string | undefined) => void {
  const told = new Set<string>();
  return (line) => {
    const reason = /^Waiting: (.*?); again in /.exec(line ?? "")?.[1];
    if (line === undefined || reason === undefined || told.has(reason)) return;
    told.add(reason);
    write(line);
  };
}

function standardInput(open: () => typeof process.stdin): InputStream {
  if (isatty(0)) {
    return {
      kind: "terminal",
      read: async () => (await import("./terminalQuestions.js")).readHidden(open(), process.stderr),
    };
  }
  return { kind: inputKind(), read: () => readAll(open()) };
}

/** A pipe or a file holds input; /dev/null and a closed descriptor hold none. */
function inputKind(): "pipe" | "none" {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket() ? "pipe" : "none";
  } catch {
    return "none";
  }
}

async function readAll(input: NodeJS.ReadableStream): Promise<string> {
  const text = await readBounded(input);
  if (text !== undefined) return text;
  throw new OperatorError(
    "INPUT_TOO_LONG",
    `Standard input is longer than ${inputLimit}; the rest was not read. Pipe in what the command asks for.`,
  );
}

async function runTool(
  tool: string,
  toolArguments: readonly string[],
  timeoutSeconds: number,
): Promise<ToolResult> {
  const { execFile } = await import("node:child_process");
  return new Promise((resolve) => {
    const options = { timeout: timeoutSeconds * 1000, maxBuffer: 64 * 1024 * 1024 };
    execFile(tool, toolArguments, options, (error, stdout, stderr) => {
      const missing = error?.code === "ENOENT";
      const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ exitCode: missing ? undefined : exitCode, stdout, stderr });
    });
  });
}

/**
 * The commands' clock: the machine's, or one that starts at `COPILOT_TOKEN_CLOCK` and runs on at the machine's pace.
 *
 * @param tell Prints a line when the clock is not the machine's.
 * @throws {OperatorError} `CLOCK_INVALID`
 */
export function commandClock(env: Environment, tell: (line: string) => void): () => Date {
  const startAt = readClockSetting(env["COPILOT_TOKEN_CLOCK"]);
  if (startAt === undefined) return () => new Date();
  tell(`*** EMULATED TIME: COPILOT_TOKEN_CLOCK sets the clock to ${startAt.toISOString()} ***`);
  const offset = startAt.getTime() - Date.now();
  return () => new Date(Date.now() + offset);
}
