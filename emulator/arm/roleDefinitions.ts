import { empty, isGuid, isRecord, json } from "../server/http";
import type { RoleDefinition, RolePermissions } from "../tenant/tenant";
import { assignmentsReaching, findRole } from "./access";
import { ArmError, badRequest, methodNotAllowed } from "./armError";
import { isWithin } from "./armPath";
import { demandRight, readBody, type ArmRequest } from "./armRequest";
import { builtInRoles } from "./builtInRoles";
import { page, parseFilter } from "./lists";

const right = "Microsoft.Authorization/roleDefinitions";

/**
 * `{scope}/providers/Microsoft.Authorization/roleDefinitions[/{guid}]`: the built-in roles, and custom ones by PUT
 * and DELETE.
 *
 * @see https://learn.microsoft.com/rest/api/authorization/role-definitions (read 2026-11)
 */
export async function handleRoleDefinitions(request: ArmRequest): Promise<Response> {
  const { method, path, tenant } = request;
  const [guid] = path.names;
  const id = `${path.scope}/providers/Microsoft.Authorization/roleDefinitions${guid === undefined ? "" : `/${guid}`}`;
  if (guid === undefined) {
    if (method !== "GET") throw methodNotAllowed(method);
    demandRight(request, `${right}/read`, path.scope);
    return list(request);
  }
  switch (method) {
    case "GET": {
      demandRight(request, `${right}/read`, id);
      const role = findRole(tenant.state, guid);
      if (role === undefined) throw roleNotFound(guid);
      return json(200, describe(role, path.scope));
    }
    case "PUT":
      demandRight(request, `${right}/write`, id);
      return put(request, guid.toLowerCase());
    case "DELETE":
      demandRight(request, `${right}/delete`, id);
      return remove(request, guid.toLowerCase());
    default:
      throw methodNotAllowed(method);
  }
}

/** `GET {scope}/providers/Microsoft.Authorization/permissions`: what the caller's roles allow at a scope. */
export function listPermissions({ method, path, tenant, caller }: ArmRequest): Response {
  if (method !== "GET") throw methodNotAllowed(method);
  const value = assignmentsReaching(tenant.state, caller.objectId, path.scope).flatMap(
    ({ roleDefinitionId }) => findRole(tenant.state, roleDefinitionId)?.permissions ?? [],
  );
  return json(200, { value });
}

/** 404 for a role that is neither built in nor in the tenant. */
export function roleNotFound(roleDefinitionId: string): ArmError {
  return new ArmError(
    404,
    "RoleDefinitionDoesNotExist",
    `The specified role definition with ID '${roleDefinitionId.slice(roleDefinitionId.lastIndexOf("/") + 1)}' does not exist.`,
  );
}

function list({ tenant, path, query, request }: ArmRequest): Response {
  const { equals } = parseFilter(query.get("$filter"), ["rolename", "type", "atscopeandbelow"]);
  const roleName = equals.get("rolename")?.toLowerCase();
  const type = equals.get("type")?.toLowerCase();
  const custom = Object.values(tenant.state.arm.roleDefinitions).filter(({ assignableScopes }) =>
    assignableScopes.some(
      (scope) => path.scope === "" || isWithin(path.scope, scope) || isWithin(scope, path.scope),
    ),
  );
  const roles = [...builtInRoles, ...custom]
    .filter((role) => roleName === undefined || role.roleName.toLowerCase() === roleName)
    .filter((role) => type === undefined || role.roleType.toLowerCase() === type);
  return json(
    200,
    page(
      roles.map((role) => describe(role, path.scope)),
      new URL(request.url),
    ),
  );
}

