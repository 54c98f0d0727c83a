import type { ReadStream, WriteStream } from "node:tty";
import { OperatorError } from "../../core/errors";

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
