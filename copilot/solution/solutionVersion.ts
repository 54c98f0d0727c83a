import { createHash } from "node:crypto";
import type { ArtefactFiles } from "../files";

/**
 * The version of a solution: `1.<changes>.<hash>.<hash>`. The hash is that of the content, so equal content has an equal
 * version. The number of changes grows when content replaces other content, so that an import which skips lower
 * versions takes it.
 *
 * @param content Every file but those that hold the version.
 * @param previous The version that the new one replaces.
 */
export function solutionVersion(content: ArtefactFiles, previous: string | undefined): string {
  const hash = createHash("sha256");
  for (const [path, bytes] of [...content].sort(([left], [right]) => (left < right ? -1 : 1))) {
    hash.update(`${path}\0`).update(bytes).update("\0");
  }
  const digest = hash.digest();
  const ownHash = `${digest.readUInt16BE(0)}.${digest.readUInt16BE(2)}`;
  const [, changes = "0", previousHash] = /^1\.(\d+)\.(\d+\.\d+)$/.exec(previous ?? "") ?? [];
  const isNew = previousHash === undefined || previousHash === ownHash;
  return `1.${Number(changes) + (isNew ? 0 : 1)}.${ownHash}`;
}

/** The version that a written solution has; undefined where there is none. @param manifest Text of its manifest. */
export function writtenVersion(manifest: string): string | undefined {
  return /<Version>([\d.]+)<\/Version>/.exec(manifest)?.[1];
}
