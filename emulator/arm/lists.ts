import { ArmError, badRequest } from "./armError";

/** Conditions of an OData `$filter` made of `a eq 'b'` joined by `and`, with functions such as `atScope()`. */
export interface Filter {
  /** Wanted values by lower-case property name. */
  readonly equals: ReadonlyMap<string, string>;
  /** Arguments by lower-case function name; empty for `atScope()`. */
  readonly functions: ReadonlyMap<string, string>;
}

/**
 * Reads the `$filter` forms that ARM's lists take.
 *
 * @param supported Lower-case property and function names that the list can filter by.
 * @throws {ArmError} 400 for a malformed filter, 501 for a name that the emulator does not filter by.
 */
export function parseFilter(text: string | null, supported: readonly string[]): Filter {
  const equals = new Map<string, string>();
  const functions = new Map<string, string>();
  for (const clause of (text ?? "").split(/\s+and\s+/i).filter((part) => part.trim() !== "")) {
    const comparison = /^\s*([\w/]+)\s+eq\s+'((?:[^']|'')*)'\s*$/i.exec(clause);
    const call = /^\s*(\w+)\(\s*(?:'([^']*)')?\s*\)\s*$/.exec(clause);
    const name = (comparison?.[1] ?? call?.[1])?.toLowerCase();
    if (name === undefined)
      throw badRequest(`The filter '${text ?? ""}' is not valid.`, "InvalidFilterInQueryString");
    if (!supported.includes(name)) {
      throw new ArmError(501, "NotEmulated", `Filtering by '${name}' is not emulated here.`);
    }
    if (comparison === null) functions.set(name, call?.[2] ?? "");
    else equals.set(name, (comparison[2] ?? "").replaceAll("''", "'"));
  }
  return { equals, functions };
}

/**
 * One page of a list, with a `nextLink` when `$top` leaves some off.
 *
 * @param url The request's own, whose `$top` and `$skiptoken` count.
 */
export function page<Item>(items: readonly Item[], url: URL): { value: readonly Item[]; nextLink?: string } {
  const top = Number.parseInt(url.searchParams.get("$top") ?? "", 10);
  const start = Number.parseInt(url.searchParams.get("$skiptoken") ?? "0", 10);
  const end = Number.isNaN(top) ? items.length : start + top;
  if (end >= items.length) return { value: items.slice(start) };
  const next = new URL(url);
  next.searchParams.set("$skiptoken", String(end));
  return { value: items.slice(start, end), nextLink: next.href };
}
