import { isRecord, EmulationError, type Value } from "./value";

/**
 * Whether a value fits a JSON schema of a Parse JSON action; only what the flows' schemas hold is known.
 *
 * @throws {EmulationError} for any other keyword or type.
 */
export function fitsSchema(value: Value, schema: Value): boolean {
  if (!isRecord(schema)) throw new EmulationError("Parse JSON: the schema is no object.");
  const { type, properties = {}, required = [], ...rest } = schema;
  if (Object.keys(rest).length > 0) {
    throw new EmulationError(`Parse JSON: the schema uses ${Object.keys(rest).join(", ")}.`);
  }
  switch (type) {
    case "string":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value);
    case "object": {
      if (!isRecord(value) || !isRecord(properties) || !Array.isArray(required)) return false;
      if (required.some((name) => value[String(name)] === undefined)) return false;
      return Object.entries(properties).every(
        ([name, part]) => value[name] === undefined || fitsSchema(value[name], part),
      );
    }
    default:
      throw new EmulationError(`Parse JSON: the schema uses the type ${JSON.stringify(type ?? null)}.`);
  }
}
