import * as pulumi from "@pulumi/pulumi";
import { main, type Provider } from "@pulumi/pulumi/provider";
import { join } from "node:path";
import * as components from "../components";
import { answerAsPlugin, answererOf } from "../components/providedResource";
import * as answerers from "../providers/process";
import { isKnown } from "../known";
import { failCallsByTheirOwnErrors, ownCall } from "./callErrors";
import { componentInputs, inputFaults } from "./inputs";
import { readPackageSchema, type PackageSchema } from "./packageSchema";

type Values = Record<string, unknown>;

/** Makes a component, as a program of TypeScript does. */
type Component = new (
  name: string,
  args: never,
  options: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource;

/**
 * Serves the package as a Pulumi plugin, by which programs in every language use its components.
 *
 * @param folder Of the package.
 * @param commandLine Arguments of the engine's: where it listens.
 */
export async function servePlugin(folder: string, commandLine: string[]): Promise<void> {
  const { schema, text } = readPackageSchema(join(folder, "schema.json"));
  answerAsPlugin(schema.version);
  await main({ version: schema.version, schema: text, ...provider(schema) }, commandLine);
  failCallsByTheirOwnErrors();
}

function provider(schema: PackageSchema): Provider {
  return {
    construct: (name, type, given, options) =>
      ownCall(async () => {
        const component = componentOf(schema, type);
        const args = await componentInputs(schema, type, name, given);
        const made = new component(name, args as never, options);
        const isOutput = (key: string): boolean => key in (schema.resources[type]?.properties ?? {});
        const state = Object.fromEntries(Object.entries(made).filter(([key]) => isOutput(key)));
        await isKnown(pulumi.output(state));
        return { urn: made.urn, state };
      }),
    check: async (urn, _olds, news) => {
      answererFor(urn);
      const faults = await inputFaults(schema, typeIn(urn), visible(news) as Values);
      return {
        failures: faults.map(({ key, value, reason, repair }) => ({
          property: key,
          reason: `${value}. ${reason} ${repair}`,
        })),
      };
    },
    diff: (id, urn, olds, news) => answererFor(urn).diff(id, visible(olds), visible(news) as never),
    create: async (urn, news) => {
      const { id, outs } = await answererFor(urn).create(visible(news) as never);
      return { id, outs: markedLike(news as Values, outs) };
    },
    read: async (id, urn, props) => {
      const found = await answererFor(urn).read(id, visible(props));
      return { id: found.id, props: markedLike(props as Values, found.props ?? {}) };
    },
    update: async (id, urn, olds, news) => {
      const { outs } = await answererFor(urn).update(id, visible(olds), visible(news) as never);
      return { outs: markedLike(news as Values, outs) };
    },
    delete: (id, urn, props) => answererFor(urn).delete(id, visible(props)),
  };
}

function componentOf({ name }: PackageSchema, type: string): Component {
  const found = Object.entries(components).find(([component]) => type === `${name}:index:${component}`);
  if (found !== undefined) return found[1];
  throw new Error(`${name} has no component ${type}. It has ${Object.keys(components).join(", ")}.`);
}

function answererFor(urn: string) {
  const type = typeIn(urn);
  const answerer = answererOf(type);
  if (answerer === undefined) {
    throw new Error(
      `copilot-token provides no resource of the type ${type}. Its components make what it provides.`,
    );
  }
  return answerers[answerer];
}

/** A resource's own type, the last in its URN. */
function typeIn(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** Values as the answerers take them: without the engine's marks on secrets. Nothing that they are given is one. */
function visible(value: unknown): unknown {
  if (pulumi.runtime.isRpcSecret(value)) return visible(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(visible);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, visible(one)]));
}

/** Outputs, in which what a program has marked as a secret input stays one. */
function markedLike(inputs: Values, outputs: object): Values {
  const { specialSigKey, specialSecretSig } = pulumi.runtime;
  const isMarked = (value: unknown): boolean => JSON.stringify(value).includes(specialSecretSig);
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]: [string, unknown]) =>
      isMarked(inputs[key] ?? null) ? [key, { [specialSigKey]: specialSecretSig, value }] : [key, value],
    ),
  );
}
