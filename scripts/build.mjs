// Bundles the commands, so that they start without a loader, into dist/. Into lib/ go the components and their provider, which other
// programs import. Arguments name other folders for the two; lib/ is left out where only the first is named. `npm ci` runs this by
// "prepare".
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const outdir = resolve(root, process.argv[2] ?? "dist");
const library = process.argv[3] ?? (process.argv[2] === undefined ? "lib" : undefined);

/** @azure/identity loads in 0.14 s by `require` and in 0.23 s by `import` (measured with Node 20.20). */
const required = {
  name: "required",
  setup(bundler) {
    bundler.onResolve({ filter: /^@azure\/identity$/ }, ({ kind, path }) =>
      kind === "require-call" ? { path, external: true } : { path, namespace: "required" },
    );
    bundler.onLoad({ filter: /.*/, namespace: "required" }, ({ path }) => ({
      contents: [
        `const loaded = require("${path}");`,
        ...Object.keys(require(path)).map((name) => `export const ${name} = loaded.${name};`),
      ].join("\n"),
    }));
  },
};

/** The program's messages are English; zod brings those of fifty languages, a third of what each command would load. */
const oneLanguage = {
  name: "oneLanguage",
  setup(bundler) {
    bundler.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

const options = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  platform: "node",
  target: "node20.19",
  minify: true,
  keepNames: true,
  sourcemap: "linked",
  // Loaded only when they are needed, from node_modules: see docs/benchmarks.md.
  external: ["@pulumi/*", "esbuild", "undici"],
  plugins: [required, oneLanguage],
  logLevel: "warning",
};

rmSync(outdir, { recursive: true, force: true });
await Promise.all([
  // In parts, so that a command loads nothing of the others.
  build({
    ...options,
    entryPoints: { cli: "scripts/cli.ts", bench: "bench/bench.ts", tenantStart: "bench/lib/tenantStart.ts" },
    format: "esm",
    splitting: true,
    outExtension: { ".js": ".mjs" },
    // What ES modules lack and bundled CommonJS uses.
    banner: {
      js: `import { createRequire as $require } from "node:module"; const require = $require(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`,
    },
  }),
  // Processes of the inline engine, which starts them from beside the commands.
  build({
    ...options,
    entryPoints: {
      inlineUp: "emulator/bin/inlineUp.ts",
      serveProvider: "emulator/bin/serveProvider.ts",
      // Loaded by every Node.js process of the emulated environment.
      nodeProxy: "emulator/bin/nodeProxy.ts",
    },
    format: "cjs",
  }),
]);

if (library !== undefined) {
  // Readable, since it appears in the stack traces of other programs.
  await build({
    absWorkingDir: root,
    outdir: resolve(root, library),
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "cjs",
    packages: "external",
    entryPoints: { components: "infra/components/index.ts", provider: "infra/providers/process.ts" },
    logLevel: "warning",
  });
}
