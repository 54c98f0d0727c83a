import Module from "node:module";

/** What the SDK loads only to turn a dynamic provider into source text, and what takes half of its loading. */
const deferred = ["typescript", "@npmcli/arborist"];

/** Node's own way from a request to a module; the public hooks work in a thread of their own. */
interface Loader {
  _load: (request: string, parent: NodeJS.Module | undefined, isMain: boolean) => unknown;
  readonly _resolveFilename: (request: string, parent: NodeJS.Module | undefined) => string;
}

/**
 * Runs what loads the Pulumi SDK, which gets the TypeScript compiler and npm's dependency tree only when it first uses
 * them.
 */
export function withDeferredModules<Loaded>(load: () => Loaded): Loaded {
  const loader = Module as unknown as Loader;
  const own = loader._load;
  loader._load = (request, parent, isMain) => {
    if (!deferred.includes(request)) return own(request, parent, isMain);
    // Where it is missing, the SDK has to hear so now: it then takes another one.
    loader._resolveFilename(request, parent);
    return whenUsed(() => own(request, parent, isMain) as object);
  };
  try {
    return load();
  } finally {
    loader._load = own;
  }
}

/** A module that is loaded when something of it is read. Compiled imports ask first whether it is an ES module. */
function whenUsed(load: () => object): unknown {
  let loaded: object | undefined;
  const exported = (): object => (loaded ??= load());
  return new Proxy(
    {},
    {
      get: (_, key) =>
        key === "__esModule" && loaded === undefined ? true : (Reflect.get(exported(), key) as unknown),
      has: (_, key) => Reflect.has(exported(), key),
    },
  );
}
