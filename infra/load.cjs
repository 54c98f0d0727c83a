// What Pulumi runs in a process of its own. The package has it compiled. A clone has its source, which is bundled when it is loaded:
// no build can be out of date.
const { existsSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const sources = { provider: "providers/process.ts", plugin: "plugin/plugin.ts" };

/** @param {keyof typeof sources} name */
module.exports = (name) => {
  const source = path.join(module.path, sources[name]);
  return existsSync(source) ? bundled(source) : require(`../lib/${name}.js`);
};

function bundled(source) {
  const { outputFiles } = require("esbuild").buildSync({
    entryPoints: [source],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20.19",
    format: "cjs",
    packages: "external",
    sourcemap: "inline",
    logLevel: "silent",
  });
  const loaded = new Module(source, module);
  loaded.filename = source;
  loaded.paths = Module._nodeModulePaths(module.path);
  loaded._compile(outputFiles[0].text, source);
  return loaded.exports;
}
