// Pulumi runs dynamic resources in a process of its own. Their state holds a reference to this file, not the provider's source text.
// The package has the provider compiled. A clone has its source, which is bundled when it is loaded: no build can be out of date.
const { existsSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const file = path.join(module.path, "process.ts");
module.exports = existsSync(file) ? bundled() : require("../../lib/provider.js");

function bundled() {
  const { outputFiles } = require("esbuild").buildSync({
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
  return loaded.exports;
}
