import { messageOf } from "../../core/errors";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { PreviousVersions } from "../../copilot/artefacts";
import { type ArtefactFiles, artefactPaths } from "../../copilot/files";
import { writtenVersion } from "../../copilot/solution/solution";
import { readmeMark } from "../../copilot/readme/markdown";
import { UsageError } from "../shared/command";
import { writeOutputFile } from "../shared/outputFile";

/**
 * Replaces one app's files of an earlier run, so that no old file is packed. Call {@link checkFolder} first: the folder's
 * content is removed.
 *
 * @throws {UsageError} when the folder cannot be written to.
 */
export async function writeArtefacts(folder: string, files: ArtefactFiles): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    for (const [path, content] of files) await writeOutputFile(join(folder, path), content);
  } catch (error) {
    throw new UsageError(`${folder} could not be written: ${messageOf(error)}. Choose another --out.`, {
      cause: error,
    });
  }
}

/**
 * Looks before writing whether a folder may be written to: absent, empty, or of an earlier run.
 *
 * @throws {UsageError} when it holds something else.
 */
export async function checkFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new UsageError(`--out: ${folder} is not a readable folder. Choose another one.`, {
      cause: error,
    });
  });
  if (names.length === 0) return;
  const readme = await readFile(join(folder, "README.md"), "utf8").catch(() => "");
  if (readme.includes(readmeMark)) return;
  throw new UsageError(
    `--out: ${folder} holds files that are not from this command (${names.slice(0, 3).join(", ")}), and they ` +
      "would be removed. Choose another folder.",
  );
}

/** The versions of the solutions that an earlier run left in a folder. */
export async function versionsIn(folder: string): Promise<PreviousVersions> {
  const versionOf = async (solution: string): Promise<string | undefined> => {
    const manifest = join(folder, solution, "Other/Solution.xml");
    return writtenVersion(await readFile(manifest, "utf8").catch(() => ""));
  };
  return {
    solution: await versionOf(artefactPaths.solutionFolder),
    connector: await versionOf(artefactPaths.connectorFolder),
  };
}
