import { changedKeys, containsUnknown, without, type Properties } from "../properties";
import { inputsIn, inputsKey, type CheckedInputs, type ResourceProvider } from "../resourceProvider";
import { urnParts } from "../urn";

/** How one resource type is managed. Values are plain: no secret marks. */
export interface ResourceHandler {
  /** Every input that it knows; another one is refused rather than dropped. */
  readonly inputs: readonly string[];
  /** Inputs that cannot change in place. */
  readonly forceNew: readonly string[];
  /** Whether the old one goes before the new one comes, since both would have the same name. By the new inputs. */
  deleteBeforeReplace?(news: Properties): boolean;
  /** Fills in names and defaults. `olds` are the old inputs, empty at first. */
  check?(name: string, olds: Properties, news: Properties): Promise<Properties>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  /** @returns undefined when it is gone. */
  read(id: string, known: Properties): Promise<{ outs: Properties; inputs: Properties } | undefined>;
  /** Absent where nothing can change in place. */
  update?(id: string, olds: Properties, news: Properties): Promise<Properties>;
  /** Gone already is fine. */
  delete(id: string, olds: Properties): Promise<void>;
}

export type InvokeHandler = (inputs: Properties) => Promise<Properties>;

export interface HandlerTable {
  readonly version: string;
  /** Brings inputs into a form to compare. Default: as they are. */
  readonly comparable?: (inputs: Properties) => Properties;
  /** By full type token. */
  readonly resources: Readonly<Record<string, ResourceHandler>>;
  /** By full function token. */
  readonly functions: Readonly<Record<string, InvokeHandler>>;
}

/** Makes a provider of a table of handlers: what all resource types have in common is here. */
export function handlerProvider(table: HandlerTable): ResourceProvider {
  const { version, resources, functions, comparable = (inputs: Properties) => inputs } = table;
  const handlerOf = (urn: string): ResourceHandler => {
    const { type } = urnParts(urn);
    const handler = resources[type];
    if (handler !== undefined) return handler;
    throw new Error(`The emulated provider does not know ${type}. ${realPlugin}`);
  };
  return {
    version,
    check: async (urn, olds, news) => checkInputs(handlerOf(urn), urnParts(urn).name, olds, news),
    async diff(_id, urn, olds, news) {
      const handler = handlerOf(urn);
      const changedProperties = changedKeys(comparable(inputsIn(olds)), comparable(news));
      return Promise.resolve({
        changes: changedProperties.length > 0,
        replaces: changedProperties.filter((key) => handler.forceNew.includes(key)),
        deleteBeforeReplace: handler.deleteBeforeReplace?.(news) ?? false,
        changedProperties,
      });
    },
    create: (urn, inputs) => handlerOf(urn).create(inputs),
    async read(id, urn, props = {}) {
      const found = await handlerOf(urn).read(id, props);
      if (found === undefined) return { id: "", props: {}, inputs: {} };
      return { id, props: without(found.outs, inputsKey), inputs: found.inputs };
    },
    async update(id, urn, olds, news) {
      const handler = handlerOf(urn);
      if (handler.update === undefined) throw new Error(`${urnParts(urn).type} cannot change in place.`);
      return { outs: await handler.update(id, olds, news) };
    },
    delete: (id, urn, props) => handlerOf(urn).delete(id, props),
    async invoke(token, inputs) {
      const handler = functions[token];
      if (handler === undefined) {
        throw new Error(`The emulated provider does not know the function ${token}. ${realPlugin}`);
      }
      return { outputs: await handler(inputs) };
    },
  };
}

const realPlugin = "Install the provider's own plugin, and run with `--engine pulumi`.";

async function checkInputs(
  handler: ResourceHandler,
  name: string,
  olds: Properties,
  news: Properties,
): Promise<CheckedInputs> {
  const unknownInputs = Object.keys(news).filter((key) => !handler.inputs.includes(key));
  if (unknownInputs.length > 0) {
    return {
      inputs: news,
      failures: unknownInputs.map((property) => ({
        property,
        reason: `The emulated provider does not know this input. ${realPlugin}`,
      })),
    };
  }
  return { inputs: (await handler.check?.(name, olds, news)) ?? news, failures: [] };
}

/** A value to keep from before, unless the program says it: autonames and defaults must not change by themselves. */
export function keptOr(olds: Properties, news: Properties, key: string, fresh: () => unknown): Properties {
  if (news[key] !== undefined && news[key] !== null) return news;
  const old = olds[key];
  return { ...news, [key]: old !== undefined && !containsUnknown(old) ? old : fresh() };
}
