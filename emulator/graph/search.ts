import { badRequest } from "./graphError";

type Entity = Readonly<Record<string, unknown>>;

/**
 * Parses `$search`: clauses such as `"displayName:word"`, joined by `AND` and `OR`. A property has a word when one of
 * its own words begins with it; case does not matter. `AND` binds closer.
 *
 * @param knownProperties When given, a property outside it is refused, as Graph refuses it.
 * @throws {GraphError} 400 `Request_BadRequest`.
 * @see https://learn.microsoft.com/graph/search-query-parameter (read 2026-11)
 */
export function parseSearch(
  text: string,
  knownProperties?: ReadonlySet<string>,
): (entity: Entity) => boolean {
  const alternatives: ((entity: Entity) => boolean)[][] = [[]];
  for (const token of text.match(/"[^"]*"|[^\s"]+/g) ?? []) {
    if (token === "OR") alternatives.push([]);
    else if (token !== "AND") alternatives.at(-1)?.push(parseClause(token, knownProperties));
  }
  return (entity) => alternatives.some((clauses) => clauses.every((clause) => clause(entity)));
}

function parseClause(clause: string, known: ReadonlySet<string> | undefined): (entity: Entity) => boolean {
  const [, property = "", phrase = ""] = /^"(\w+):([^"]*)"$/.exec(clause) ?? [];
  if (property === "") {
    throw badRequest(`Syntax error: the search clause ${clause} is not of the form "property:value".`);
  }
  if (known?.has(property) === false) {
    throw badRequest(`Invalid search clause: Could not find a property named '${property}'.`);
  }
  const wanted = wordsOf(phrase);
  return (entity) => {
    const value = entity[property];
    const words = typeof value === "string" ? wordsOf(value) : [];
    return wanted.every((part) => words.some((word) => word.startsWith(part)));
  };
}

/** Words as Graph's index cuts them: at blanks and signs, between letters and digits, at capitals. */
function wordsOf(text: string): string[] {
  const words = text.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|\p{L}+/gu) ?? [];
  return [...words, ...text.split(/[^\p{L}\d]+/u)]
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
}
