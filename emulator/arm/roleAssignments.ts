import { empty, isGuid, isRecord, json } from "../http";
import type { RoleAssignment, Tenant } from "../tenant";
import { findRole, principalAndGroups } from "./access";
import { ArmError, badRequest, methodNotAllowed } from "./armError";
import { isWithin } from "./armPath";
import { demandRight, readBody, type ArmRequest } from "./armRequest";
import { page, parseFilter } from "./lists";
import { roleNotFound } from "./roleDefinitions";
import { requireScope } from "./scopes";

const right = "Microsoft.Authorization/roleAssignments";

/**
 * `{scope}/providers/Microsoft.Authorization/roleAssignments[/{guid}]`.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/role-assignments-rest (read 2026-11)
 * @see https://learn.microsoft.com/azure/role-based-access-control/troubleshooting (read 2026-11)
 */
export async function handleRoleAssignments(request: ArmRequest): Promise<Response> {
  const { method, path, tenant } = request;
  const [guid] = path.names;
  if (guid === undefined) {
    if (method !== "GET") throw methodNotAllowed(method);
    demandRight(request, `${right}/read`, path.scope);
    return list(request);
  }
  const id = `${path.scope}/providers/${right}/${guid}`;
  const { roleAssignments } = tenant.state.arm;
  switch (method) {
    case "GET": {
      demandRight(request, `${right}/read`, id);
      requireScope(tenant, path.scope);
      const assignment = roleAssignments[id.toLowerCase()];
      if (assignment === undefined) {
        throw new ArmError(404, "RoleAssignmentNotFound", `The role assignment '${guid}' is not found.`);
      }
      return json(200, describe(assignment));
    }
    case "PUT":
      demandRight(request, `${right}/write`, id);
      return put(request, guid);
    case "DELETE": {
      demandRight(request, `${right}/delete`, id);
      const assignment = roleAssignments[id.toLowerCase()];
      if (assignment === undefined) return empty(204);
      Reflect.deleteProperty(roleAssignments, id.toLowerCase());
      return json(200, describe(assignment));
    }
    default:
      throw methodNotAllowed(method);
  }
}

async function put(request: ArmRequest, guid: string): Promise<Response> {
  const { tenant, caller, path } = request;
  const { roleAssignments } = tenant.state.arm;
  if (!isGuid(guid)) {
    throw badRequest(
      `The role assignment ID '${guid}' is not valid. The role assignment ID must be a GUID.`,
      "InvalidRoleAssignmentId",
    );
  }
  const scope = requireScope(tenant, path.scope);
  const id = `${scope}/providers/${right}/${guid}`;
  const wanted = await readAssignment(request);
  const role = findRole(tenant.state, wanted.roleDefinitionId);
  if (role?.assignableScopes.some((assignable) => isWithin(scope, assignable)) !== true) {
    throw badRequest(
      `The role definition '${wanted.roleDefinitionId}' is not assignable at the scope '${scope}'.`,
      "RoleAssignmentScopeNotAssignableToRoleDefinition",
    );
  }
  const existing = roleAssignments[id.toLowerCase()];
  if (existing !== undefined && identity(existing) !== identity({ ...wanted, scope })) {
    throw badRequest(
      "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
      "RoleAssignmentUpdateNotPermitted",
    );
  }
  const same = Object.values(roleAssignments).find(
    (assignment) =>
      assignment.name !== existing?.name && identity(assignment) === identity({ ...wanted, scope }),
  );
  if (same !== undefined) {
    throw new ArmError(
      409,
      "RoleAssignmentExists",
      `The role assignment already exists. The ID of the existing role assignment is ${same.name.replaceAll("-", "")}.`,
    );
  }
  const now = tenant.clock.now().toISOString();
  const assignment: RoleAssignment = {
    ...wanted,
    id,
    name: existing?.name ?? guid,
    scope,
    createdOn: existing?.createdOn ?? now,
    updatedOn: now,
    createdBy: existing?.["createdBy"] ?? caller.objectId,
    updatedBy: caller.objectId,
  };
  roleAssignments[id.toLowerCase()] = assignment;
  return json(existing === undefined ? 201 : 200, describe(assignment));
}

