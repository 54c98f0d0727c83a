import { isDeepStrictEqual } from "node:util";

/** Property values in Pulumi's wire form: JSON, with marked objects for secrets and a marked string for unknowns. */
export type Properties = Record<string, unknown>;

/**
 * Marks an object as something special on Pulumi's wire.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/runtime/rpc.ts `specialSigKey` (read 2026-11)
 */
export const signatureKey = "4dabf18193072939515e22adb298388d";
/** The mark of a secret; its plain value is under `value`, its encrypted one under `ciphertext`. */
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
/** Marks a value that is not known yet: in a preview, or behind a resource that failed. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Narrows to an object that is not an array. */
export function isRecord(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: unknown): value is { value: unknown } {
  return isRecord(value) && value[signatureKey] === secretSignature;
}

/** Marks a value as secret, once. */
export function secret(value: unknown): unknown {
  return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

/** Copies a value while changing what `change` recognises, outside in. */
export function mapValues(value: unknown, change: (value: unknown) => { to: unknown } | undefined): unknown {
  const changed = change(value);
  if (changed !== undefined) return changed.to;
  if (Array.isArray(value)) return value.map((item) => mapValues(item, change));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, mapValues(item, change)]),
  );
}

/** Takes every secret mark away, at any depth: what a provider works with. */
export function plain(value: unknown): unknown {
  return mapValues(value, (item) => (isSecret(item) ? { to: plain(item.value) } : undefined));
}

/** {@link plain} for a whole set of properties. */
export function plainProperties(properties: Properties): Properties {
  return plain(properties) as Properties;
}

/**
 * Marks in `values` what is secret in `like`, so that a provider which works with plain values cannot
 * lose a mark. A secret within a list makes the whole list secret, as in Pulumi's engine.
 */
export function markSecrets(values: Properties, like: Properties): Properties {
  const marked: Properties = {};
  for (const [key, value] of Object.entries(values)) {
    const model = like[key];
    if (isSecret(model)) marked[key] = secret(value);
    else if (isRecord(model) && isRecord(value)) marked[key] = markSecrets(value, model);
    else if (Array.isArray(model) && containsSecret(model)) marked[key] = secret(value);
    else marked[key] = value;
  }
  return marked;
}

/** Whether anything in it is secret. */
export function containsSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(containsSecret);
  return isRecord(value) && Object.values(value).some(containsSecret);
}

/** Whether anything in it is still unknown. */
export function containsUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isRecord(value) && Object.values(value).some(containsUnknown);
}

/** Compares values whether or not they are marked as secret; null and absent are the same. */
export function sameValue(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other));
}

function comparable(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (isSecret(value)) return comparable(value.value);
  if (Array.isArray(value)) return value.map(comparable);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined && item !== null)
      .map(([key, item]) => [key, comparable(item)]),
  );
}

/** Names of the top-level properties that differ, sorted. */
export function changedKeys(olds: Properties, news: Properties): string[] {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...keys].filter((key) => !sameValue(olds[key], news[key])).sort();
}

/** A copy without some of the properties. */
export function without(properties: Properties, ...keys: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !keys.includes(key)));
}

/** A string property; undefined when it is absent or something else. */
export function text(properties: Properties, key: string): string | undefined {
  const value = properties[key];
  return typeof value === "string" ? value : undefined;
}

/**
 * A string property that has to be there.
 *
 * @throws {Error} naming the property.
 */
export function requiredText(properties: Properties, key: string): string {
  const value = text(properties, key);
  if (value === undefined) throw new Error(`The property "${key}" is missing.`);
  return value;
}

/** The strings of a list property; an empty list when it is absent. */
export function texts(properties: Properties, key: string): string[] {
  const value = properties[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** A list of objects; empty when it is absent. */
export function records(properties: Properties, key: string): Properties[] {
  const value = properties[key];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
