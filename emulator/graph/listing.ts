import { json } from "../server/http";
import { parseFilter } from "./filter";
import { badRequest, GraphError, unsupportedQuery } from "./graphError";
import { odataContext, type GraphContext } from "./route";

export type Entity = Record<string, unknown>;

export interface ListOptions {
  /** As in `@odata.context`, such as `applications`. */
  readonly entitySet: string;
  /** Property names that may be filtered and selected; default any. */
  readonly properties?: ReadonlySet<string>;
  /** Navigation properties that `$expand` may name. */
  readonly expansions?: Expansions;
}

/** Reads of navigation properties, by name, for `$expand`. */
export type Expansions = Readonly<Record<string, (entity: Entity) => unknown>>;

const defaultPage = 100;
const largestPage = 999;

/**
 * Answers a collection: `$filter`, `$orderby`, `$count`, `$top`, `$skiptoken`, `$expand`, `$select`.
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
  if (searchParams.has("$search")) {
    throw new GraphError(501, "NotEmulated", `$search on ${options.entitySet} is not emulated.`);
  }
  const filterText = searchParams.get("$filter");
  const filter = filterText === null ? undefined : parseFilter(filterText, options.properties);
  const orderBy = searchParams.get("$orderby");
  const counted = searchParams.get("$count") === "true";
  const eventual = context.request.headers.get("ConsistencyLevel")?.toLowerCase() === "eventual";
  refuseWithoutConsistency({
    operator: filter?.advancedOperator,
    orderBy,
    filtered: filter !== undefined,
    counted,
    eventual,
  });

  const found = filter === undefined ? [...items] : items.filter(filter.matches);
  if (orderBy !== null) sortBy(found, orderBy);
  const size = pageSize(searchParams.get("$top"));
  const start = readSkipToken(searchParams.get("$skiptoken"));
  const page = found.slice(start, start + size);
  const select = searchParams.get("$select");
  return json(200, {
    "@odata.context": odataContext(
      context,
      select === null ? options.entitySet : `${options.entitySet}(${select})`,
    ),
    ...(counted ? { "@odata.count": found.length } : {}),
    ...(start + size < found.length ? { "@odata.nextLink": nextLink(context.url, start + size) } : {}),
    value: page.map((entity) => project(context, entity, options)),
  });
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
      ? { ...entity }
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

function refuseWithoutConsistency(query: {
  operator: string | undefined;
  orderBy: string | null;
  filtered: boolean;
  counted: boolean;
  eventual: boolean;
}): void {
  const { operator, orderBy, filtered, counted, eventual } = query;
  const feature =
    operator !== undefined
      ? `Operator '${operator}' is`
      : orderBy !== null && filtered
        ? "Sorting together with $filter is"
        : counted
          ? "$count is"
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

function nextLink(url: URL, start: number): string {
  const next = new URL(url);
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
function names(list: string | null): string[] {
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
