import { empty, isRecord, json, newGuid } from "../server/http";
import { applicationEntity } from "./applicationForm";
import { badRequest, notFound } from "./graphError";
import { isoDurationMilliseconds } from "./isoDuration";
import { listResponse } from "./listing";
import { requireApplication } from "./lookup";
import { merged, objectIdOfLink } from "./properties";
import { odataContext, parameter, readBody, type GraphContext, type Route } from "./route";

const readers = [
  "Policy.Read.All",
  "Policy.ReadWrite.ApplicationConfiguration",
  "Policy.Read.ApplicationConfiguration",
];
const writers = ["Policy.ReadWrite.ApplicationConfiguration"];
const assigners = [
  "Application.ReadWrite.All+Policy.ReadWrite.ApplicationConfiguration",
  "Application.ReadWrite.All+Policy.Read.All",
];
const defaultPolicy = "policies/defaultAppManagementPolicy";
const policies = "policies/appManagementPolicies";
const assigned = "applications/{application}/appManagementPolicies";

/**
 * The tenant's rules on client secrets and certificates: the default policy, policies of their own for single applications.
 *
 * @see https://learn.microsoft.com/graph/api/resources/applicationauthenticationmethodpolicy (read 2026-11)
 */
export const appManagementPolicyRoutes: readonly Route[] = [
  { method: "GET", pattern: defaultPolicy, allowedBy: readers, handle: readDefault },
  { method: "PATCH", pattern: defaultPolicy, allowedBy: writers, handle: updateDefault },
  { method: "GET", pattern: policies, allowedBy: readers, handle: list },
  { method: "POST", pattern: policies, allowedBy: writers, handle: create },
  { method: "GET", pattern: `${policies}/{policy}`, allowedBy: readers, handle: read },
  { method: "PATCH", pattern: `${policies}/{policy}`, allowedBy: writers, handle: update },
  { method: "DELETE", pattern: `${policies}/{policy}`, allowedBy: writers, handle: remove },
  { method: "GET", pattern: `${policies}/{policy}/appliesTo`, allowedBy: readers, handle: appliesTo },
  { method: "GET", pattern: assigned, allowedBy: readers, handle: listAssigned },
  { method: "POST", pattern: `${assigned}/$ref`, allowedBy: assigners, handle: assign },
  { method: "DELETE", pattern: `${assigned}/{policy}/$ref`, allowedBy: assigners, handle: unassign },
];

function readDefault(context: GraphContext): Response {
  const policy = context.tenant.state.directory.policies.defaultAppManagementPolicy;
  return json(200, { "@odata.context": odataContext(context, `${defaultPolicy}/$entity`), ...policy });
}

async function updateDefault(context: GraphContext): Promise<Response> {
  const { policies: stored } = context.tenant.state.directory;
  stored.defaultAppManagementPolicy = merged(
    stored.defaultAppManagementPolicy,
    stored.defaultAppManagementPolicy,
    readChange(await readBody(context)),
  ) as object;
  return empty();
}

function list(context: GraphContext): Response {
  const items = Object.values(context.tenant.state.directory.policies.appManagementPolicies);
  return listResponse(
    context,
    items.map((policy) => ({ ...policy })),
    { entitySet: policies },
  );
}

async function create(context: GraphContext): Promise<Response> {
  const body = readChange(await readBody(context));
  if (typeof body["displayName"] !== "string" || !isRecord(body["restrictions"])) {
    throw badRequest(
      "One or more property values specified are invalid: 'displayName' and 'restrictions' are required.",
    );
  }
  const policy = { isEnabled: false, description: null, ...body, id: newGuid() };
  context.tenant.state.directory.policies.appManagementPolicies[policy.id] = policy;
  return json(201, { "@odata.context": odataContext(context, `${policies}/$entity`), ...policy });
}

function requirePolicy(context: GraphContext, policyId: string): object {
  const policy = context.tenant.state.directory.policies.appManagementPolicies[policyId];
  if (policy === undefined) throw notFound(policyId);
  return policy;
}

function read(context: GraphContext): Response {
  const policy = requirePolicy(context, parameter(context, "policy"));
  return json(200, { "@odata.context": odataContext(context, `${policies}/$entity`), ...policy });
}

async function update(context: GraphContext): Promise<Response> {
  const policyId = parameter(context, "policy");
  const policy = requirePolicy(context, policyId);
  const { appManagementPolicies } = context.tenant.state.directory.policies;
  appManagementPolicies[policyId] = merged(policy, policy, readChange(await readBody(context))) as object;
  return empty();
}

function remove(context: GraphContext): Response {
  const policyId = parameter(context, "policy");
  requirePolicy(context, policyId);
  const { appManagementPolicies, appManagementPolicyAssignments } = context.tenant.state.directory.policies;
  if (Object.values(appManagementPolicyAssignments).includes(policyId)) {
    throw badRequest("The policy is still assigned to an application and cannot be deleted.");
  }
  Reflect.deleteProperty(appManagementPolicies, policyId);
  return empty();
}

function appliesTo(context: GraphContext): Response {
  const policyId = parameter(context, "policy");
  requirePolicy(context, policyId);
  const { state } = context.tenant;
  const applicationIds = Object.entries(state.directory.policies.appManagementPolicyAssignments)
    .filter(([, assignedId]) => assignedId === policyId)
    .map(([applicationObjectId]) => applicationObjectId);
  const found = applicationIds.flatMap((id) => state.directory.applications[id] ?? []);
  return listResponse(
    context,
    found.map((item) => applicationEntity(item, context.tenant)),
    { entitySet: "directoryObjects" },
  );
}

function listAssigned(context: GraphContext): Response {
  const { policies: stored } = context.tenant.state.directory;
  const policyId = stored.appManagementPolicyAssignments[requireApplication(context).id];
  const policy = policyId === undefined ? undefined : stored.appManagementPolicies[policyId];
  return listResponse(context, policy === undefined ? [] : [{ ...policy }], { entitySet: policies });
}

async function assign(context: GraphContext): Promise<Response> {
  const application = requireApplication(context);
  const policyId = objectIdOfLink((await readBody(context))["@odata.id"]);
  requirePolicy(context, policyId);
  context.tenant.state.directory.policies.appManagementPolicyAssignments[application.id] = policyId;
  return empty();
}

function unassign(context: GraphContext): Response {
  const { appManagementPolicyAssignments } = context.tenant.state.directory.policies;
  const application = requireApplication(context);
  const policyId = parameter(context, "policy");
  if (appManagementPolicyAssignments[application.id] !== policyId) throw notFound(policyId);
  Reflect.deleteProperty(appManagementPolicyAssignments, application.id);
  return empty();
}

/** The properties of a policy that a client may set, with their restrictions judged. */
function readChange(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const change = Object.fromEntries(
    Object.entries(body).filter(([name]) => !name.includes("@") && name !== "id"),
  );
  for (const restrictions of [change["applicationRestrictions"], change["restrictions"]]) {
    if (!isRecord(restrictions)) continue;
    const all = [restrictions["passwordCredentials"], restrictions["keyCredentials"]].flat().filter(isRecord);
    for (const { maxLifetime } of all) {
      if (typeof maxLifetime === "string" && isoDurationMilliseconds(maxLifetime) === undefined) {
        throw badRequest("Cannot convert a value of property 'maxLifetime' to type 'Edm.Duration'.");
      }
    }
  }
  return change;
}
