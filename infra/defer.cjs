// Loaded by Node.js before Pulumi's SDK, which loads these to turn functions into source text. No resource of this program needs that, and
// they take a third of the program's start. See emulator/pulumi/deferredModules.ts for the inline engine.
const Module = require("node:module");

const deferred = ["typescript", "@npmcli/arborist"];
const load = Module._load;

Module._load = (request, parent, isMain) => {
  // It looks for the TypeScript of each frame of a stack trace, and the SDK takes one for each promise: with 40 apps a fifth of the whole run.
  // load.cjs brings errors back to this project's sources.
  if (request === "source-map-support/register") return {};
  // It turns on the debugger, under which each promise takes half as long again. What turns functions into source text loads it by another name.
  if (request === "../../runtime/closure/v8Hooks") return { isInitializedAsync: () => Promise.resolve() };
  if (!deferred.includes(request)) return load(request, parent, isMain);
  // Where it is missing, the SDK has to hear so now: it then takes another one.
  Module._resolveFilename(request, parent);
  let loaded;
  const exported = () => (loaded ??= load(request, parent, isMain));
  return new Proxy(
    {},
    {
      // Compiled imports ask first whether it is an ES module.
      get: (_, key) => (key === "__esModule" && loaded === undefined ? true : Reflect.get(exported(), key)),
      has: (_, key) => Reflect.has(exported(), key),
    },
  );
};
