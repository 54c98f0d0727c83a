// What Pulumi runs in a process of its own. The package has it compiled. A clone has its source, which is bundled when it is loaded:
// no build can be out of date. Pulumi's own loader would compile each file by itself, seconds in a clone's first run.
const { Buffer } = require("node:buffer");
const { existsSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const sources = {
  program: "index.ts",
  bootstrap: "bootstrap/index.ts",
  provider: "providers/process.ts",
  plugin: "plugin/plugin.ts",
};

/** @param {keyof typeof sources} name */
module.exports = (name) => {
  const source = path.join(module.path, sources[name]);
  return existsSync(source) ? bundled(source) : require(`../lib/${name}.js`);
};

function bundled(source) {
  // By default esbuild starts a thread first, which takes as long as the build.
  process.env.ESBUILD_WORKER_THREADS ??= "0";
  const { outputFiles } = require("esbuild").buildSync({
    absWorkingDir: module.path,
    entryPoints: [source],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20.19",
    format: "cjs",
    packages: "external",
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "silent",
  });
  const code = outputFiles[0].text;
  reportSources(source, code);
  const loaded = new Module(source, module);
  loaded.filename = source;
  loaded.paths = Module._nodeModulePaths(module.path);
  loaded._compile(code, source);
  return loaded.exports;
}

/** Lets what reports an error name places in the sources. Node's own way would read the maps of hundreds of modules at each start. */
function reportSources(file, code) {
  const [, encoded] = /^\/\/# sourceMappingURL=data:application\/json;base64,(\S+)$/m.exec(code);
  const sourceOf = (place, at, line, column) => {
    const map = new Module.SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString("utf8")));
    const found = at === file ? map.findEntry(line - 1, column - 1) : {};
    if (found.originalSource === undefined) return place;
    const original = path.join(module.path, found.originalSource);
    return `${original}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  };
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    // Without anyone who reports it, a listener would keep the process from ending.
    if (process.listenerCount(event) === 0) continue;
    process.prependListener(event, (error) => {
      if (typeof error?.stack !== "string") return;
      error.stack = error.stack.replaceAll(/(?<=[( ])([^\s()]+?):(\d+):(\d+)(?=\)?$)/gm, sourceOf);
    });
  }
}
