import { cloudOf } from "../tenant/clouds";
import { readJsonObject } from "../server/http";
import type { Caller } from "../entra/tokens";
import type { Tenant } from "../tenant/tenant";
import { GraphError } from "./graphError";

export type GraphVersion = "v1.0" | "beta";

/** What a handler knows about its request. */
export interface GraphContext {
  readonly tenant: Tenant;
  readonly caller: Caller;
  readonly request: Request;
  readonly url: URL;
  readonly version: GraphVersion;
  /** Values of the pattern's `{…}` segments. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The caller's only fitting role is `Application.ReadWrite.OwnedBy`: what it does not own is refused. */
  readonly ownedOnly: boolean;
  /** The path ends with `/$count`: a list answers only its number, as plain text. */
  readonly countOnly: boolean;
  /** The type at the end of the path, such as `user` of `/owners/microsoft.graph.user`: a list shows no other. */
  readonly cast?: string;
}

/** One operation of Graph. */
export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Path after the version; `{name}` matches one segment. */
  readonly pattern: string;
  /** App roles of which one suffices; an entry joined by `+` needs all of its parts. `anyone` asks for none. */
  readonly allowedBy: readonly string[] | "anyone";
  /** Whether `Application.ReadWrite.OwnedBy` suffices for objects that the caller owns. */
  readonly orOwner?: boolean;
  /** Of what belongs to one user, such as a mailbox: no other user reaches it. How its service refuses. */
  readonly personal?: () => GraphError;
  readonly handle: (context: GraphContext) => Response | Promise<Response>;
}

/**
 * Splits a path into version and segments. A key in parentheses becomes a segment of its own:
 * `applications(appId='…')/owners` is `applications`, `appId='…'`, `owners`. A cast is written in full:
 * `graph.user` is `microsoft.graph.user`.
 */
export function parsePath(pathname: string): { version: GraphVersion; segments: string[] } | undefined {
  const [version, ...rest] = pathname.slice(1).split("/").map(decodeURIComponent);
  if (version !== "v1.0" && version !== "beta") return undefined;
  const segments = rest.flatMap((segment) => {
    const match = /^([a-z]+)\((.+)\)$/is.exec(segment);
    if (match === null) return [segment.replace(/^graph\./i, castPrefix)];
    const [, collection = "", key = ""] = match;
    const quoted = /^'(.*)'$/s.exec(key)?.[1];
    // A key in quotes doubles each quote of its own, and is a key whatever it looks like.
    return [collection, quoted === undefined ? key : quoted.replaceAll("''", "'")];
  });
  return { version, segments: segments.filter((segment) => segment !== "") };
}

/** Begins a segment that casts what is before it to a type. */
export const castPrefix = "microsoft.graph.";

/** Segments that are functions and actions of Graph where an object's key could be: no object has such a key. */
const functionNames =
  /^(?:\$|microsoft\.graph\.|.*\(.*\)$|(?:delta|getByIds|validateProperties|getAvailableExtensionProperties|getUserOwnedObjects)$)/i;

/** The parameters of a path under a pattern, or `undefined` where it does not fit. Case does not matter. */
export function matchPattern(
  pattern: string,
  segments: readonly string[],
): Record<string, string> | undefined {
  const parts = pattern.split("/");
  if (parts.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? "";
    if (part.startsWith("{")) {
      if (functionNames.test(segment)) return undefined;
      parameters[part.slice(1, -1)] = segment;
    } else if (part.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return parameters;
}

/** A value of the path; only for names that the route's pattern holds. */
export function parameter(context: GraphContext, name: string): string {
  const value = context.parameters[name];
  if (value === undefined) throw new Error(`The route has no {${name}}.`);
  return value;
}

/**
 * The request's JSON object; an empty one when there is no body.
 *
 * @throws {GraphError} 400 `BadRequest` when the body is something else.
 */
export async function readBody(context: GraphContext): Promise<Record<string, unknown>> {
  const body = await readJsonObject(context.request);
  if (body !== undefined) return body;
  throw new GraphError(
    400,
    "BadRequest",
    "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
  );
}

/** The `@odata.context` of an answer. */
export function odataContext(context: GraphContext, what: string): string {
  return `${cloudOf(context.tenant.state).graph}/${context.version}/$metadata#${what}`;
}
