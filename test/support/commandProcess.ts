import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";

/** How a process ended and what it said. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Bundles a command as `npm ci` does, into a folder of its own: tests neither need nor touch `dist/`.
 *
 * @param name Such as `verify`.
 * @returns Path of the bundle.
 */
export async function bundleCommand(name: string): Promise<string> {
  // Within the project, since what is not bundled is found from there.
  const folder = resolve("node_modules", ".cache");
  mkdirSync(folder, { recursive: true });
  const outfile = join(mkdtempSync(join(folder, "command-")), `${name}.js`);
  await build({
    entryPoints: [resolve("scripts", `${name}.ts`)],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "cjs",
    minify: true,
    keepNames: true,
    external: ["@azure/identity", "@pulumi/*", "esbuild", "undici"],
    logLevel: "error",
  });
  return outfile;
}

/** Runs a bundled command to its end; nothing of this process's environment reaches it but PATH. */
export function runBundle(
  bundle: string,
  commandArguments: readonly string[],
  options: { readonly env?: Readonly<Record<string, string | undefined>>; readonly input?: string } = {},
): Promise<Ended> {
  return new Promise((resolveEnded) => {
    const child = execFile(
      process.execPath,
      [bundle, ...commandArguments],
      { env: { PATH: process.env["PATH"], ...options.env }, timeout: 25_000, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        resolveEnded({ exitCode: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      },
    );
    // A command that reads no input may be gone before it is written.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
  });
}
