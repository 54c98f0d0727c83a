import { isRecord, type Properties } from "../../properties";

/**
 * What a program would have to say to get a resource as it is found: every input that is not empty, and those that
 * the program said before.
 */
export function statedInputs(outputs: Properties, inputs: readonly string[], said: Properties): Properties {
  return Object.fromEntries(
    inputs
      .filter((key) => outputs[key] !== undefined && (key in said || !isEmpty(outputs[key])))
      .map((key) => [key, outputs[key]]),
  );
}

/** Empty texts, lists and switches are the same as none at all in the real provider's schema. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

/** Inputs in a form to compare: without what is empty, lists in order, since the real schema has sets. */
export function comparableInputs(inputs: Properties): Properties {
  return normal(inputs) as Properties;
}

function normal(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = value.map(normal);
    return items.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => !isEmpty(item))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, item]) => [key, normal(item)]),
  );
}
