import { quoted } from "../../../core/sinks";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeOutputFile } from "../outputFile";

/** Shell files that hold an environment, secrets of the emulated identities included: only their owner can read them. */
export interface EnvironmentFiles {
  readonly bashFile: string;
  readonly powerShellFile: string;
  remove(): Promise<void>;
}

/**
 * Writes what differs from the present environment as files to load into a shell, so that no secret has to be
 * printed or pasted. Variables that would lead elsewhere are unset.
 */
export async function writeEnvironmentFiles(
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
