import { join, relative } from "node:path";
import { localFolder } from "../../../emulator/server/environment";
import type { World } from "../world";
import { writeEnvironmentFiles } from "./environmentFiles";
import { untilStopped } from "./untilStopped";

/** Paths of the shell files that load the environment, relative to the project's folder. */
export interface ShellFiles {
  readonly bashFile: string;
  readonly powerShellFile: string;
}

/**
 * Gives other shells access until this process is ended: files with the environment exist as long as it runs.
 *
 * @param name Of the files; with the process ID it distinguishes processes that run at the same time.
 * @param announce Says how to load them.
 */
export async function serveShell(
  world: World,
  name: string,
  environment: Readonly<Record<string, string>>,
  announce: (files: ShellFiles) => void,
): Promise<void> {
  const folder = join(world.directory, localFolder);
  const files = await writeEnvironmentFiles(folder, `${name}-${process.pid}`, environment, world.env);
  announce({
    bashFile: relative(world.directory, files.bashFile),
    powerShellFile: relative(world.directory, files.powerShellFile),
  });
  try {
    await untilStopped();
  } finally {
    await files.remove();
  }
}
