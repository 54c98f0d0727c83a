import { cloudOf } from "../tenant/clouds";
import { empty, json } from "../server/http";
import type { ArmResource } from "../tenant/tenant";
import { isPermitted } from "./access";
import { ArmError, badRequest, methodNotAllowed } from "./armError";
import { demandRight, readBody, type ArmRequest } from "./armRequest";
import { page } from "./lists";
import { isRegion, normaliseLocation } from "./locations";
import { beginOperation } from "./operations";
import { removeResource } from "./removal";
import { readTags } from "./resources";
import { groupKey, requireGroup } from "./scopes";

const type = "Microsoft.Resources/resourceGroups";
const right = "Microsoft.Resources/subscriptions/resourceGroups";

/** `GET /subscriptions/{s}/resourcegroups`: those that the caller may read, as ARM lists them. */
export function listResourceGroups(request: ArmRequest): Response {
  const { tenant, caller, method } = request;
  if (method !== "GET") throw methodNotAllowed(method);
  const groups = Object.values(tenant.state.arm.resources)
    .filter((resource) => resource.type === type)
    .filter(({ id }) => isPermitted(tenant, caller.objectId, { action: `${right}/read` }, id));
  return json(200, page(groups, new URL(request.request.url)));
}

/**
 * PUT, GET, HEAD, PATCH and DELETE of one resource group; DELETE takes everything inside along.
 *
 * @see https://learn.microsoft.com/rest/api/resources/resource-groups (read 2026-11)
 */
export async function handleResourceGroup(request: ArmRequest): Promise<Response> {
  const { tenant, method, path } = request;
  const name = path.scope.split("/")[4] ?? "";
  const { resources } = tenant.state.arm;
  const key = groupKey(tenant, name);
  switch (method) {
    case "GET":
      demandRight(request, `${right}/read`, path.scope);
      return json(200, requireGroup(tenant, name));
    case "HEAD":
      demandRight(request, `${right}/read`, path.scope);
      return empty(resources[key] === undefined ? 404 : 204);
    case "PUT": {
      demandRight(request, `${right}/write`, path.scope);
      const body = await readBody(request);
      const existing = resources[key];
      const group = readGroup(request, name, existing, body);
      resources[key] = group;
      return json(existing === undefined ? 201 : 200, group);
    }
    case "PATCH": {
      demandRight(request, `${right}/write`, path.scope);
      const { tags } = await readBody(request);
      const group = requireGroup(tenant, name);
      if (tags !== undefined) group.tags = readTags(tags);
      return json(200, group);
    }
    case "DELETE":
      demandRight(request, `${right}/delete`, path.scope);
      return removeGroup(request, requireGroup(tenant, name));
    default:
      throw methodNotAllowed(method);
  }
}

function readGroup(
  { tenant }: ArmRequest,
  name: string,
  existing: ArmResource | undefined,
  body: Record<string, unknown>,
): ArmResource {
  if (!/^[-\w.()]{1,90}$/.test(name) || name.endsWith(".")) {
    throw badRequest(
      `The provided resource group name '${name}' has these invalid characters or length: it can only include ` +
        "alphanumeric, underscore, parentheses, hyphen and period (except at the end), at most 90 characters.",
      "InvalidResourceGroupName",
    );
  }
  const { location: given, tags, managedBy } = body;
  if (typeof given !== "string" || given === "") {
    throw badRequest("The location property is required for this definition.", "LocationRequired");
  }
  const location = normaliseLocation(given);
  if (!isRegion(cloudOf(tenant.state), location)) {
    throw badRequest(
      `The provided location '${given}' is not available for resource group.`,
      "LocationNotAvailableForResourceGroup",
    );
  }
  if (existing?.location !== undefined && existing.location !== location) {
    throw new ArmError(
      409,
      "InvalidResourceGroupLocation",
      `Invalid resource group location '${location}'. The Resource group already exists in location '${existing.location}'.`,
    );
  }
  return {
    id: existing?.id ?? `/subscriptions/${tenant.state.subscriptionId}/resourceGroups/${name}`,
    name: existing?.name ?? name,
    type,
    location,
    ...(tags === undefined ? {} : { tags: readTags(tags) }),
    ...(typeof managedBy === "string" ? { managedBy } : {}),
    properties: { provisioningState: "Succeeded" },
  };
}

function removeGroup({ tenant, apiVersion }: ArmRequest, group: ArmResource): Response {
  const resourceId = group.id.toLowerCase();
  if (tenant.faults.armAsync === true) {
    group.properties["provisioningState"] = "Deleting";
    const place = `/subscriptions/${tenant.state.subscriptionId}`;
    return empty(202, beginOperation(tenant, { kind: "delete", resourceId }, place, apiVersion));
  }
  removeResource(tenant, resourceId);
  return empty(200);
}
