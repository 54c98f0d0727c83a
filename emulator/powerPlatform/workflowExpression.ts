import { Reader } from "./reader";
import { isRecord, EmulationError, parseJson, wellFormed, type Value } from "./value";

/** What expressions of a flow can see. */
export interface ExpressionScope {
  /** @throws {EmulationError} for a parameter that the definition does not declare. */
  parameter(name: string): Value;
  /** An action's outputs; null for one that was skipped or never answered. */
  outputs(action: string): Value;
  /** What `actions()` tells about an action: its status and its error. */
  action(name: string): Value;
  /** What the trigger was called with. */
  readonly trigger?: Value;
  /** The element that a Select works on. */
  readonly item?: Value;
}

/**
 * Evaluates every expression in an action's inputs: `@…` a whole value, `@{…}` inside text.
 *
 * @throws {EmulationError} for what the flows do not use, and for what the platform cannot evaluate either.
 * @see https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference (read 2026-11)
 */
export function evaluateTemplate(template: Value, scope: ExpressionScope): Value {
  if (typeof template === "string") return evaluateText(template, scope);
  if (Array.isArray(template)) return template.map((each: Value) => evaluateTemplate(each, scope));
  if (!isRecord(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [key, evaluateTemplate(value, scope)]),
  );
}

function evaluateText(text: string, scope: ExpressionScope): Value {
  if (text.startsWith("@@")) return text.slice(1);
  if (text.startsWith("@") && !text.startsWith("@{")) {
    const reader = new Reader(text, "Workflow expression", 1);
    const value = expression(reader, scope);
    if (!reader.atEnd) reader.fail("expected the end");
    return value;
  }
  let filled = "";
  let rest = 0;
  for (let at = text.indexOf("@{"); at >= 0; at = text.indexOf("@{", rest)) {
    const reader = new Reader(text, "Workflow expression", at + 2);
    filled += text.slice(rest, at) + asText(expression(reader, scope));
    reader.expect("}");
    rest = reader.position;
  }
  return filled + text.slice(rest);
}

function expression(reader: Reader, scope: ExpressionScope): Value {
  let value = primary(reader, scope);
  while (reader.take("?[")) {
    const name = expression(reader, scope);
    if (typeof name !== "string") reader.fail("expected a property");
    reader.expect("]");
    value = property(value, name);
  }
  return value;
}

function primary(reader: Reader, scope: ExpressionScope): Value {
  const literal = reader.quoted("'");
  if (literal !== undefined) return literal;
  const number = reader.match(/\d+/);
  if (number !== undefined) return Number(number);
  const name = reader.match(/[a-zA-Z]\w*/) ?? reader.fail("expected a value");
  reader.expect("(");
  const values: Value[] = [];
  if (!reader.take(")")) {
    do values.push(expression(reader, scope));
    while (reader.take(","));
    reader.expect(")");
  }
  return call(name, values, scope);
}

function call(name: string, values: readonly Value[], scope: ExpressionScope): Value {
  const [first = null, second = null, third = null] = values;
  switch (name) {
    case "parameters":
      return scope.parameter(asText(first));
    case "outputs":
      return scope.outputs(asText(first));
    case "body":
      return property(scope.outputs(asText(first)), "body");
    case "actions":
      return scope.action(asText(first));
    case "triggerOutputs":
      return scope.trigger ?? null;
    case "triggerBody":
      return property(scope.trigger ?? null, "body");
    case "and":
      return values.every((value) => asBoolean(name, value));
    case "not":
      return !asBoolean(name, first);
    case "startsWith":
      return asText(first).toLowerCase().startsWith(asText(second).toLowerCase());
    case "lessOrEquals":
      return Number(first) <= Number(second);
    case "json":
      return parseJson(asText(first)) ?? null;
    case "replace":
      return asText(first).replaceAll(asText(second), asText(third));
    case "trim":
      return asText(first).trim();
    case "item":
      return scope.item ?? null;
    case "coalesce":
      return values.find((value) => value !== null) ?? null;
    case "contains":
      return asText(first).includes(asText(second));
    case "first":
      return elements(first)[0] ?? null;
    case "skip":
      return elements(first).slice(Number(second));
    case "split":
      return asText(first).split(asText(second));
    case "concat":
      return values.map(asText).join("");
    case "createArray":
      return [...values];
    case "empty":
      return first === null || length(first) === 0;
    case "encodeUriComponent":
      return encodeURIComponent(wellFormed(asText(first)));
    case "if":
      return asBoolean(name, first) ? second : third;
    case "join":
      return elements(first).map(asText).join(asText(second));
    case "length":
      return length(first);
    case "string":
      return asText(first);
    default:
      throw new EmulationError(`Workflow expression: ${name}() is not a function that the flows use.`);
  }
}

/** `?['name']` forgives a null, but not a text: there the platform fails the whole action. */
function property(value: Value, name: string): Value {
  if (value === null) return null;
  if (!isRecord(value)) {
    throw new EmulationError(
      `Workflow expression: property '${name}' cannot be selected: the value is no object.`,
    );
  }
  return Object.hasOwn(value, name) ? (value[name] ?? null) : null;
}

function length(value: Value): number {
  return typeof value === "string" ? value.length : elements(value).length;
}

function elements(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value as readonly Value[];
  throw new EmulationError("Workflow expression: an array is needed.");
}

function asBoolean(name: string, value: Value): boolean {
  if (typeof value === "boolean") return value;
  throw new EmulationError(`Workflow expression: ${name}() needs a boolean.`);
}

function asText(value: Value): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
