import { isRecord } from "../server/http";
import { badRequest, type GraphError } from "./graphError";

/** Properties of a resource with their defaults. */
export type Defaults = Readonly<Record<string, unknown>>;

/**
 * Judges the properties that a client wants to set: each must exist, be writable, and have the kind of its default.
 *
 * @param readOnly Properties that only Graph sets.
 * @param current The object as it is. Its own ID may be sent back, and changes nothing.
 * @throws {GraphError} 400 `Request_BadRequest`, with Graph's text.
 */
export function checkProperties(
  resource: string,
  body: Readonly<Record<string, unknown>>,
  defaults: Defaults,
  readOnly: ReadonlySet<string>,
  current?: { readonly id: string },
): Record<string, unknown> {
  const accepted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    // Annotations and binds are the caller's to read.
    if (name.includes("@")) continue;
    if (!(name in defaults)) {
      throw badRequest(`Property '${name}' does not exist as a declared property or extension property.`);
    }
    if (name === "id" && value === current?.id) continue;
    if (readOnly.has(name)) {
      throw badRequest(`Property '${name}' is read-only and cannot be set.`);
    }
    if (!fits(value, defaults[name])) {
      throw invalidValue(resource, name);
    }
    accepted[name] = value;
  }
  return accepted;
}

/** A copy of an object without some of its properties. */
export function omit(object: Readonly<Record<string, unknown>>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/**
 * What PATCH makes of one property. One that has parts by its default keeps those that are not sent; any other, such
 * as `optionalClaims`, is replaced as a whole, so that `{}` empties it.
 */
export function merged(fallback: unknown, current: unknown, change: unknown): unknown {
  if (!isRecord(fallback) || !isRecord(change)) return change;
  const before = isRecord(current) ? current : fallback;
  const result: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(change)) {
    result[name] = merged(fallback[name], before[name], value);
  }
  return result;
}

/** 400 for a value that a property of a resource does not take. */
export function invalidValue(resource: string, property: string): GraphError {
  return badRequest(`Invalid value specified for property '${property}' of resource '${resource}'.`);
}

/** The object IDs of `owners@odata.bind`, each an address of a directory object. */
export function boundOwnerIds(body: Readonly<Record<string, unknown>>): string[] {
  return boundIds(body, "owners");
}

/** The same of another navigation property. */
export function boundIds(body: Readonly<Record<string, unknown>>, property: string): string[] {
  const links: unknown = body[`${property}@odata.bind`] ?? [];
  if (!Array.isArray(links)) throw badRequest(`Invalid value specified for property '${property}'.`);
  return links.map(objectIdOfLink);
}

/**
 * The object ID at the end of `/v1.0/directoryObjects/{id}` of an address and its like.
 *
 * @throws {GraphError} 400 `Request_BadRequest`.
 */
export function objectIdOfLink(link: unknown): string {
  const match =
    typeof link === "string"
      ? /^https:\/\/[a-z.-]+\/(?:v1\.0|beta)\/(?:[a-z]+\/)+([0-9a-f-]{36})$/i.exec(link)
      : null;
  if (match?.[1] === undefined)
    throw badRequest(`Invalid URL format specified in @odata.id: '${String(link)}'.`);
  return match[1].toLowerCase();
}

function fits(value: unknown, fallback: unknown): boolean {
  if (fallback === null) return true;
  if (Array.isArray(fallback)) return Array.isArray(value);
  if (isRecord(fallback)) return isRecord(value) || value === null;
  return typeof value === typeof fallback;
}
