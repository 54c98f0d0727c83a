import { cloudOf } from "../tenant/clouds";
import { empty, isRecord, json, notEmulated } from "../server/http";
import type { ArmResource } from "../tenant/tenant";
import { ArmError, badRequest, methodNotAllowed, resourceNotFound } from "./armError";
import { isWithin, parseScope } from "./armPath";
import { demandRight, readBody, type ArmRequest } from "./armRequest";
import { page } from "./lists";
import { isRegion, normaliseLocation } from "./locations";
import { beginOperation, pollingHeaders } from "./operations";
import { removeResource, shown } from "./removal";
import type { ResourceType } from "./resourceType";
import { requireGroup, requireParent, requireScope } from "./scopes";

/** Answers GET, PUT, PATCH and DELETE of one resource, and GET of its collection, by the type's own rules. */
export async function handleResource(request: ArmRequest, type: ResourceType): Promise<Response> {
  const { method, path } = request;
  if (path.names.length < path.types.length) {
    if (method !== "GET") throw methodNotAllowed(method);
    return listResources(request, type);
  }
  const target = locate(request, type);
  switch (method) {
    case "GET": {
      demandRight(request, `${type.type}/read`, target.askedId);
      const resource = find(request, target);
      const { provisioningState: state = "Succeeded" } = resource.properties;
      // A client polls what is under way by reading it: learn.microsoft.com/azure/azure-resource-manager/management/async-operations (read 2026-11).
      const response = json(200, shown(resource), state === "Succeeded" ? {} : pollingHeaders);
      type.wasRead?.(resource);
      return response;
    }
    case "PUT": {
      demandRight(request, `${type.type}/write`, target.askedId);
      return put(request, type, target, await readBody(request));
    }
    case "PATCH": {
      demandRight(request, `${type.type}/write`, target.askedId);
      const { tags, properties, ...others } = await readBody(request);
      const existing = find(request, target);
      return put(request, type, target, {
        ...existing,
        ...others,
        tags: tags ?? existing.tags,
        properties: { ...existing.properties, ...(isRecord(properties) ? properties : {}) },
      });
    }
    case "DELETE": {
      demandRight(request, `${type.type}/delete`, target.askedId);
      return remove(request, type, target);
    }
    default:
      throw methodNotAllowed(method);
  }
}

/** Answers POST of an operation below a resource, such as `…/workflows/w/triggers/t/listCallbackUrl`. */
export function handleAction(request: ArmRequest, type: ResourceType, action: readonly string[]): Response {
  const target = locate(request, type);
  const name = action.filter((_, index) => index % 2 === 0).join("/");
  demandRight(request, `${type.type}/${name}/action`, target.askedId);
  const answer = type.act?.(find(request, target), action, request);
  return answer ?? notEmulated(request.request);
}

interface Target {
  /** The ID as the client wrote it: what a refusal names. */
  readonly askedId: string;
  /** Type and name in turn, such as `Microsoft.KeyVault/vaults/v`. */
  readonly path: string;
  readonly name: string;
}

function locate({ path }: ArmRequest, type: ResourceType): Target {
  const [namespace = "", ...typeNames] = type.type.split("/");
  const pairs = typeNames.map((typeName, index) => `/${typeName}/${path.names[index] ?? ""}`);
  return {
    askedId: `${path.scope}/providers/${namespace}${pairs.join("")}`,
    path: `${namespace}${pairs.join("")}`,
    name: path.names[typeNames.length - 1] ?? "",
  };
}

function find({ tenant, path }: ArmRequest, target: Target): ArmResource {
  requireScope(tenant, path.scope);
  const resource = tenant.state.arm.resources[target.askedId.toLowerCase()];
  if (resource === undefined) {
    throw resourceNotFound(target.path, parseScope(path.scope).resourceGroupName ?? "");
  }
  return resource;
}

async function put(
  request: ArmRequest,
  type: ResourceType,
  target: Target,
  body: Record<string, unknown>,
): Promise<Response> {
  const { tenant, caller, apiVersion } = request;
  const { resources } = tenant.state.arm;
  const scope = requireScope(tenant, request.path.scope);
  const id = `${scope}/providers/${target.path}`;
  const key = id.toLowerCase();
  const parentId = type.type.split("/").length > 2 ? id.split("/").slice(0, -2).join("/") : undefined;
  const parent = parentId === undefined ? undefined : requireParent(tenant, "write", type.type, parentId);
  const { name } = target;
  if (type.namePattern?.test(name) === false) {
    throw badRequest(type.nameRule?.(name) ?? `The name '${name}' is not valid.`, "InvalidResourceName");
  }
  const existing = resources[key];
  const location = checkLocation(type, body["location"], existing, request, name);
  const properties = isRecord(body["properties"]) ? body["properties"] : {};
  const now = tenant.clock.now();
  const content = await type.build({
    tenant,
    caller,
    now,
    apiVersion,
    id: existing?.id ?? id,
    name: existing?.name ?? name,
    scope,
    location,
    body,
    properties,
    existing,
    parent,
  });
  const tags = readTags(body["tags"]);
  const resource: ArmResource = {
    id: existing?.id ?? id,
    name: existing?.name ?? name,
    type: type.type,
    ...(location === undefined ? {} : { location, tags }),
    ...content,
  };
  resources[key] = resource;
  const status = type.putStatus ?? { created: 201, updated: 200 };
  const headers = slowPath(request, type, resource, "put");
  if (headers !== undefined) {
    resource.properties["provisioningState"] = existing === undefined ? "Creating" : "Updating";
    return json(existing === undefined ? 201 : 200, shown(resource), headers);
  }
  if (existing !== undefined) return json(status.updated, shown(resource));
  const first = type.made?.(resource, properties);
  if (first === undefined) return json(status.created, shown(resource));
  const polling =
    type.polledAt === undefined ? pollingHeaders : begin(request, type, resource, "put", type.polledAt);
  return json(status.created, shown(first), polling);
}

