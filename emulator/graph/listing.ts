import { json } from "../server/http";
import { parseFilter } from "./filter";
import { badRequest, partNotEmulated, unsupportedQuery } from "./graphError";
import { odataContext, type GraphContext } from "./route";
import { parseSearch } from "./search";

export type Entity = Record<string, unknown>;

export interface ListOptions {
  /** As in `@odata.context`, such as `applications`. */
  readonly entitySet: string;
  /** Property names that may be filtered and selected; default any. */
  readonly properties?: ReadonlySet<string>;
  /** What is shown without `$select`; default everything. */
  readonly shown?: readonly string[];
  /** Navigation properties that `$expand` may name. */
  readonly expansions?: Expansions;
  /** Whether `$skip` is served; the directory itself refuses it. */
  readonly skips?: boolean;
}

/** Reads of navigation properties, by name, for `$expand`. */
export type Expansions = Readonly<Record<string, (entity: Entity) => unknown>>;

const defaultPage = 100;
const largestPage = 999;

/**
 * Answers a collection: `$filter`, `$search`, `$orderby`, `$count`, `$top`, `$skip`, `$skiptoken`, `$expand`,
 * `$select`, and `/$count` or a cast at the end of the path.
 *
 * @throws {GraphError} 400 for a query that Graph refuses.
 * @see https://learn.microsoft.com/graph/aad-advanced-queries (read 2026-11)
 */
export function listResponse(
  context: GraphContext,
  items: readonly Entity[],
  options: ListOptions,
): Response {
  const { searchParams } = context.url;
  const filterText = searchParams.get("$filter");
  const filter = filterText === null ? undefined : parseFilter(filterText, options.properties);
  const searchText = searchParams.get("$search");
  const orderBy = searchParams.get("$orderby");
  // Without the header, Graph takes `$count=true` and counts nothing.
  const eventual = context.request.headers.get("ConsistencyLevel")?.toLowerCase() === "eventual";
  const counted = eventual && searchParams.get("$count") === "true";
  refuseWithoutConsistency({
    operator: filter?.advancedOperator,
    orderBy,
    filtered: filter !== undefined,
    searched: searchText !== null,
    counted,
    eventual,
  });

  const matches = searchText === null ? undefined : parseSearch(searchText, options.properties);
  const found = castItems(context, items, options)
    .filter((item) => filter?.matches(item) ?? true)
    .filter((item) => matches?.(item) ?? true);
  if (context.countOnly) return countResponse(found.length, eventual);
  if (orderBy !== null) sortBy(found, orderBy);
  const size = pageSize(searchParams.get("$top"));
  const start = readSkipToken(searchParams.get("$skiptoken")) + readSkip(searchParams.get("$skip"), options);
  const page = found.slice(start, start + size);
  const select = searchParams.get("$select");
  return listed(
    json(200, {
      "@odata.context": odataContext(
        context,
        select === null ? options.entitySet : `${options.entitySet}(${select})`,
      ),
      ...(counted ? { "@odata.count": found.length } : {}),
      ...(start + size < found.length ? { "@odata.nextLink": nextLink(context.url, start + size) } : {}),
      value: page.map((entity) => project(context, entity, options)),
    }),
  );
}

const lists = new WeakSet<Response>();

function listed(response: Response): Response {
  lists.add(response);
  return response;
}

/** Whether {@link listResponse} made an answer: anything else has no `/$count`, and no casts. */
export function isListAnswer(response: Response): boolean {
  return lists.has(response);
}

/** Only items that say what they are can be told apart by type. */
function castItems({ cast }: GraphContext, items: readonly Entity[], { entitySet }: ListOptions): Entity[] {
  if (cast === undefined) return [...items];
  if (items.some((item) => item["@odata.type"] === undefined)) {
    throw partNotEmulated(`A cast to ${cast} in ${entitySet}`);
  }
  return items.filter((item) => String(item["@odata.type"]).toLowerCase() === `#${cast}`.toLowerCase());
}

function countResponse(count: number, eventual: boolean): Response {
  if (!eventual) throw badRequest("$count is not currently supported.");
  return listed(
    new Response(String(count), {
      headers: { "Content-Type": "text/plain", "Cache-Control": "no-cache" },
    }),
  );
}

