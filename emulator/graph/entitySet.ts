import { cloudOf } from "../tenant/clouds";
import { empty, isGuid, textOf, wholeSeconds } from "../server/http";
import type { Directory, Tenant } from "../tenant/tenant";
import { badRequest, denied, GraphError, notFound } from "./graphError";
import {
  entityResponse,
  listResponse,
  names,
  type Entity,
  type Expansions,
  type ListOptions,
} from "./listing";
import { checkProperties, invalidValue, type Defaults } from "./properties";
import { parameter, readBody, type GraphContext, type Route } from "./route";
import { softDelete } from "./softDelete";

/** What every directory object has. */
export interface DirectoryItem {
  readonly id: string;
  readonly ownerIds?: readonly string[];
  [property: string]: unknown;
}

/** The directory's own kinds of objects, by the names of their sets. */
export type SetName = keyof Pick<Directory, "applications" | "servicePrincipals" | "users" | "groups">;

/** One kind of directory object: what tells applications, service principals, users and groups apart. */
export interface EntitySet<Item extends DirectoryItem> {
  readonly name: SetName;
  /** As in `#microsoft.graph.user`, and as a path's `{user}`. */
  readonly kind: "application" | "servicePrincipal" | "user" | "group";
  /** App roles that read every object, and that write every one. */
  readonly readers: readonly string[];
  readonly writers: readonly string[];
  /** Whether `Application.ReadWrite.OwnedBy` reaches the objects that its holder owns. */
  readonly orOwner: boolean;
  /** Properties beside the ID by which a path may name an object, such as `appId='…'`. */
  readonly keys: readonly string[];
  /** The one of them that a path may name without saying so, such as a sign-in name. */
  readonly bareKey?: string;
  /** Every property, with its default. */
  readonly properties: Defaults;
  readonly readOnly: ReadonlySet<string>;
  /** What is shown without `$select`; default everything. */
  readonly shown?: readonly string[];
  readonly describe: (item: Item, tenant: Tenant) => Entity;
  /** What one object shows otherwise where `$select` asks for the property by its name. */
  readonly selected?: Readonly<Record<string, (item: Item) => unknown>>;
  readonly expansions?: (context: GraphContext) => Expansions;
  /** Validates a new object and creates it; `answered` is what only its answer shows, such as a client secret. */
  readonly create: (
    context: GraphContext,
    values: Readonly<Record<string, unknown>>,
    body: Readonly<Record<string, unknown>>,
  ) => { readonly item: Item; readonly answered?: Entity };
  /** Judges a change and makes it. */
  readonly update: (
    context: GraphContext,
    item: Item,
    values: Readonly<Record<string, unknown>>,
    body: Readonly<Record<string, unknown>>,
  ) => void;
  /** Whether an object may be deleted at all. */
  readonly checkRemoval?: (context: GraphContext, item: Item) => void;
}

/** GET, POST, PATCH and DELETE of a set and of its objects, upsert by an alternate key among them. */
export function entityRoutes<Item extends DirectoryItem>(set: EntitySet<Item>): Route[] {
  const one = `${set.name}/{${set.kind}}`;
  const write = { allowedBy: set.writers, orOwner: set.orOwner };
  return [
    { method: "GET", pattern: set.name, allowedBy: set.readers, handle: (context) => list(set, context) },
    { method: "POST", pattern: set.name, ...write, handle: (context) => create(set, context, {}) },
    {
      method: "GET",
      pattern: one,
      allowedBy: set.readers,
      orOwner: set.orOwner,
      handle: (context) => answer(set, context, requireItem(set, context)),
    },
    { method: "PATCH", pattern: one, ...write, handle: (context) => update(set, context) },
    {
      method: "DELETE",
      pattern: one,
      ...write,
      handle: (context) => {
        const item = requireItem(set, context);
        set.checkRemoval?.(context, item);
        softDelete(set.kind, item, context.tenant);
        return empty();
      },
    },
  ];
}

/**
 * The object that the path names: by object ID, as `appId='…'`, or by a bare key.
 *
 * @throws {GraphError} 404 where it is missing or this replica lags; 403 where the caller may only touch its own.
 */
export function requireItem<Item extends DirectoryItem>(set: EntitySet<Item>, context: GraphContext): Item {
  const key = parameter(context, set.kind);
  const found = findByKey(set, context.tenant, key);
  if (found === undefined || !isVisible(found.id, context.tenant)) {
    throw notFound(namedKey(key)?.value ?? key);
  }
  if (context.ownedOnly && found.ownerIds?.includes(context.caller.objectId) !== true) throw denied();
  return found;
}

/** The object of a key, whatever the lag. */
export function findByKey<Item extends DirectoryItem>(
  set: EntitySet<Item>,
  tenant: Tenant,
  key: string,
): Item | undefined {
  const items = itemsOf(set, tenant);
  const named = namedKey(key) ?? (isGuid(key) ? undefined : { name: set.bareKey ?? "", value: key });
  if (named === undefined) return items[key.toLowerCase()];
  if (![...set.keys, set.bareKey].includes(named.name)) return undefined;
  return Object.values(items).find(
    (item) => textOf(item[named.name]).toLowerCase() === named.value.toLowerCase(),
  );
}

/** Every object of a set by ID. The directory keeps them as the set itself made them. */
export function itemsOf<Item extends DirectoryItem>(
  { name }: EntitySet<Item>,
  { state }: Pick<Tenant, "state">,
): Record<string, Item> {
  return state.directory[name] as unknown as Record<string, Item>;
}

