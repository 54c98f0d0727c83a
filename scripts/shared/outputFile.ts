import { randomUUID } from "node:crypto";
import { lstat, mkdir, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file whole or not at all: beside it first, then in its place. A symbolic link is followed, and the file that
 * it names is replaced. What is no regular file, such as a device or a named pipe, is written in place.
 *
 * @param mode Of a new file, before the umask; a file that is replaced gets it too.
 */
export async function writeOutputFile(
  path: string,
  content: string | Uint8Array,
  mode = 0o666,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const target = await existing(path);
  if (target !== undefined && !(await lstat(target)).isFile()) {
    await writeFile(target, content);
    return;
  }
  // A link to nothing is no place of ours to choose: writing through it makes the file that it names.
  if (target === undefined && (await isLink(path))) {
    await writeFile(path, content, { mode });
    return;
  }
  const place = target ?? path;
  // A name that cannot be guessed, and `wx`: no link of another user is followed.
  const beside = `${place}.${randomUUID()}.new`;
  try {
    await writeFile(beside, content, { flag: "wx", mode });
    await rename(beside, place);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

async function existing(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch {
    return undefined;
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}
