import { Reader } from "./reader";
import { isRecord, EmulationError, wellFormed, type Value } from "./value";

/**
 * Looks a variable up by its first two names, such as `Topic.Problem`.
 *
 * @throws {EmulationError} when there is no such variable.
 */
export type VariableLookup = (scope: string, name: string) => Value;

/**
 * Evaluates the part of Power Fx that the topics use: text, numbers, `=`, `>`, `in`, `!`, `||`, variables and a few functions.
 *
 * @param formula Without the leading "=".
 * @throws {EmulationError} for anything else.
 * @see https://learn.microsoft.com/power-platform/power-fx/formula-reference-copilot-studio (read 2026-11)
 */
export function evaluatePowerFx(formula: string, lookup: VariableLookup): Value {
  const reader = new Reader(formula, "Power Fx");
  const value = disjunction(reader, lookup);
  if (!reader.atEnd) reader.fail("expected the end");
  return value;
}

/** Fills a message: `{formula}` becomes its value as text. */
export function fillTemplate(template: string, lookup: VariableLookup): string {
  return template.replaceAll(/\{([^{}]*)\}/g, (_, formula: string) =>
    asText(evaluatePowerFx(formula, lookup)),
  );
}

function disjunction(reader: Reader, lookup: VariableLookup): Value {
  let value = comparison(reader, lookup);
  while (reader.take("||")) {
    const right = comparison(reader, lookup);
    value = asBoolean(value) || asBoolean(right);
  }
  return value;
}

function comparison(reader: Reader, lookup: VariableLookup): Value {
  const left = operand(reader, lookup);
  if (reader.take("=")) return left === operand(reader, lookup);
  if (reader.take(">")) return Number(left) > Number(operand(reader, lookup));
  if (reader.match(/in\b/) === undefined) return left;
  // Text in text ignores case.
  const whole = asText(operand(reader, lookup)).toLowerCase();
  return whole.includes(asText(left).toLowerCase());
}

function operand(reader: Reader, lookup: VariableLookup): Value {
  if (reader.take("!")) return !asBoolean(operand(reader, lookup));
  const literal = reader.quoted('"');
  if (literal !== undefined) return literal;
  const number = reader.match(/\d+/);
  if (number !== undefined) return Number(number);
  const name = reader.match(/[A-Za-z]\w*/) ?? reader.fail("expected a value");
  if (name === "true" || name === "false") return name === "true";
  let value: Value;
  if (reader.take("(")) {
    value = name === "Concat" ? concat(reader, lookup) : call(name, argumentsOf(reader, lookup));
  } else {
    reader.expect(".");
    value = lookup(name, reader.match(/\w+/) ?? reader.fail("expected a variable"));
  }
  while (reader.take(".")) value = property(value, reader.match(/\w+/) ?? reader.fail("expected a property"));
  return value;
}

function argumentsOf(reader: Reader, lookup: VariableLookup): Value[] {
  const values: Value[] = [];
  do values.push(disjunction(reader, lookup));
  while (reader.take(","));
  reader.expect(")");
  return values;
}

/** `Concat(table, formula, separator)`: the formula is worked out for each row, as `ThisRecord`. */
function concat(reader: Reader, lookup: VariableLookup): Value {
  const table = disjunction(reader, lookup);
  reader.expect(",");
  const start = reader.position;
  const rowText = (from: Reader, row: Value): string =>
    asText(
      disjunction(from, (scope, name) =>
        scope === "ThisRecord" ? property(row, name) : lookup(scope, name),
      ),
    );
  // Read once without a row, to find the end of the formula.
  rowText(reader, null);
  const separator = reader.take(",") ? asText(disjunction(reader, lookup)) : "";
  reader.expect(")");
  return rows(table)
    .map((row) => rowText(new Reader(reader.text, "Power Fx", start), row))
    .join(separator);
}

function rows(table: Value): readonly Value[] {
  if (table === null) return [];
  if (Array.isArray(table)) return table as readonly Value[];
  throw new EmulationError("Power Fx: a table is needed.");
}

function call(name: string, values: readonly Value[]): Value {
  const [first = null, second = null, third = null] = values;
  switch (name) {
    case "Concatenate":
      return values.map(asText).join("");
    case "Char":
      return String.fromCharCode(Number(first));
    case "Coalesce":
      return values.find((value) => !isBlank(value)) ?? null;
    case "CountRows":
      return rows(first).length;
    case "EncodeUrl":
      return encodeUrl(asText(first));
    case "First":
      return Array.isArray(first) ? ((first[0] as Value | undefined) ?? null) : null;
    case "If":
      return asBoolean(first) ? second : third;
    case "Split":
      return asText(first)
        .split(asText(second))
        .map((part) => ({ Value: part }));
    case "StartsWith":
      return asText(first).toLowerCase().startsWith(asText(second).toLowerCase());
    case "Len":
      return asText(first).length;
    case "Substitute":
      return asText(first).split(asText(second)).join(asText(third));
    case "Trim":
      return asText(first).trim().replaceAll(/ +/g, " ");
    case "IsBlank":
      return isBlank(first);
    case "Text":
      return asText(first);
    default:
      throw new EmulationError(`Power Fx: the function ${name} is not one that the topics use.`);
  }
}

/** A property of Blank is Blank. */
function property(value: Value, name: string): Value {
  if (value === null) return null;
  if (!isRecord(value)) throw new EmulationError(`Power Fx: .${name} of something that is no record.`);
  return value[name] ?? null;
}

/** An empty text counts as blank too. */
function isBlank(value: Value): boolean {
  return value === null || value === "";
}

function asText(value: Value): string {
  if (value === null) return "";
  if (typeof value === "object")
    throw new EmulationError("Power Fx: a record or table where text is needed.");
  return String(value);
}

function asBoolean(value: Value): boolean {
  if (typeof value !== "boolean") throw new EmulationError("Power Fx: true or false is needed.");
  return value;
}

/** Everything but RFC 3986's unreserved characters, as .NET's `Uri.EscapeDataString` has it. */
function encodeUrl(text: string): string {
  return encodeURIComponent(wellFormed(text)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
