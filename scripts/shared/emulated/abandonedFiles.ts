import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isRunning } from "../../../emulator/pulumi/stackLock";
import { localFolder } from "../../../emulator/server/environment";

/** Outputs and shell files carry the ID of the process whose emulated tenant they are for. */
const ofProcess = /^(?:local|tenant)-(\d+)\./;

/** Removes what `local` and `tenant` left in a project's folder when they were killed: the tenant went with its process. */
export async function removeAbandonedFiles(projectDir: string): Promise<void> {
  const folder = join(projectDir, localFolder);
  const names = await readdir(folder).catch(() => []);
  const abandoned = names.filter((name) => {
    const [, processId] = ofProcess.exec(name) ?? [];
    return processId !== undefined && !isRunning(Number(processId));
  });
  await Promise.all(abandoned.map((name) => rm(join(folder, name), { force: true })));
}
