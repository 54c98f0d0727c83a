import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join, resolve } from "node:path";
import { built } from "./built";

/** Folder with the package as npm installs it, less the documentation: `dist/` and `lib/` are built as `npm pack` does. */
export function builtPackage(): string {
  return built("package", (place) => {
    for (const file of ["package.json", "infra/load.cjs", "infra/quietSdk.cjs", "infra/providers/load.cjs"]) {
      cpSync(file, join(place, file));
    }
    execFileSync(process.execPath, ["scripts/build.mjs", join(place, "dist"), join(place, "lib")]);
    execFileSync(resolve("node_modules/.bin/tsc"), [
      "-p",
      "tsconfig.types.json",
      "--outDir",
      join(place, "lib/types"),
    ]);
  });
}
