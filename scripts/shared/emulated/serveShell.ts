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
 * Lets other shells in, until somebody ends this process: files with the environment are there for as long.
 *
 * @param name Of the files; tells apart what runs at the same time together with the process ID.
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
