import { spawn } from "node:child_process";
import { join } from "node:path";

/** How a command's process ended. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one of the project's own commands as its user would: in a process of its own. Only the environment says
 * where Azure is.
 *
 * @param name As in `npm run <name>`.
 */
export function runCommandFile(
  name: string,
  commandArguments: readonly string[],
  options: { readonly directory: string; readonly environment: NodeJS.ProcessEnv },
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(__dirname, "cli.js"), name, ...commandArguments], {
      cwd: options.directory,
      env: options.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ exitCode: code ?? 1, stdout, stderr });
    });
  });
}
