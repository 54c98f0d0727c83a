import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildSync, type BuildOptions } from "esbuild";

// Within node_modules, so that what is built finds the packages that it leaves out.
const cache = resolve("node_modules/.cache/copilot-token");
const dayMilliseconds = 86_400_000;

let folder: string | undefined;

/**
 * Builds something from the project's sources, unless it has been built from just these before: each run of the tests has many
 * processes that need the same bundles.
 *
 * @param name Of the file or folder.
 * @param build Makes it at a path that only this call uses.
 * @returns Its path.
 */
export function built(name: string, build: (place: string) => void): string {
  folder ??= folderOfSources();
  const place = join(folder, name);
  if (existsSync(place)) return place;
  const draft = join(folder, `${process.pid}-${name}`);
  build(draft);
  try {
    renameSync(draft, place);
  } catch (error) {
    // Another process was faster: only an empty folder can be replaced.
    if (!existsSync(place)) throw error;
    rmSync(draft, { recursive: true });
  }
  return place;
}

/** A program of Node, bundled as `scripts/build.mjs` does, from the source as it stands. */
export function bundled(
  name: string,
  source: Pick<BuildOptions, "entryPoints" | "stdin" | "external">,
): string {
  return built(name, (outfile) => {
    buildSync({ ...source, outfile, bundle: true, platform: "node", format: "cjs", logLevel: "error" });
  });
}

/** Folder of what is built from the sources as they stand; those of earlier days are removed. */
function folderOfSources(): string {
  const hash = createHash("sha256");
  for (const place of ["azure", "copilot", "core", "emulator", "infra", "scripts", "test/support"]) {
    for (const entry of readdirSync(place, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (!entry.isFile() || file.startsWith(join("emulator", "dist"))) continue;
      const { mtimeMs, size } = statSync(file);
      hash.update(`${file} ${mtimeMs} ${size}\n`);
    }
  }
  for (const file of ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.types.json"]) {
    hash.update(`${file} ${statSync(file).mtimeMs}\n`);
  }
  const name = `built-${hash.digest("hex").slice(0, 16)}`;
  mkdirSync(join(cache, name), { recursive: true });
  for (const other of readdirSync(cache)) {
    const age = Date.now() - statSync(join(cache, other)).mtimeMs;
    if (other !== name && age > dayMilliseconds) rmSync(join(cache, other), { recursive: true, force: true });
  }
  return join(cache, name);
}
