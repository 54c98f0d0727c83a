// Pulumi runs dynamic resources in a process of its own that knows no TypeScript, so the provider is bundled when it is
// loaded. Their state holds a reference to this file, not the provider's source text.
const Module = require("node:module");
const path = require("node:path");
const { buildSync } = require("esbuild");

const file = path.join(module.path, "process.ts");
const { outputFiles } = buildSync({
  entryPoints: [file],
  bundle: true,
  write: false,
  platform: "node",
  target: "node20.19",
  format: "cjs",
  packages: "external",
  sourcemap: "inline",
  logLevel: "silent",
});
const loaded = new Module(file, module);
loaded.filename = file;
loaded.paths = Module._nodeModulePaths(module.path);
loaded._compile(outputFiles[0].text, file);
module.exports = loaded.exports;
