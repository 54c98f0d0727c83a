import { actionMatches } from "./roleIds";
import { ArmError } from "./armError";

/** What a condition looks at: attributes by source and full name, such as `Request` and `…/roleAssignments:PrincipalId`. */
export interface ConditionContext {
  readonly action: string;
  readonly attributes: Readonly<Record<"Request" | "Resource", Readonly<Record<string, string>>>>;
}

type Expression = (context: ConditionContext) => boolean;

/**
 * Reads the condition of a role assignment: `ActionMatches`, comparisons of the attributes of role assignments by
 * GUID or by text, `AND`, `OR`, `NOT` and their signs, parentheses.
 *
 * @throws {ArmError} 400 where Azure finds no meaning either, 501 for what is not emulated.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-format (read 2026-11)
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-troubleshoot (read 2026-11): the message
 */
export function parseCondition(text: string): Expression {
  const reader = new TokenReader(tokensOf(text));
  const expression = parseOperands(reader);
  if (reader.next !== undefined) throw invalidCondition();
  return expression;
}

/** 400 for a condition without meaning. The message is documented; the code is not. */
export function invalidCondition(): ArmError {
  return new ArmError(
    400,
    "InvalidRoleAssignmentCondition",
    "The given role assignment condition is invalid.",
  );
}

function tokensOf(text: string): string[] {
  // A quoted text, an attribute, a sign or a word.
  const token = /\s*(?:'[^']*'|@\w+\[[^\]]+\]|&&|\|\||[(){}!,]|[\w:.-]+)/y;
  const tokens: string[] = [];
  while (token.lastIndex < text.trimEnd().length) {
    const found = token.exec(text);
    if (found === null) throw invalidCondition();
    tokens.push(found[0].trim());
  }
  if (tokens.length === 0) throw invalidCondition();
  return tokens;
}

class TokenReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get next(): string | undefined {
    return this.#tokens[this.#at];
  }

  /** Takes the next token if it is one of these; Azure ignores their case. */
  takeIf(...wanted: readonly string[]): boolean {
    if (!wanted.includes(this.next?.toUpperCase() ?? "")) return false;
    this.#at += 1;
    return true;
  }

  take(): string {
    const { next } = this;
    if (next === undefined) throw invalidCondition();
    this.#at += 1;
    return next;
  }

  expect(sign: string): void {
    if (this.take() !== sign) throw invalidCondition();
  }
}

/** Operands joined by one operator: Azure wants parentheses where `AND` and `OR` meet. */
function parseOperands(reader: TokenReader): Expression {
  const operands = [parseOperand(reader)];
  let joined: "and" | "or" | undefined;
  for (;;) {
    const operator = reader.takeIf("AND", "&&") ? "and" : reader.takeIf("OR", "||") ? "or" : undefined;
    if (operator === undefined) break;
    if (joined !== undefined && joined !== operator) throw invalidCondition();
    joined = operator;
    operands.push(parseOperand(reader));
  }
  return joined === "or"
    ? (context) => operands.some((operand) => operand(context))
    : (context) => operands.every((operand) => operand(context));
}

function parseOperand(reader: TokenReader): Expression {
  if (reader.takeIf("NOT", "!")) {
    const operand = parseOperand(reader);
    return (context) => !operand(context);
  }
  if (reader.takeIf("(")) {
    const inner = parseOperands(reader);
    reader.expect(")");
    return inner;
  }
  if (reader.takeIf("ACTIONMATCHES")) {
    const [pattern, ...others] = parseValues(reader);
    if (pattern === undefined || others.length > 0) throw invalidCondition();
    return ({ action }) => actionMatches(pattern, action);
  }
  return parseComparison(reader);
}

type Comparison = (left: string, right: string) => boolean;

const same: Comparison = (left, right) => left === right;
const sameIgnoringCase: Comparison = (left, right) => left.toLowerCase() === right.toLowerCase();
const not =
  (comparison: Comparison): Comparison =>
  (left, right) =>
    !comparison(left, right);

/** By lower-case name: case does not matter. */
const comparisons: Readonly<Record<string, Comparison>> = {
  guidequals: sameIgnoringCase,
  guidnotequals: not(sameIgnoringCase),
  stringequals: same,
  stringnotequals: not(same),
  stringequalsignorecase: sameIgnoringCase,
  stringnotequalsignorecase: not(sameIgnoringCase),
};

function parseComparison(reader: TokenReader): Expression {
  const attribute = /^@(\w+)\[(\S+)\]$/.exec(reader.take());
  const operator = /^(?:For(?:Any|All)Of(Any|All)Values:)?(\w+)$/.exec(reader.take());
  const values = parseValues(reader);
  const [, source = "", name = ""] = attribute ?? [];
  const [, quantifier = "Any", comparisonName = ""] = operator ?? [];
  if (attribute === null || operator === null || values.length === 0) throw invalidCondition();
  const comparison = comparisons[comparisonName.toLowerCase()];
  if ((source !== "Request" && source !== "Resource") || comparison === undefined) {
    throw new ArmError(
      501,
      "NotEmulated",
      `@${source} with ${comparisonName} is not emulated in a condition.`,
    );
  }
  return ({ attributes }) => {
    // An attribute that the request or the resource does not have compares to nothing.
    const value = attributes[source][name];
    if (value === undefined) return false;
    return quantifier === "Any"
      ? values.some((other) => comparison(value, other))
      : values.every((other) => comparison(value, other));
  };
}

/** `'text'`, or a list such as `{guid, guid}` or `{'text'}`. */
function parseValues(reader: TokenReader): string[] {
  if (!reader.takeIf("{")) return [valueOf(reader.take())];
  const values = [valueOf(reader.take())];
  while (reader.takeIf(",")) values.push(valueOf(reader.take()));
  reader.expect("}");
  return values;
}

function valueOf(given: string): string {
  if (/^'.*'$/.test(given)) return given.slice(1, -1);
  if (!/^[\w.-]+$/.test(given)) throw invalidCondition();
  return given;
}