function remove(request: ArmRequest, type: ResourceType, target: Target): Response {
  const { tenant, path } = request;
  requireScope(tenant, path.scope);
  const key = target.askedId.toLowerCase();
  const resource = tenant.state.arm.resources[key];
  if (resource === undefined) return empty(204);
  const headers = slowPath(request, type, resource, "delete");
  if (headers !== undefined) {
    resource.properties["provisioningState"] = "Deleting";
    return empty(202, headers);
  }
  removeResource(tenant, key);
  return empty(200);
}

function listResources(request: ArmRequest, type: ResourceType): Response {
  const { tenant, path } = request;
  demandRight(request, `${type.type}/read`, `${path.scope}/providers/${path.namespace ?? ""}`);
  const scope = requireScope(tenant, path.scope);
  const [namespace = "", ...typeNames] = type.type.split("/");
  const parents = path.names.map((name, index) => `/${typeNames[index] ?? ""}/${name}`).join("");
  if (parents !== "") requireParent(tenant, "read", type.type, `${scope}/providers/${namespace}${parents}`);
  const around =
    type.placement === "extension" || parents !== "" ? `${scope}/providers/${namespace}${parents}` : scope;
  const found = Object.values(tenant.state.arm.resources)
    .filter((resource) => resource.type === type.type && isWithin(resource.id, around))
    .map(shown);
  return json(200, page(found, new URL(request.request.url)));
}

function slowPath(
  request: ArmRequest,
  type: ResourceType,
  resource: ArmResource,
  kind: "put" | "delete",
): Record<string, string> | undefined {
  if (request.tenant.faults.armAsync !== true || type.longRunning !== true) return undefined;
  return begin(request, type, resource, kind);
}

function begin(
  { tenant, apiVersion }: ArmRequest,
  type: ResourceType,
  resource: ArmResource,
  kind: "put" | "delete",
  collection?: string,
): Record<string, string> {
  const namespace = type.type.split("/")[0] ?? "";
  const place = `/subscriptions/${tenant.state.subscriptionId}/providers/${namespace}/locations/${resource.location ?? "global"}`;
  return beginOperation(
    tenant,
    { kind, resourceId: resource.id.toLowerCase() },
    place,
    apiVersion,
    collection,
  );
}

function checkLocation(
  type: ResourceType,
  given: unknown,
  existing: ArmResource | undefined,
  { tenant, path }: ArmRequest,
  name: string,
): string | undefined {
  if (type.location === "none") return undefined;
  if (typeof given !== "string" || given === "") {
    throw badRequest("The location property is required for this definition.", "LocationRequired");
  }
  if (type.location === "global") return given;
  const location = normaliseLocation(given);
  if (!isRegion(cloudOf(tenant.state), location)) {
    throw badRequest(
      `The provided location '${given}' is not available for resource type '${type.type}'.`,
      "LocationNotAvailableForResourceType",
    );
  }
  if (existing?.location !== undefined && existing.location !== location) {
    const group = requireGroup(tenant, parseScope(path.scope).resourceGroupName ?? "").name;
    throw new ArmError(
      409,
      "InvalidResourceLocation",
      `The resource '${name}' already exists in location '${existing.location}' in resource group '${group}'. ` +
        `A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
    );
  }
  return location;
}

/**
 * The tags of a request's body.
 *
 * @throws {ArmError} 400 `InvalidTagNameOrValue` for more than 50, or for a value that is not a text of at most 256.
 */
export function readTags(tags: unknown): Record<string, string> {
  if (tags === undefined || tags === null) return {};
  const valid =
    isRecord(tags) &&
    Object.keys(tags).length <= 50 &&
    Object.entries(tags).every(
      ([name, value]) => name.length <= 512 && typeof value === "string" && value.length <= 256,
    );
  if (!valid)
    throw badRequest(
      "The tags are not valid: at most 50, each value a text of at most 256 characters.",
      "InvalidTags",
    );
  return tags as Record<string, string>;
}
