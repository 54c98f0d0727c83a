import { execFile, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { built } from "./built";

/** How a process ended and what it said. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Bundles the commands as `npm ci` does: tests neither need nor touch `dist/`.
 *
 * @returns Path of the entry, whose first argument is a command's name.
 */
export function bundleCommands(): string {
  const folder = built("commands", (place) => {
    execFileSync(process.execPath, ["scripts/build.mjs", place]);
  });
  return join(folder, "cli.js");
}

/** Runs a command of the bundle to its end; nothing of this process's environment reaches it but PATH. */
export function runBundle(
  bundle: string,
  commandArguments: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly input?: string;
    /** Folder in which it runs. Default: this one. */
    readonly cwd?: string;
    /** Milliseconds. Default: 240,000. */
    readonly timeout?: number;
  } = {},
): Promise<Ended> {
  return new Promise((resolveEnded) => {
    const child = execFile(
      process.execPath,
      [bundle, ...commandArguments],
      {
        env: { PATH: process.env["PATH"], ...options.env },
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        timeout: options.timeout ?? 240_000,
        maxBuffer: 16 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        resolveEnded({ exitCode: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      },
    );
    // A command that reads no input may be gone before it is written.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
  });
}

/**
 * Runs a command of the bundle whose standard output takes nothing.
 *
 * @param stdout `full`: a device without space. `closed`: a pipe that its reader closes before anything is written.
 */
export function runWithoutOutput(
  bundle: string,
  commandArguments: readonly string[],
  stdout: "full" | "closed",
  options: { readonly env?: Readonly<Record<string, string | undefined>>; readonly input?: string } = {},
): Promise<Omit<Ended, "stdout">> {
  return new Promise((resolveEnded) => {
    const full = stdout === "full" ? openSync("/dev/full", "w") : undefined;
    const child = spawn(process.execPath, [bundle, ...commandArguments], {
      env: { PATH: process.env["PATH"], ...options.env },
      stdio: ["pipe", full ?? "pipe", "pipe"],
      timeout: 240_000,
    });
    if (full !== undefined) closeSync(full);
    child.stdout?.destroy();
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
    child.on("close", (code) => {
      resolveEnded({ exitCode: code ?? 1, stderr });
    });
  });
}
