import type { Annotation } from "../../core/sinks";
import type { Exchange } from "../../azure/http";
import type { Environment } from "../../azure/proxy";

/** Standard input as a command sees it. */
export interface InputStream {
  readonly kind: "terminal" | "pipe" | "none";
  /** Reads to the end, as UTF-8. Of a terminal: one line, typed unseen. */
  read(): Promise<string>;
}

/** What a tool printed and how it ended. */
export interface ToolResult {
  /** Undefined when the tool is not installed. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Everything outside a command, handed in so that tests hand in another. */
export interface World {
  readonly env: Environment;
  /** Where relative paths and the Pulumi project are looked for. */
  readonly directory: string;
  readonly exchange: Exchange;
  /** Opens a connection to the host of an address before the first request to that host. */
  readonly preconnect: (url: string) => void;
  readonly now: () => Date;
  /** Whether `directory` is no clone of this project: the program in it has installed the package. */
  readonly inOtherProgram: boolean;
  /** Says a text, or all of a report's, for a reader in `directory`: see `core/otherProgram.ts`. */
  readonly words: <Said>(said: Said) => Said;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Writes text to standard output, as `logText` leaves it. */
  readonly print: (line: string) => void;
  /** Writes text to standard error, as `logText` leaves it: what is not the result. */
  readonly tell: (line: string) => void;
  /** Puts something on the page of a GitHub Actions run, by standard error: `--json` keeps the other for the report. */
  readonly annotate: (annotation: Annotation) => void;
  /** Replaces the line of progress on a terminal; undefined clears it. Elsewhere nothing is shown. */
  readonly progress: (line: string | undefined) => void;
  /** Whether standard output is a terminal that takes colours. */
  readonly colours: boolean;
  readonly stdin: InputStream;
  /**
   * Asks for one line on the terminal, shown as it is typed; only where `stdin` is one.
   *
   * @param suggestions What Tab completes the last word to.
   * @throws {OperatorError} `INTERRUPTED` on Ctrl-C and Ctrl-D.
   */
  readonly ask: (question: string, suggestions?: readonly string[]) => Promise<string>;
  /** Runs an installed tool without a shell, for at most `timeoutSeconds`. */
  readonly runTool: (
    tool: string,
    toolArguments: readonly string[],
    timeoutSeconds: number,
  ) => Promise<ToolResult>;
}
