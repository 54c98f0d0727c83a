import { join, relative } from "node:path";
import { localFolder } from "../../../emulator/server/environment";
import type { World } from "../world";
import { quoted } from "../../../core/sinks";
import { mkdir, rm } from "node:fs/promises";
import { writeOutputFile } from "../outputFile";

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

/** Shell files that hold an environment, secrets of the emulated identities included: only their owner can read them. */
interface EnvironmentFiles {
  readonly bashFile: string;
  readonly powerShellFile: string;
  remove(): Promise<void>;
}

/**
 * Writes what differs from the present environment as files to load into a shell, so that no secret has to be
 * printed or pasted. Variables that would lead elsewhere are unset.
 */
async function writeEnvironmentFiles(
  folder: string,
  name: string,
  environment: Readonly<Record<string, string>>,
  present: NodeJS.ProcessEnv,
): Promise<EnvironmentFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = { bashFile: join(folder, `${name}.sh`), powerShellFile: join(folder, `${name}.ps1`) };
  const set = Object.entries(environment).filter(([key, value]) => present[key] !== value);
  const unset = Object.keys(present).filter((key) => !(key in environment));
  const bash = [
    ...unset.map((key) => `unset ${key}`),
    ...set.map(([key, value]) => `export ${key}=${quoted(value)}`),
  ];
  const powerShell = [
    ...unset.map((key) => `Remove-Item Env:${key} -ErrorAction SilentlyContinue`),
    ...set.map(([key, value]) => `$Env:${key} = '${value.replaceAll("'", "''")}'`),
  ];
  await writeOutputFile(files.bashFile, `${bash.join("\n")}\n`, 0o600);
  await writeOutputFile(files.powerShellFile, `${powerShell.join("\n")}\n`, 0o600);
  return {
    ...files,
    remove: async () => {
      await Promise.all([rm(files.bashFile, { force: true }), rm(files.powerShellFile, { force: true })]);
    },
  };
}

/** The usual ways to end a process. */
export const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Resolves when the process is interrupted by Ctrl-C or ended in another of the usual ways. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of endingSignals) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
}
