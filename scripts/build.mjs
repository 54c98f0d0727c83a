// Bundles each command, so that it starts without a loader: into dist/, or into the folder given. `npm ci` runs
// this by "prepare".
import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const commandsIn = (folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder))
        .filter((name) => name.endsWith(".ts"))
        .map((name) => join(root, folder, name))
    : [];

const entries = [...commandsIn("scripts"), ...commandsIn("bench"), ...commandsIn("emulator/bin")];
const outdir = resolve(root, process.argv[2] ?? "dist");
rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: Object.fromEntries(entries.map((path) => [basename(path, ".ts"), path])),
  outdir,
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "cjs",
  minify: true,
  keepNames: true,
  sourcemap: "linked",
  // Loaded only when they are needed, from node_modules: see docs/benchmarks.md.
  external: ["@azure/identity", "@pulumi/*", "esbuild", "undici"],
  logLevel: "warning",
});
