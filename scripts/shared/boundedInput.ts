import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { inputBytes } from "../../azure/limits";

/** For messages. */
export const inputLimit = `${inputBytes / 1024 / 1024} MiB`;

/**
 * Reads a file or standard input as text, in parts: a device such as /dev/zero has no end.
 *
 * @returns undefined where it is longer than {@link inputBytes}; the rest was not read.
 */
export async function readBounded(input: AsyncIterable<unknown>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    bytes += (chunk as Buffer).length;
    if (bytes > inputBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * Reads a regular file as {@link readBounded} does. Files of a project are never anything else: reading a named pipe would
 * wait until something writes into it. A file that the caller names, such as `/dev/stdin`, may be a pipe.
 *
 * @throws {Error} where it is no regular file or cannot be read.
 */
export async function readRegularFile(path: string): Promise<string | undefined> {
  // Without this flag, opening a named pipe waits for its writer. Windows lacks the flag and such files.
  const file = await open(path, constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0));
  try {
    if (!(await file.stat()).isFile()) throw new Error(`${path} is not a regular file`);
    return await readBounded(file.createReadStream({ autoClose: false }));
  } finally {
    await file.close();
  }
}