/** Answers one object: `$select`, `$expand`. */
export function entityResponse(
  context: GraphContext,
  entity: Entity,
  options: ListOptions,
  status = 200,
): Response {
  const select = context.url.searchParams.get("$select");
  const set = select === null ? options.entitySet : `${options.entitySet}(${select})`;
  return json(status, {
    "@odata.context": odataContext(context, `${set}/$entity`),
    ...project(context, entity, options),
  });
}

function project(context: GraphContext, entity: Entity, options: ListOptions): Entity {
  const { searchParams } = context.url;
  const selected = names(searchParams.get("$select"));
  const expanded = names(searchParams.get("$expand"));
  for (const name of selected) {
    if (options.properties?.has(name) === false) {
      throw badRequest(`Parsing OData Select and Expand failed: Could not find a property named '${name}'.`);
    }
  }
  const result: Entity =
    selected.length === 0
      ? shownOf(entity, options)
      : Object.fromEntries(selected.flatMap((name) => (name in entity ? [[name, entity[name]]] : [])));
  for (const name of expanded) {
    const read = options.expansions?.[name];
    if (read === undefined) {
      throw badRequest(`Parsing OData Select and Expand failed: Could not find a property named '${name}'.`);
    }
    result[name] = read(entity);
  }
  return result;
}

function shownOf(entity: Entity, { shown }: ListOptions): Entity {
  if (shown === undefined) return { ...entity };
  const names = ["@odata.type", ...shown].filter((name) => name in entity);
  return Object.fromEntries(names.map((name) => [name, entity[name]]));
}

function refuseWithoutConsistency(query: {
  operator: string | undefined;
  orderBy: string | null;
  filtered: boolean;
  searched: boolean;
  counted: boolean;
  eventual: boolean;
}): void {
  const { operator, orderBy, filtered, searched, counted, eventual } = query;
  if (searched && !eventual) {
    throw unsupportedQuery(
      "Request with $search query parameter only works through MSGraph with a special request header: " +
        "'ConsistencyLevel: eventual'",
    );
  }
  const feature =
    operator !== undefined
      ? `Operator '${operator}' is`
      : orderBy !== null && filtered
        ? "Sorting together with $filter is"
        : undefined;
  if (feature === undefined) return;
  const refer = "Refer to https://aka.ms/graph-docs/advanced-queries for more information";
  if (!eventual) {
    throw unsupportedQuery(
      `${feature} not supported because the 'ConsistencyLevel:eventual' header is missing. ${refer}`,
    );
  }
  if (!counted) throw unsupportedQuery(`${feature} not supported because '$count=true' is missing. ${refer}`);
}

function sortBy(entities: Entity[], orderBy: string): void {
  const [property = "", direction = "asc"] = orderBy.trim().split(/\s+/);
  const sign = direction.toLowerCase() === "desc" ? -1 : 1;
  entities.sort((left, right) => sign * textOf(left[property]).localeCompare(textOf(right[property]), "en"));
}

function pageSize(top: string | null): number {
  if (top === null) return defaultPage;
  const size = Number(top);
  if (!Number.isInteger(size) || size < 1 || size > largestPage) {
    throw badRequest(
      `Invalid page size specified: '${top}'. Must be between 1 and ${largestPage} inclusive.`,
    );
  }
  return size;
}

/**
 * `$skip` of the directory is refused, not ignored: https://learn.microsoft.com/graph/query-parameters (read 2026-11)
 * lists it as not supported there.
 */
function readSkip(skip: string | null, { skips, entitySet }: ListOptions): number {
  if (skip === null) return 0;
  if (skips !== true) throw unsupportedQuery(`'$skip' is not supported by the service for '${entitySet}'.`);
  const count = Number(skip);
  if (!Number.isInteger(count) || count < 0) throw badRequest(`Invalid value '${skip}' for $skip.`);
  return count;
}

function nextLink(url: URL, start: number): string {
  const next = new URL(url);
  next.searchParams.delete("$skip");
  next.searchParams.set("$skiptoken", Buffer.from(String(start)).toString("base64url"));
  return next.href;
}

function readSkipToken(token: string | null): number {
  if (token === null) return 0;
  const start = Buffer.from(token, "base64url").toString("utf8");
  if (!/^\d+$/.test(start)) throw badRequest("Invalid skip token.");
  return Number(start);
}

/** Top-level names of `$select` or `$expand`; options in parentheses are left to the reader. */
export function names(list: string | null): string[] {
  if (list === null) return [];
  return list
    .replace(/\([^()]*\)/g, "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
