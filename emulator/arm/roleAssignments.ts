import { roleGuidIn } from "./roleIds";
import { empty, isGuid, isRecord, json } from "../server/http";
import type { RoleAssignment, Tenant } from "../tenant/tenant";
import { decide, findRole, principalAndGroups } from "./access";
import { ArmError, badRequest, methodNotAllowed } from "./armError";
import { isWithin } from "./armPath";
import { demandRight, readBody, type ArmRequest } from "./armRequest";
import { page, parseFilter } from "./lists";
import { invalidCondition, parseCondition } from "./roleCondition";
import { roleNotFound, roleTime } from "./roleDefinitions";
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
      return put(request, guid, id);
    case "DELETE": {
      const assignment = roleAssignments[id.toLowerCase()];
      if (assignment === undefined) return removeNothing(request, id);
      demandRight(request, `${right}/delete`, id, { Request: {}, Resource: conditionAttributes(assignment) });
      Reflect.deleteProperty(roleAssignments, id.toLowerCase());
      return json(200, describe(assignment));
    }
    default:
      throw methodNotAllowed(method);
  }
}

/** What is gone already has no attributes; Azure does not document whether a condition then counts as met: here it does. */
function removeNothing(request: ArmRequest, id: string): Response {
  const { tenant, caller } = request;
  const decision = decide(tenant, caller.objectId, { action: `${right}/delete` }, id);
  if (decision === "denied") demandRight(request, `${right}/delete`, id);
  return empty(204);
}

/** What a condition can judge of a role assignment. */
function conditionAttributes(assignment: {
  readonly roleDefinitionId?: unknown;
  readonly principalId?: unknown;
  readonly principalType?: unknown;
}): Record<string, string> {
  const { roleDefinitionId, principalId, principalType } = assignment;
  const role = typeof roleDefinitionId === "string" ? roleGuidIn(roleDefinitionId) : undefined;
  return Object.fromEntries(
    Object.entries({
      RoleDefinitionId: role,
      PrincipalId: principalId,
      PrincipalType: principalType,
    }).flatMap(([name, value]) => (typeof value === "string" ? [[`${right}:${name}`, value]] : [])),
  );
}

async function put(request: ArmRequest, guid: string, askedId: string): Promise<Response> {
  const { tenant, caller, path } = request;
  const { roleAssignments } = tenant.state.arm;
  const { properties } = await readBody(request);
  const asked = isRecord(properties) ? properties : {};
  demandRight(request, `${right}/write`, askedId, { Request: conditionAttributes(asked), Resource: {} });
  if (!isGuid(guid)) {
    throw badRequest(
      `The role assignment ID '${guid}' is not valid. The role assignment ID must be a GUID.`,
      "InvalidRoleAssignmentId",
    );
  }
  const scope = requireScope(tenant, path.scope);
  const id = `${scope}/providers/${right}/${guid}`;
  const wanted = readAssignment(tenant, asked);
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
  const now = roleTime(tenant.clock.now());
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
  // Only this answer, also to a change, shows a new assignment without a creator.
  return json(201, describe({ ...assignment, createdOn: now, createdBy: null }));
}

function readAssignment(
  tenant: Tenant,
  asked: Readonly<Record<string, unknown>>,
): {
  roleDefinitionId: string;
  principalId: string;
  principalType: string;
  description: string | null;
  condition: string | null;
  conditionVersion: string | null;
} {
  const { roleDefinitionId, principalId, principalType, description } = asked;
  if (typeof roleDefinitionId !== "string" || typeof principalId !== "string" || !isGuid(principalId)) {
    throw badRequest(
      "The request is incorrectly formatted: it needs properties.roleDefinitionId and properties.principalId, a GUID.",
      "BadRequestFormat",
    );
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
    ...readCondition(asked),
  };
}

/** @see https://learn.microsoft.com/azure/role-based-access-control/conditions-role-assignments-rest (read 2026-11) */
function readCondition({ condition, conditionVersion = "2.0" }: Readonly<Record<string, unknown>>): {
  condition: string | null;
  conditionVersion: string | null;
} {
  if (condition === undefined || condition === null) return { condition: null, conditionVersion: null };
  if (typeof condition !== "string" || conditionVersion !== "2.0") throw invalidCondition();
  parseCondition(condition);
  return { condition, conditionVersion };
}

/**
 * The principal's type. Azure looks a principal up among replicas; a new one is missed there, unless the caller says
 * that it is a service principal, in which case Azure believes in it until it appears, whether it ever does or not.
 *
 * @throws {ArmError} 400 `PrincipalNotFound` or `UnmatchedPrincipalType`.
 */
function judgePrincipal(tenant: Tenant, principalId: string, given: string | undefined): string {
  const actual = principalTypeOf(tenant, principalId.toLowerCase());
  const isSeen =
    given !== undefined || tenant.replication.isVisible(principalId, tenant.clock.now(), tenant.faults);
  const compact = principalId.replaceAll("-", "");
  if (actual === undefined && given === "ServicePrincipal") return given;
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
  return [principalId, roleGuidIn(roleDefinitionId), scope].join(" ").toLowerCase();
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
      condition: assignment["condition"] ?? null,
      conditionVersion: assignment["conditionVersion"] ?? null,
      createdOn,
      updatedOn: assignment["updatedOn"] ?? createdOn,
      createdBy: assignment["createdBy"] ?? null,
      updatedBy: assignment["updatedBy"] ?? null,
      delegatedManagedIdentityResourceId: null,
      description: assignment["description"] ?? null,
    },
  };
}
