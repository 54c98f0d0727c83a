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
