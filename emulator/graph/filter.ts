import { badRequest } from "./graphError";

/** A parsed `$filter`. */
export interface Filter {
  readonly matches: (entity: Readonly<Record<string, unknown>>) => boolean;
  /** Whether Graph serves it only with `ConsistencyLevel: eventual` and `$count=true`; names the operator. */
  readonly advancedOperator: string | undefined;
}

type Entity = Readonly<Record<string, unknown>>;
type Predicate = (entity: Entity) => boolean;
type Value = (entity: Entity) => unknown;

const tokenPattern = /\s*('(?:[^']|'')*'|[(),:]|[^\s(),:']+)/gy;

/**
 * Parses `$filter`: comparisons, `in`, `startswith`, `endswith`, `contains`, `any`, `and`, `or`, `not`, parentheses.
 *
 * @param knownProperties When given, a property outside it is refused, as Graph refuses it.
 * @throws {GraphError} 400 `Request_BadRequest`.
 * @see https://learn.microsoft.com/graph/filter-query-parameter (read 2026-11)
 */
export function parseFilter(text: string, knownProperties?: ReadonlySet<string>): Filter {
  return new FilterParser(text, knownProperties).parse();
}

class FilterParser {
  readonly #tokens: string[];
  readonly #variables = new Set<string>();
  #position = 0;
  #advanced: string | undefined;

  constructor(
    readonly text: string,
    readonly knownProperties: ReadonlySet<string> | undefined,
  ) {
    this.#tokens = tokenize(text);
  }

  parse(): Filter {
    const matches = this.#or();
    if (this.#position < this.#tokens.length) throw invalid(this.text);
    return { matches, advancedOperator: this.#advanced };
  }

  #or(): Predicate {
    let left = this.#and();
    while (this.#takeWord("or")) {
      const [first, second] = [left, this.#and()];
      left = (entity) => first(entity) || second(entity);
    }
    return left;
  }

  #and(): Predicate {
    let left = this.#not();
    while (this.#takeWord("and")) {
      const [first, second] = [left, this.#not()];
      left = (entity) => first(entity) && second(entity);
    }
    return left;
  }

  #not(): Predicate {
    if (!this.#takeWord("not")) return this.#primary();
    this.#advanced = "not";
    const inner = this.#primary();
    return (entity) => !inner(entity);
  }

  #primary(): Predicate {
    if (this.#take("(")) {
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    const name = this.#next();
    if (this.#take("(")) return this.#call(name.toLowerCase(), name);
    return this.#comparison(this.#property(name));
  }

  #call(name: string, original: string): Predicate {
    if (name.endsWith("/any")) return this.#any(original.slice(0, -"/any".length));
    const tests: Record<string, (value: string, part: string) => boolean> = {
      startswith: (value, part) => value.startsWith(part),
      endswith: (value, part) => value.endsWith(part),
      contains: (value, part) => value.includes(part),
    };
    const test = tests[name];
    if (test === undefined) throw invalid(this.text);
    if (name !== "startswith") this.#advanced = name === "endswith" ? "endsWith" : name;
    const left = this.#property(this.#next());
    this.#expect(",");
    const part = String(this.#literal()).toLowerCase();
    this.#expect(")");
    return (entity) => {
      const value = left(entity);
      return typeof value === "string" && test(value.toLowerCase(), part);
    };
  }

  #any(collection: string): Predicate {
    const items = this.#property(collection);
    const variable = this.#next();
    this.#expect(":");
    this.#variables.add(variable);
    const inner = this.#or();
    this.#variables.delete(variable);
    this.#expect(")");
    return (entity) => {
      const values = items(entity);
      return Array.isArray(values) && values.some((item: unknown) => inner({ ...entity, [variable]: item }));
    };
  }

  #comparison(left: Value): Predicate {
    const operator = this.#next().toLowerCase();
    if (operator === "in") {
      this.#expect("(");
      const values: unknown[] = [this.#literal()];
      while (this.#take(",")) values.push(this.#literal());
      this.#expect(")");
      return (entity) => values.some((value) => equal(left(entity), value));
    }
    if (operator === "ne") this.#advanced = "ne";
    const right = this.#literal();
    switch (operator) {
      case "eq":
        return (entity) => equal(left(entity), right);
      case "ne":
        return (entity) => !equal(left(entity), right);
      case "ge":
        return (entity) => order(left(entity), right, (sign) => sign >= 0);
      case "gt":
        return (entity) => order(left(entity), right, (sign) => sign > 0);
      case "le":
        return (entity) => order(left(entity), right, (sign) => sign <= 0);
      case "lt":
        return (entity) => order(left(entity), right, (sign) => sign < 0);
      default:
        throw invalid(this.text);
    }
  }

  #property(path: string): Value {
    const [first = "", ...rest] = path.split("/");
    const known = this.knownProperties;
    if (!/^[a-z@_]/i.test(first)) throw invalid(this.text);
    if (known !== undefined && !known.has(first) && !this.#variables.has(first)) {
      throw badRequest(`Invalid filter clause: Could not find a property named '${first}'.`);
    }
    return (entity) =>
      [first, ...rest].reduce<unknown>(
        (value, key) =>
          typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined,
        entity,
      );
  }

  #literal(): unknown {
    const token = this.#next();
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (token === "true") return true;
    if (token === "false") return false;
    if (token === "null") return null;
    // Dates hold colons, which are tokens of their own.
    let word = token;
    while (this.#tokens[this.#position] === ":") {
      this.#position += 1;
      word += `:${this.#next()}`;
    }
    if (/^-?\d+(\.\d+)?$/.test(word)) return Number(word);
    if (/^[0-9a-f-]{36}$|^\d{4}-\d\d-\d\dT/i.test(word)) return word;
    throw invalid(this.text);
  }

  #next(): string {
    const token = this.#tokens[this.#position];
    if (token === undefined) throw invalid(this.text);
    this.#position += 1;
    return token;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#position] !== token) return false;
    this.#position += 1;
    return true;
  }

  #takeWord(word: string): boolean {
    if (this.#tokens[this.#position]?.toLowerCase() !== word) return false;
    this.#position += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw invalid(this.text);
  }
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  const trimmed = text.trim();
  while (tokenPattern.lastIndex < trimmed.length) {
    const match = tokenPattern.exec(trimmed);
    if (match?.[1] === undefined) throw invalid(text);
    tokens.push(match[1]);
  }
  return tokens;
}

/** Graph compares texts without regard to case. */
function equal(left: unknown, right: unknown): boolean {
  if (typeof left === "string" && typeof right === "string")
    return left.toLowerCase() === right.toLowerCase();
  return (left ?? null) === right;
}

function order(left: unknown, right: unknown, holds: (sign: number) => boolean): boolean {
  if (typeof left === "number" && typeof right === "number") return holds(left - right);
  if (typeof left !== "string" || typeof right !== "string") return false;
  return holds(left < right ? -1 : left > right ? 1 : 0);
}

function invalid(text: string): Error {
  return badRequest(`Invalid filter clause: syntax error in '${text}'.`);
}
