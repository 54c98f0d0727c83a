import { json } from "../server/http";
import type { ArmResource } from "../tenant/tenant";
import { isPermitted } from "./access";
import { methodNotAllowed } from "./armError";
import { isWithin, parseScope } from "./armPath";
import type { ArmRequest } from "./armRequest";
import { page, parseFilter } from "./lists";
import { requireScope } from "./scopes";

/**
 * `GET …/resources` of a subscription or a group: the top-level resources that the caller may read, without
 * their properties, filtered as the CLI and the clients do.
 *
 * @see https://learn.microsoft.com/rest/api/resources/resources/list (read 2026-11)
 */
export function listResourcesIn(request: ArmRequest): Response {
  const { tenant, caller, method, path, query } = request;
  if (method !== "GET") throw methodNotAllowed(method);
  const scope = requireScope(tenant, path.scope);
  const { equals } = parseFilter(query.get("$filter"), [
    "resourcetype",
    "name",
    "resourcegroup",
    "location",
    "tagname",
    "tagvalue",
  ]);
  const wanted = (name: string, actual: string | undefined): boolean => {
    const value = equals.get(name);
    return value === undefined || value.toLowerCase() === actual?.toLowerCase();
  };
  const tagName = equals.get("tagname");
  const found = Object.values(tenant.state.arm.resources)
    .filter((resource) => isListed(resource) && isWithin(resource.id, scope))
    .filter((resource) => wanted("resourcetype", resource.type) && wanted("name", resource.name))
    .filter((resource) => wanted("resourcegroup", parseScope(resource.id).resourceGroupName))
    .filter((resource) => wanted("location", resource.location))
    .filter(
      ({ tags }) =>
        tagName === undefined || (tags?.[tagName] !== undefined && wanted("tagvalue", tags[tagName])),
    )
    .filter(({ id, type }) => isPermitted(tenant, caller.objectId, { action: `${type}/read` }, id));
  return json(200, page(found.map(summarise), new URL(request.request.url)));
}

/** ARM tracks what has a location and is not a group itself. */
function isListed({ type, location }: ArmResource): boolean {
  return type !== "Microsoft.Resources/resourceGroups" && location !== undefined;
}

function summarise({ id, name, type, location, tags, kind, sku, identity }: ArmResource): object {
  const optional = Object.entries({ kind, sku, identity }).filter(([, value]) => value !== undefined);
  return { id, name, type, location, tags, ...Object.fromEntries(optional) };
}