async function put(request: ArmRequest, guid: string): Promise<Response> {
  const { tenant, caller, path } = request;
  if (!isGuid(guid))
    throw badRequest(`The role definition ID '${guid}' is not a GUID.`, "InvalidRoleDefinitionId");
  if (builtInRoles.some(({ name }) => name === guid)) {
    throw badRequest("Built-in role definitions cannot be changed.", "RoleDefinitionUpdateNotPermitted");
  }
  const { properties } = await readBody(request);
  const role = readRole(guid, isRecord(properties) ? properties : {});
  for (const scope of role.assignableScopes) demandRight(request, `${right}/write`, scope);
  const namesake = [...builtInRoles, ...Object.values(tenant.state.arm.roleDefinitions)].find(
    ({ name, roleName }) => name !== guid && roleName.toLowerCase() === role.roleName.toLowerCase(),
  );
  if (namesake !== undefined) {
    throw new ArmError(
      409,
      "RoleDefinitionWithSameNameExists",
      "A custom role with the same name already exists in this directory. Use a different name.",
    );
  }
  const now = roleTime(tenant.clock.now());
  const existing = tenant.state.arm.roleDefinitions[guid];
  tenant.state.arm.roleDefinitions[guid] = {
    ...role,
    createdOn: existing?.createdOn ?? now,
    updatedOn: now,
    createdBy: existing?.createdBy ?? caller.objectId,
    updatedBy: caller.objectId,
  };
  // Only this answer, also to a change, shows a new role without a creator.
  const answered = { ...role, createdOn: now, updatedOn: now, createdBy: null, updatedBy: caller.objectId };
  return json(201, describe(answered, path.scope));
}

function remove({ tenant, path }: ArmRequest, guid: string): Response {
  const role = tenant.state.arm.roleDefinitions[guid];
  if (role === undefined) {
    if (builtInRoles.some(({ name }) => name === guid)) {
      throw badRequest("Built-in role definitions cannot be deleted.", "RoleDefinitionDeleteNotPermitted");
    }
    return empty(204);
  }
  const assigned = Object.values(tenant.state.arm.roleAssignments).some(({ roleDefinitionId }) =>
    roleDefinitionId.toLowerCase().endsWith(guid),
  );
  if (assigned) {
    throw badRequest(
      "There are existing role assignments referencing role (code: RoleDefinitionHasAssignments).",
      "RoleDefinitionHasAssignments",
    );
  }
  Reflect.deleteProperty(tenant.state.arm.roleDefinitions, guid);
  return json(200, describe(role, path.scope));
}

function readRole(guid: string, properties: Record<string, unknown>): RoleDefinition {
  const { roleName, description, assignableScopes, permissions } = properties;
  const scopes = texts(assignableScopes);
  if (typeof roleName !== "string" || roleName === "" || scopes.length === 0 || !Array.isArray(permissions)) {
    throw badRequest(
      "A custom role needs roleName, permissions and at least one of assignableScopes.",
      "InvalidRoleDefinition",
    );
  }
  return {
    name: guid,
    roleName,
    description: typeof description === "string" ? description : "",
    roleType: "CustomRole",
    assignableScopes: scopes,
    permissions: permissions.filter(isRecord).map(readPermissions),
  };
}

function readPermissions(block: Record<string, unknown>): RolePermissions {
  return {
    actions: texts(block["actions"]),
    notActions: texts(block["notActions"]),
    dataActions: texts(block["dataActions"]),
    notDataActions: texts(block["notDataActions"]),
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

/** When Azure got its first built-in roles; those of the emulator say no other date. */
const builtInSince = "2015-02-02T21:55:09.8806423Z";

/** Authorization's times have seven digits after the second. */
export function roleTime(instant: Date): string {
  return `${instant.toISOString().slice(0, -1)}0000Z`;
}

/** Below a subscription, ARM names a role by that subscription; elsewhere by the tenant. */
function describe(role: RoleDefinition, scope: string): object {
  const { name, roleName, description, roleType, assignableScopes, permissions } = role;
  const { createdOn = builtInSince, updatedOn = createdOn, createdBy = null, updatedBy = createdBy } = role;
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? "";
  return {
    id: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${name}`,
    name,
    type: "Microsoft.Authorization/roleDefinitions",
    properties: {
      roleName,
      type: roleType,
      description,
      assignableScopes,
      permissions,
      createdOn,
      updatedOn,
      createdBy,
      updatedBy,
    },
  };
}
