// Builds the package for others: CommonJS and types, into dist/. The project itself imports the sources.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { build } from "esbuild";

const root = import.meta.dirname;
rmSync(new URL("dist", import.meta.url), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { index: "index.ts", run: "bin/run.ts", nodeProxy: "bin/nodeProxy.ts" },
  outdir: "dist",
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node20.19",
  format: "cjs",
  logLevel: "warning",
});
const typescript = createRequire(import.meta.url).resolve("typescript/bin/tsc");
execFileSync(process.execPath, [typescript, "--project", "tsconfig.json"], { cwd: root, stdio: "inherit" });
