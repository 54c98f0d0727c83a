import { join } from "node:path";
import type { dynamic } from "@pulumi/pulumi";
import { changedKeys, isRecord, without, type Properties } from "./properties";
import { evaluateModule } from "./program";
import { inputsIn, inputsKey, type ResourceProvider } from "./resourceProvider";

/** The input in which `pulumi.dynamic.Resource` carries its provider, as source text. */
const providerKey = "__provider";

/**
 * Runs the providers that programs bring along (`pulumi.dynamic.Resource`), as Pulumi's own dynamic provider does:
 * from the source text stored with the resource.
 *
 * @param config The stack's configuration, given to providers that want it.
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/cmd/dynamic-provider/index.ts (read 2026-11)
 */
export function dynamicProvider(
  projectDir: string,
  project: string,
  config: Readonly<Record<string, string>>,
): ResourceProvider {
  const loaded = new Map<string, Promise<dynamic.ResourceProvider>>();
  const providerIn = (properties: Properties): Promise<dynamic.ResourceProvider> => {
    const code = String(properties[providerKey]);
    const provider = loaded.get(code) ?? load(code, projectDir, configReader(project, config));
    loaded.set(code, provider);
    return provider;
  };
  return {
    version: "0.0.0",
    async check(_urn, olds, news) {
      const provider = await providerIn(news);
      const result = await provider.check?.(olds, news);
      const inputs = propertiesOf(result?.inputs ?? news);
      return { inputs: { ...inputs, [providerKey]: news[providerKey] }, failures: result?.failures ?? [] };
    },
    async diff(id, _urn, olds, news) {
      const changedProperties = changedKeys(inputsIn(olds), news);
      const provider = await providerIn(news);
      const result = await provider.diff?.(id, withProvider(olds), news);
      return {
        // Without an answer the engine compares the inputs, provider text included.
        changes: result?.changes ?? changedProperties.length > 0,
        replaces: result?.replaces ?? [],
        deleteBeforeReplace: result?.deleteBeforeReplace ?? false,
        changedProperties,
      };
    },
    async create(_urn, inputs) {
      const provider = await providerIn(inputs);
      const { id, outs } = (await provider.create(inputs)) as { id: string; outs?: unknown };
      return { id, outs: propertiesOf(outs) };
    },
    async read(id, _urn, props = {}) {
      const inputs = inputsIn(props);
      const outputs = without(props, inputsKey);
      const provider = await providerIn(inputs);
      const found = await provider.read?.(id, withProvider(props));
      return {
        id: found?.id ?? id,
        props: found === undefined ? outputs : propertiesOf(found.props),
        inputs,
      };
    },
    async update(id, _urn, olds, news) {
      const provider = await providerIn(news);
      const result = (await provider.update?.(id, withProvider(olds), news)) as
        { outs?: unknown } | undefined;
      return { outs: propertiesOf(result?.outs) };
    },
    async delete(id, _urn, props) {
      const provider = await providerIn(inputsIn(props));
      await provider.delete?.(id, withProvider(props));
    },
    invoke: (token) => Promise.reject(new Error(`unknown function ${token}`)),
  };
}

/** Outputs as the provider expects them. Its text is kept once, with the inputs. */
function withProvider(olds: Properties): Properties {
  return { ...without(olds, inputsKey), [providerKey]: inputsIn(olds)[providerKey] };
}

function propertiesOf(value: unknown): Properties {
  return isRecord(value) ? without(value, providerKey) : {};
}

async function load(
  code: string,
  projectDir: string,
  config: dynamic.Config,
): Promise<dynamic.ResourceProvider> {
  const exports = evaluateModule(code, join(projectDir, "dynamic-provider.js"));
  const provider = (exports as { handler: () => dynamic.ResourceProvider }).handler();
  await provider.configure?.({ config });
  return provider;
}

function configReader(project: string, config: Readonly<Record<string, string>>): dynamic.Config {
  const get = (key: string): string | undefined => config[key.includes(":") ? key : `${project}:${key}`];
  return {
    get,
    require: (key) => {
      const value = get(key);
      if (value === undefined) throw new Error(`Missing required configuration key: ${key}`);
      return value;
    },
  };
}
