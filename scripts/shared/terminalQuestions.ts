import { createInterface, type Interface } from "node:readline";
import { OperatorError } from "../../core/errors";
import type { World } from "./world";
import type { ReadStream, WriteStream } from "node:tty";

/**
 * Questions on a terminal, one line each. The terminal is first touched by the first question, and then kept until
 * `close`, so that lines which are pasted at once answer one question after the other.
 */
export function terminalQuestions(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): { readonly ask: World["ask"]; close(): void } {
  const typedAhead: string[] = [];
  let waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | undefined;
  let completions: readonly string[] = [];
  let terminal: Interface | undefined;
  let ended = false;

  const open = (): Interface => {
    const opened = createInterface({
      input,
      output,
      terminal: true,
      completer: (line: string) => completeLastWord(line, completions),
    });
    opened.on("line", (line) => {
      if (waiting === undefined) typedAhead.push(line);
      else waiting.resolve(line);
      waiting = undefined;
    });
    // Ctrl-C closes it too, where there is no listener for it.
    opened.on("close", () => {
      ended = true;
      waiting?.reject(interrupted());
      waiting = undefined;
    });
    return opened;
  };

  return {
    ask: (question, suggestions = []) =>
      new Promise((resolve, reject) => {
        if (ended) {
          reject(interrupted());
          return;
        }
        terminal ??= open();
        completions = suggestions;
        terminal.setPrompt(question);
        terminal.prompt();
        const line = typedAhead.shift();
        if (line === undefined) waiting = { resolve, reject };
        else resolve(line);
      }),
    close: () => {
      terminal?.close();
    },
  };
}

function interrupted(): OperatorError {
  return new OperatorError("INTERRUPTED", "\nInterrupted; nothing was written.");
}

/** Words are parted by commas and blanks; case does not matter until it is completed. */
function completeLastWord(line: string, suggestions: readonly string[]): [string[], string] {
  const word = /[^\s,]*$/.exec(line)?.[0] ?? "";
  const hits = suggestions.filter((each) => each.toLowerCase().startsWith(word.toLowerCase()));
  return [hits, word];
}

const endOfInput = new Set(["\r", "\n", "\u0004"]);

/**
 * Reads one line from a terminal without showing it. A paste arrives in pieces, and a token is longer than
 * the 4,095 characters of a terminal's own line, so the terminal is read raw.
 *
 * @throws {OperatorError} `INTERRUPTED` on Ctrl-C.
 */
export function readHidden(input: ReadStream, output: WriteStream): Promise<string> {
  output.write("Paste it here; it is not shown. End with Enter: ");
  input.setRawMode(true);
  input.setEncoding("utf8");
  return new Promise((resolve, reject) => {
    let line = "";
    const finish = (settle: () => void): void => {
      input.off("data", take);
      input.setRawMode(false);
      input.pause();
      output.write("\n");
      settle();
    };
    const take = (piece: string | Buffer): void => {
      for (const character of piece.toString()) {
        if (character === "\u0003") {
          finish(() => {
            reject(new OperatorError("INTERRUPTED", "Interrupted; nothing was read."));
          });
          return;
        }
        if (endOfInput.has(character)) {
          finish(() => {
            resolve(line);
          });
          return;
        }
        // Backspace and delete.
        line = character === "\u007f" || character === "\b" ? line.slice(0, -1) : line + character;
      }
    };
    input.on("data", take);
    input.resume();
  });
}
