import * as pulumi from "@pulumi/pulumi";
import { faultsError, type Fault } from "../../core/errors";
import { argumentsError } from "../../core/otherProgram";
import { isKnown, valueIfKnown } from "../known";
import type { PackageSchema, Properties, PropertySchema } from "./packageSchema";

type Values = Record<string, unknown>;

/** Where the reader is, and what it has found. */
interface Reading {
  readonly schema: PackageSchema;
  readonly faults: Fault[];
}

/**
 * Reads what a program in another language gives to a component: what the component has to know when the program runs becomes a
 * value, and the rest stays an output.
 *
 * @param token Such as `copilot-token:index:GraphApp`.
 * @throws {OperatorError} `SETTINGS_INVALID`, naming everything that is wrong.
 */
export async function componentInputs(
  schema: PackageSchema,
  token: string,
  name: string,
  given: Values,
): Promise<Values> {
  const { values, faults } = await readInputs(schema, token, given);
  if (faults.length > 0) throw argumentsError(faultsError(faults), name);
  return values;
}

/** What is wrong with the inputs of a resource, as the engine hands them on. */
export async function inputFaults(
  schema: PackageSchema,
  token: string,
  given: Values,
): Promise<readonly Fault[]> {
  return (await readInputs(schema, token, given)).faults;
}

async function readInputs(
  schema: PackageSchema,
  token: string,
  given: Values,
): Promise<{ values: Values; faults: readonly Fault[] }> {
  const { inputProperties, requiredInputs } = schema.resources[token] ?? unknownResource;
  const reading = { schema, faults: [] };
  const values = await readProperties(reading, "", given, inputProperties, requiredInputs);
  return { values, faults: reading.faults };
}

const unknownResource = { inputProperties: {}, requiredInputs: [] };

async function readProperties(
  reading: Reading,
  path: string,
  given: Values,
  properties: Properties,
  required: readonly string[] = [],
): Promise<Values> {
  const at = (key: string): string => (path === "" ? key : `${path}.${key}`);
  const present = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  for (const key of required.filter((name) => !present.some(([other]) => other === name))) {
    report(reading, at(key), "missing", "It is required.", properties[key]?.description ?? "");
  }
  const read = present.map(async ([key, value]) => {
    const property = properties[key];
    if (property !== undefined) return [[key, await readValue(reading, at(key), value, property)]] as const;
    const known = Object.keys(properties).join(", ");
    report(reading, at(key), "unknown", "There is no such input.", `Give one of ${known}.`);
    return [];
  });
  return Object.fromEntries((await Promise.all(read)).flat());
}

async function readValue(
  reading: Reading,
  path: string,
  value: unknown,
  property: PropertySchema,
): Promise<unknown> {
  if (pulumi.Output.isInstance(value) || pulumi.isUnknown(value)) {
    return property.plain === true ? readOutput(reading, path, pulumi.output(value), property) : value;
  }
  if (value === pulumi.runtime.unknownValue) return value;
  const { items, additionalProperties, description = "" } = property;
  const type = reading.schema.types[property.$ref?.replace("#/types/", "") ?? ""];
  if (items !== undefined && Array.isArray(value)) {
    return Promise.all(value.map((item, index) => readValue(reading, `${path}[${index}]`, item, items)));
  }
  if (additionalProperties !== undefined && isRecord(value)) {
    const read = Object.entries(value).map(
      async ([key, one]) =>
        [key, await readValue(reading, `${path}.${key}`, one, additionalProperties)] as const,
    );
    return Object.fromEntries(await Promise.all(read));
  }
  if (type?.properties !== undefined && isRecord(value)) {
    return readProperties(reading, path, value, type.properties, type.required);
  }
  const choices = type?.enum?.map((choice) => choice.value);
  if (!(choices?.includes(value) ?? typeof value === property.type)) {
    report(reading, path, JSON.stringify(value), `It has to be ${expected(property, choices)}.`, description);
  }
  return value;
}

/** An output where the component needs the value itself. */
async function readOutput(
  reading: Reading,
  path: string,
  output: pulumi.Output<unknown>,
  property: PropertySchema,
): Promise<unknown> {
  if (await isSecret(output)) {
    report(
      reading,
      path,
      "a secret",
      "It becomes part of what everyone can see.",
      "Give it as a plain value.",
    );
    return undefined;
  }
  if (await isKnown(output)) return readValue(reading, path, await valueIfKnown(output), property);
  const reason = "It comes from a resource that is still to be made, and decides which resources there are.";
  report(reading, path, "not known yet", reason, "Give a value that is known when the program runs.");
  return undefined;
}

function report({ faults }: Reading, key: string, value: string, reason: string, repair: string): void {
  faults.push({ code: "SETTINGS_INVALID", key, value, reason, repair });
}

function expected({ type, items }: PropertySchema, choices: readonly unknown[] | undefined): string {
  if (choices !== undefined) return `one of ${choices.join(", ")}`;
  return items === undefined ? `of type ${type ?? "object"}` : "a list";
}

function isRecord(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Public, and left out of the types, as {@link isKnown}. */
function isSecret(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as pulumi.Output<unknown> & { readonly isSecret: Promise<boolean> }).isSecret;
}
