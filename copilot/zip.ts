import { zipSync, type Zippable } from "fflate";
import type { ArtefactFiles } from "./files";

/**
 * Packs files into a zip whose bytes depend on nothing but the files: entries sorted, one fixed date.
 *
 * @param files Paths with forward slashes, as Power Platform's importer wants them.
 */
export function zipFiles(files: ArtefactFiles): Uint8Array {
  // Zip dates have no time zone: fflate writes the local fields of this date, so it is made from local fields.
  const mtime = new Date(2026, 0, 1);
  const entries: Zippable = {};
  for (const path of [...files.keys()].sort(byCodePoint)) {
    const content = files.get(path) ?? "";
    entries[path] = typeof content === "string" ? new TextEncoder().encode(content) : content;
  }
  return zipSync(entries, { mtime, level: 9 });
}

/** Sorts the same on every machine, which `localeCompare` does not. */
function byCodePoint(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
