/** What expressions work on: JSON, with null for Power Fx's Blank. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

/** Whether a value has properties. */
export function isRecord(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An artefact uses something that is not emulated, or uses it in a way that the platform rejects. */
export class EmulationError extends Error {
  /** @param message What is wrong, and where. */
  constructor(message: string) {
    super(message);
    this.name = "EmulationError";
  }
}

/**
 * A property that must be text.
 *
 * @throws {EmulationError} when it is missing or something else.
 */
export function textOf(record: { readonly [key: string]: Value }, key: string): string {
  const value = record[key];
  if (typeof value !== "string") {
    // Only names: the values may contain a secret.
    throw new EmulationError(`${key} is no text among ${Object.keys(record).join(", ")}.`);
  }
  return value;
}

/** Text that became JSON; undefined for what is none. */
export function parseJson(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

/** Text without halves of characters: .NET encodes one as the replacement character, where JavaScript would fail. */
export function wellFormed(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
