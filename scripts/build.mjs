// Bundles the commands, so that they start without a loader, into dist/. Into lib/ go the components, their provider and the plugin, for
// other programs. Arguments name other folders for the two; lib/ is left out where only the first is named. `npm ci` runs this by
// "prepare".
import { rmSync, writeFileSync } from "node:fs";
import Module from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { build, transform } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = resolve(root, process.argv[2] ?? "dist");
const library = process.argv[3] ?? (process.argv[2] === undefined ? "lib" : undefined);

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
  // Names stay as they are, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  // Loaded only when they are needed, from node_modules: see docs/benchmarks.md.
  external: ["@azure/identity", "@pulumi/*", "esbuild", "undici"],
  plugins: [oneLanguage],
  logLevel: "warning",
};

rmSync(outdir, { recursive: true, force: true });
const [commands, verify] = await Promise.all([
  // In parts, so that a command loads nothing of the others.
  build({
    ...options,
    entryPoints: { commands: "scripts/cli.ts" },
    format: "esm",
    splitting: true,
    write: false,
  }),
  // Pipelines run verify. It starts faster from one file without the code of the other commands.
  build({
    ...options,
    entryPoints: { verify: "scripts/verify/main.ts" },
    format: "esm",
    write: false,
  }),
  build({
    ...options,
    entryPoints: {
      cli: "scripts/start.ts",
      bench: "bench/bench.ts",
      tenantStart: "bench/lib/tenantStart.ts",
      // Processes of the inline engine, which starts them from beside the commands.
      inlineUp: "emulator/bin/inlineUp.ts",
      serveProvider: "emulator/bin/serveProvider.ts",
      // Loaded by every Node.js process of the emulated environment.
      nodeProxy: "emulator/bin/nodeProxy.ts",
    },
    format: "cjs",
  }),
]);
await Promise.all([...commands.outputFiles, ...verify.outputFiles].map(writePart));

/** Writes a part as CommonJS, which loads faster than ES modules do, with V8's compiled form of all its functions. */
async function writePart({ path, text }) {
  const { code } = await transform(text, {
    format: "cjs",
    platform: "node",
    target: options.target,
    // @azure/identity loads in 0.14 s by `require` and in 0.23 s by `import` (measured with Node 20.20).
    supported: { "dynamic-import": false },
    minifyWhitespace: true,
    minifySyntax: true,
  });
  writeFileSync(path, code);
  setFlagsFromString("--no-lazy");
  const script = new Script(Module.wrap(code), { filename: path });
  // V8 refuses what was made with other flags than those that it runs with.
  setFlagsFromString("--lazy");
  writeFileSync(`${path}.compiled`, script.createCachedData());
}

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
    entryPoints: {
      components: "infra/components/index.ts",
      provider: "infra/providers/process.ts",
      plugin: "infra/plugin/plugin.ts",
    },
    logLevel: "warning",
  });
}