async function readAssignment(request: ArmRequest): Promise<{
  roleDefinitionId: string;
  principalId: string;
  principalType: string;
  description: string | null;
}> {
  const { tenant } = request;
  const { properties } = await readBody(request);
  const { roleDefinitionId, principalId, principalType, description, condition } = isRecord(properties)
    ? properties
    : {};
  if (typeof roleDefinitionId !== "string" || typeof principalId !== "string" || !isGuid(principalId)) {
    throw badRequest(
      "The request is incorrectly formatted: it needs properties.roleDefinitionId and properties.principalId, a GUID.",
      "BadRequestFormat",
    );
  }
  if (condition !== undefined && condition !== null) {
    throw new ArmError(501, "NotEmulated", "Conditions on role assignments are not emulated.");
  }
  const role = findRole(tenant.state, roleDefinitionId);
  if (role === undefined) throw roleNotFound(roleDefinitionId);
  return {
    roleDefinitionId: `/subscriptions/${tenant.state.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role.name}`,
    principalId,
    principalType: judgePrincipal(
      tenant,
      principalId,
      typeof principalType === "string" ? principalType : undefined,
    ),
    description: typeof description === "string" ? description : null,
  };
}

/**
 * The principal's type. Azure looks a principal up among replicas; a new one is missed there, unless the caller says
 * its type, in which case Azure believes in it until it appears.
 *
 * @throws {ArmError} 400 `PrincipalNotFound` or `UnmatchedPrincipalType`.
 */
function judgePrincipal(tenant: Tenant, principalId: string, given: string | undefined): string {
  const actual = principalTypeOf(tenant, principalId.toLowerCase());
  const isSeen =
    given !== undefined || tenant.replication.isVisible(principalId, tenant.clock.now(), tenant.faults);
  const compact = principalId.replaceAll("-", "");
  if (actual === undefined || !isSeen) {
    throw badRequest(
      `Principal ${compact} does not exist in the directory ${tenant.state.tenantId}. Check that you have the correct ` +
        "principal ID. If you are creating this principal and then immediately assigning a role, this error might be " +
        "related to a replication delay. In this case, set the role assignment principalType property to a value, such " +
        "as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
      "PrincipalNotFound",
    );
  }
  if (given !== undefined && given !== actual) {
    throw badRequest(
      `The PrincipalId '${compact}' has type '${actual}' , which is different from specified PrinciaplType '${given}'.`,
      "UnmatchedPrincipalType",
    );
  }
  return actual;
}

function principalTypeOf({ state }: Tenant, principalId: string): string | undefined {
  const { servicePrincipals, users, groups } = state.directory;
  if (servicePrincipals[principalId] !== undefined) return "ServicePrincipal";
  if (users[principalId] !== undefined) return "User";
  return groups[principalId] === undefined ? undefined : "Group";
}

/** `atScope()`: at the scope and around it; otherwise those inside it too. */
function list({ tenant, path, query, request }: ArmRequest): Response {
  const { equals, functions } = parseFilter(query.get("$filter"), ["principalid", "atscope", "assignedto"]);
  const principalId = equals.get("principalid")?.toLowerCase();
  const assignedTo = functions.get("assignedto");
  const principals =
    assignedTo === undefined
      ? new Set(principalId === undefined ? [] : [principalId])
      : principalAndGroups(tenant.state, assignedTo);
  const scope = requireScope(tenant, path.scope);
  const found = Object.values(tenant.state.arm.roleAssignments)
    .filter((assignment) => principals.size === 0 || principals.has(assignment.principalId.toLowerCase()))
    .filter(
      (assignment) =>
        isWithin(scope, assignment.scope) || (!functions.has("atscope") && isWithin(assignment.scope, scope)),
    );
  return json(200, page(found.map(describe), new URL(request.url)));
}

function identity(assignment: Pick<RoleAssignment, "principalId" | "roleDefinitionId" | "scope">): string {
  const { principalId, roleDefinitionId, scope } = assignment;
  const role = roleDefinitionId.slice(roleDefinitionId.lastIndexOf("/") + 1);
  return [principalId, role, scope].join(" ").toLowerCase();
}

function describe(assignment: RoleAssignment): object {
  const { id, name, roleDefinitionId, principalId, principalType, scope, createdOn } = assignment;
  return {
    id,
    name,
    type: right,
    properties: {
      roleDefinitionId,
      principalId,
      principalType,
      scope: scope === "" ? "/" : scope,
      condition: null,
      conditionVersion: null,
      createdOn,
      updatedOn: assignment["updatedOn"] ?? createdOn,
      createdBy: assignment["createdBy"] ?? null,
      updatedBy: assignment["updatedBy"] ?? null,
      delegatedManagedIdentityResourceId: null,
      description: assignment["description"] ?? null,
    },
  };
}
