import { empty, isRecord, json, newGuid } from "../server/http";
import type { ClaimsMappingPolicy } from "../tenant/tenant";
import { badRequest, notFound } from "./graphError";
import { listResponse } from "./listing";
import { requireServicePrincipal } from "./lookup";
import { invalidValue, objectIdOfLink, omit } from "./properties";
import { odataContext, parameter, readBody, type GraphContext, type Route } from "./route";

const writers = ["Policy.ReadWrite.ApplicationConfiguration"];
const readers = ["Policy.Read.All", ...writers];
const assigners = [
  "Application.ReadWrite.All+Policy.Read.All",
  "Application.ReadWrite.All+Policy.ReadWrite.ApplicationConfiguration",
];
const policies = "policies/claimsMappingPolicies";
const assigned = "servicePrincipals/{servicePrincipal}/claimsMappingPolicies";

/**
 * Policies that say which claims tokens for a service principal have. They are kept; the emulated tokens do not change.
 *
 * @see https://learn.microsoft.com/graph/api/resources/claimsmappingpolicy (read 2026-11)
 */
export const claimsMappingPolicyRoutes: readonly Route[] = [
  { method: "GET", pattern: policies, allowedBy: readers, handle: list },
  { method: "POST", pattern: policies, allowedBy: writers, handle: create },
  { method: "GET", pattern: `${policies}/{policy}`, allowedBy: readers, handle: read },
  { method: "PATCH", pattern: `${policies}/{policy}`, allowedBy: writers, handle: update },
  { method: "DELETE", pattern: `${policies}/{policy}`, allowedBy: writers, handle: remove },
  { method: "GET", pattern: assigned, allowedBy: assigners, handle: listAssigned },
  { method: "POST", pattern: `${assigned}/$ref`, allowedBy: assigners, handle: assign },
  { method: "DELETE", pattern: `${assigned}/{policy}/$ref`, allowedBy: assigners, handle: unassign },
];

function stored({ tenant }: GraphContext): Record<string, ClaimsMappingPolicy> {
  return (tenant.state.directory.policies.claimsMappingPolicies ??= {});
}

function requirePolicy(context: GraphContext, policyId: string): ClaimsMappingPolicy {
  const policy = stored(context)[policyId];
  if (policy === undefined) throw notFound(policyId);
  return policy;
}

function show(policy: ClaimsMappingPolicy): Record<string, unknown> {
  return omit({ ...policy }, "servicePrincipalIds");
}

function list(context: GraphContext): Response {
  return listResponse(context, Object.values(stored(context)).map(show), { entitySet: policies });
}

async function create(context: GraphContext): Promise<Response> {
  const { definition, displayName, isOrganizationDefault } = await readBody(context);
  if (definition === undefined || typeof displayName !== "string") {
    throw badRequest("A claims mapping policy needs 'definition' and 'displayName'.");
  }
  const policy: ClaimsMappingPolicy = {
    id: newGuid(),
    deletedDateTime: null,
    definition: readDefinition(definition),
    displayName,
    isOrganizationDefault: isOrganizationDefault === true,
    servicePrincipalIds: [],
  };
  stored(context)[policy.id] = policy;
  return json(201, { "@odata.context": odataContext(context, `${policies}/$entity`), ...show(policy) });
}

function read(context: GraphContext): Response {
  const policy = requirePolicy(context, parameter(context, "policy"));
  return json(200, { "@odata.context": odataContext(context, `${policies}/$entity`), ...show(policy) });
}

async function update(context: GraphContext): Promise<Response> {
  const { definition, displayName, isOrganizationDefault } = await readBody(context);
  const policy = requirePolicy(context, parameter(context, "policy"));
  if (definition !== undefined) policy.definition = readDefinition(definition);
  if (typeof displayName === "string") policy.displayName = displayName;
  if (typeof isOrganizationDefault === "boolean") policy.isOrganizationDefault = isOrganizationDefault;
  return empty();
}

function remove(context: GraphContext): Response {
  const { id } = requirePolicy(context, parameter(context, "policy"));
  Reflect.deleteProperty(stored(context), id);
  return empty();
}

function listAssigned(context: GraphContext): Response {
  const { id } = requireServicePrincipal(context);
  const found = Object.values(stored(context)).filter(({ servicePrincipalIds }) =>
    servicePrincipalIds.includes(id),
  );
  return listResponse(context, found.map(show), { entitySet: policies });
}

/** A service principal has at most one. */
async function assign(context: GraphContext): Promise<Response> {
  const { id } = requireServicePrincipal(context);
  const policy = requirePolicy(context, objectIdOfLink((await readBody(context))["@odata.id"]));
  if (Object.values(stored(context)).some(({ servicePrincipalIds }) => servicePrincipalIds.includes(id))) {
    throw badRequest(
      "A conflicting object with one or more of the specified property values is present in the directory.",
    );
  }
  policy.servicePrincipalIds.push(id);
  return empty();
}

function unassign(context: GraphContext): Response {
  const { id } = requireServicePrincipal(context);
  const policy = requirePolicy(context, parameter(context, "policy"));
  if (!policy.servicePrincipalIds.includes(id)) throw notFound(policy.id);
  policy.servicePrincipalIds = policy.servicePrincipalIds.filter((other) => other !== id);
  return empty();
}

/** A list of one text, which is JSON. */
function readDefinition(definition: unknown): string[] {
  const [text, ...more] = Array.isArray(definition) ? (definition as unknown[]) : [];
  if (typeof text === "string" && more.length === 0) {
    try {
      const value: unknown = JSON.parse(text);
      if (isRecord(value) && isRecord(value["ClaimsMappingPolicy"])) return [text];
    } catch {
      // Refused below.
    }
  }
  throw invalidValue("ClaimsMappingPolicy", "definition");
}