/** Whether the replica that this request meets knows an object; counts as a read. */
export function isVisible(objectId: string, tenant: Tenant): boolean {
  return tenant.replication.isVisible(objectId, tenant.clock.now(), tenant.faults);
}

function list<Item extends DirectoryItem>(set: EntitySet<Item>, context: GraphContext): Response {
  const visible = Object.values(itemsOf(set, context.tenant)).filter(({ id }) =>
    isVisible(id, context.tenant),
  );
  return listResponse(
    context,
    visible.map((item) => set.describe(item, context.tenant)),
    optionsOf(set, context),
  );
}

function answer<Item extends DirectoryItem>(
  set: EntitySet<Item>,
  context: GraphContext,
  item: Item,
): Response {
  const asked = names(context.url.searchParams.get("$select"));
  const selected = Object.entries(set.selected ?? {}).filter(([name]) => asked.includes(name));
  const entity = {
    ...set.describe(item, context.tenant),
    ...Object.fromEntries(selected.map(([name, show]) => [name, show(item)])),
  };
  return entityResponse(context, entity, optionsOf(set, context));
}

function optionsOf<Item extends DirectoryItem>(set: EntitySet<Item>, context: GraphContext): ListOptions {
  return {
    entitySet: set.name,
    properties: new Set(Object.keys(set.properties)),
    ...(set.shown === undefined ? {} : { shown: set.shown }),
    expansions: set.expansions?.(context) ?? {},
  };
}

const resourceName = (kind: string): string => kind.charAt(0).toUpperCase() + kind.slice(1);

/** @param given What the path itself says of the object, such as its unique name. */
async function create<Item extends DirectoryItem>(
  set: EntitySet<Item>,
  context: GraphContext,
  given: Readonly<Record<string, unknown>>,
): Promise<Response> {
  const body = await readBody(context);
  const checked = checkProperties(resourceName(set.kind), body, set.properties, set.readOnly);
  const { item, answered } = set.create(context, { ...checked, ...given }, body);
  const { tenant } = context;
  keep(set, tenant, item);
  const entity = { ...set.describe(item, tenant), ...answered };
  const response = entityResponse(context, entity, optionsOf(set, context), 201);
  response.headers.set("Location", locationOf(context, "directoryObjects", item.id, set.kind));
  return response;
}

/** Makes an object as its set does, for an operation that answers in a form of its own. */
export function insert<Item extends DirectoryItem>(
  set: EntitySet<Item>,
  context: GraphContext,
  values: Readonly<Record<string, unknown>>,
): Item {
  const { item } = set.create(context, values, {});
  keep(set, context.tenant, item);
  return item;
}

function keep<Item extends DirectoryItem>(set: EntitySet<Item>, tenant: Tenant, item: Item): void {
  itemsOf(set, tenant)[item.id] = item;
  tenant.replication.created(item.id, tenant.clock.now());
}

/** Where Graph says that a new object is: an address of the directory behind it. */
export function locationOf(
  { tenant }: GraphContext,
  collection: string,
  objectId: string,
  kind?: string,
): string {
  const type = kind === undefined ? "" : `/Microsoft.DirectoryServices.${resourceName(kind)}`;
  return `${cloudOf(tenant.state).graph}/v2/${tenant.state.tenantId}/${collection}/${objectId}${type}`;
}

async function update<Item extends DirectoryItem>(
  set: EntitySet<Item>,
  context: GraphContext,
): Promise<Response> {
  const named = namedKey(parameter(context, set.kind));
  const upserts = context.request.headers.get("Prefer")?.toLowerCase().includes("create-if-missing");
  if (named?.name === "uniqueName" && upserts === true) {
    const missing = findByKey(set, context.tenant, parameter(context, set.kind)) === undefined;
    if (missing) return create(set, context, { uniqueName: named.value });
  }
  const item = requireItem(set, context);
  const body = await readBody(context);
  const values = checkProperties(resourceName(set.kind), body, set.properties, set.readOnly, item);
  set.update(context, item, values, body);
  return empty();
}

/** `appId='…'` taken apart. */
function namedKey(key: string): { name: string; value: string } | undefined {
  const [, name, value] = /^(\w+)='(.*)'$/.exec(key) ?? [];
  return name === undefined || value === undefined ? undefined : { name, value: value.replaceAll("''", "'") };
}

/**
 * Judges a display name.
 *
 * @throws {GraphError} 400 for an empty one, or one of more than 256 characters.
 */
export function checkDisplayName(kind: string, value: unknown, isNew: boolean): void {
  if (value === undefined && !isNew) return;
  if (value === undefined) {
    throw badRequest("One or more property values specified are invalid: 'displayName' is required.");
  }
  if (typeof value !== "string" || value === "" || value.length > 256) {
    throw invalidValue(resourceName(kind), "displayName");
  }
}

/** @throws {GraphError} 400 where another object has the value already. */
export function checkTaken(property: string, isTaken: boolean): void {
  if (!isTaken) return;
  throw new GraphError(
    400,
    "Request_BadRequest",
    `Another object with the same value for property ${property} already exists.`,
    {},
    { code: "ObjectConflict", target: property },
  );
}

/** When an object was made, as Graph writes it. */
export function createdNow({ tenant }: GraphContext): string {
  return wholeSeconds(tenant.clock.now());
}
