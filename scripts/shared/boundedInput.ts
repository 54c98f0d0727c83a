import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
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
 * Reads a file that the caller names as {@link readBounded} does. It may be a pipe, such as `/dev/stdin`.
 *
 * @throws {Error} where it cannot be read.
 */
export async function readNamedFile(path: string): Promise<string | undefined> {
  return readOpened(await open(path));
}

/**
 * Reads a regular file as {@link readBounded} does. Files of a project are never anything else: reading a named pipe would
 * wait until something writes into it.
 *
 * @throws {Error} where it is no regular file or cannot be read.
 */
export async function readRegularFile(path: string): Promise<string | undefined> {
  // Without this flag, opening a named pipe waits for its writer. Windows lacks the flag and such files.
  const file = await open(path, constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0));
  return readOpened(file, async () => {
    if (!(await file.stat()).isFile()) throw new Error(`${path} is not a regular file`);
  });
}

async function readOpened(file: FileHandle, judge?: () => Promise<void>): Promise<string | undefined> {
  try {
    await judge?.();
    return await readBounded(partsOf(file));
  } finally {
    await file.close();
  }
}

const partBytes = 64 * 1024;

/** Without a stream, which takes longer to set up than most files take to read. */
async function* partsOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (;;) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafe(partBytes) });
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
