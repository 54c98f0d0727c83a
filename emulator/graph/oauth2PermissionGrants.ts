import { permissionGrantId } from "../entra/consent";
import { empty, isGuid, textOf } from "../server/http";
import type { DelegatedPermissionGrant } from "../tenant/tenant";
import { locationOf } from "./entitySet";
import { badRequest, GraphError, notFound } from "./graphError";
import { entityResponse, listResponse, type Entity } from "./listing";
import { requireServicePrincipal } from "./lookup";
import { invalidValue } from "./properties";
import { parameter, readBody, type GraphContext, type Route } from "./route";

const entitySet = "oauth2PermissionGrants";
const one = `${entitySet}/{grant}`;
const writers = ["DelegatedPermissionGrant.ReadWrite.All", "Directory.ReadWrite.All"];
const readers = ["DelegatedPermissionGrant.Read.All", ...writers, "Directory.Read.All"];

/**
 * `oauth2PermissionGrants`: delegated permissions that a client has by consent, of one person or of an administrator
 * for everyone.
 *
 * @see https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant (read 2026-11)
 */
export const oauth2PermissionGrantRoutes: readonly Route[] = [
  {
    method: "GET",
    pattern: entitySet,
    allowedBy: readers,
    handle: (context) => listResponse(context, entities(context), { entitySet, properties }),
  },
  {
    method: "GET",
    pattern: "servicePrincipals/{servicePrincipal}/oauth2PermissionGrants",
    allowedBy: readers,
    handle: (context) => {
      const { id } = requireServicePrincipal(context);
      const held = entities(context).filter(({ clientId }) => clientId === id);
      return listResponse(context, held, { entitySet, properties });
    },
  },
  { method: "POST", pattern: entitySet, allowedBy: writers, handle: create },
  {
    method: "GET",
    pattern: one,
    allowedBy: readers,
    handle: (context) => entityResponse(context, { ...requireGrant(context) }, { entitySet, properties }),
  },
  { method: "PATCH", pattern: one, allowedBy: writers, handle: update },
  {
    method: "DELETE",
    pattern: one,
    allowedBy: writers,
    handle: (context) => {
      const { id } = requireGrant(context);
      Reflect.deleteProperty(grantsOf(context), id);
      return empty();
    },
  },
];

const properties: ReadonlySet<string> = new Set([
  "clientId",
  "consentType",
  "id",
  "principalId",
  "resourceId",
  "scope",
]);

function grantsOf({ tenant }: GraphContext): Record<string, DelegatedPermissionGrant> {
  return (tenant.state.directory.oauth2PermissionGrants ??= {});
}

/** Of what is deleted, grants stay unseen until it is restored. */
function entities(context: GraphContext): Entity[] {
  const { servicePrincipals } = context.tenant.state.directory;
  return Object.values(grantsOf(context))
    .filter(({ clientId, resourceId }) => clientId in servicePrincipals && resourceId in servicePrincipals)
    .map((grant) => ({ ...grant }));
}

function requireGrant(context: GraphContext): DelegatedPermissionGrant {
  const id = parameter(context, "grant");
  const found = grantsOf(context)[id];
  if (found === undefined) throw notFound(id);
  return found;
}

async function create(context: GraphContext): Promise<Response> {
  const body = await readBody(context);
  const { consentType, scope = "", principalId = null } = body;
  const clientId = readServicePrincipalId(context, body, "clientId");
  const resourceId = readServicePrincipalId(context, body, "resourceId");
  if (consentType !== "AllPrincipals" && consentType !== "Principal") throw invalid("consentType");
  if (typeof scope !== "string") throw invalid("scope");
  const principal = consentType === "Principal" ? readUserId(context, principalId) : null;
  if (consentType === "AllPrincipals" && principalId !== null) throw invalid("principalId");
  const id = permissionGrantId(clientId, resourceId, principal);
  if (id in grantsOf(context)) {
    throw new GraphError(409, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists.");
  }
  checkScope(context, resourceId, scope);
  const grant: DelegatedPermissionGrant = {
    clientId,
    consentType,
    id,
    principalId: principal,
    resourceId,
    scope,
  };
  grantsOf(context)[id] = grant;
  const response = entityResponse(context, { ...grant }, { entitySet }, 201);
  response.headers.set("Location", locationOf(context, entitySet, id));
  return response;
}

async function update(context: GraphContext): Promise<Response> {
  const grant = requireGrant(context);
  const body = await readBody(context);
  for (const [name, value] of Object.entries(body)) {
    if (name.includes("@") || name === "scope") continue;
    if (grant[name as keyof DelegatedPermissionGrant] === value) continue;
    throw badRequest(`Property '${name}' is read-only and cannot be set.`);
  }
  const { scope = grant.scope } = body;
  if (typeof scope !== "string") throw invalid("scope");
  checkScope(context, grant.resourceId, scope);
  grant.scope = scope;
  return empty();
}

/** A name that the resource does not offer cannot be granted. */
function checkScope({ tenant }: GraphContext, resourceId: string, scope: string): void {
  const resource = tenant.state.directory.servicePrincipals[resourceId];
  const openIdScopes = ["openid", "profile", "email", "offline_access"];
  const offered = [...openIdScopes, ...(resource?.oauth2PermissionScopes ?? []).map(({ value }) => value)];
  const unknown = scope.split(/\s+/).find((name) => name !== "" && !offered.includes(name));
  if (unknown === undefined) return;
  throw badRequest(`The scope '${unknown}' does not exist on the resource '${resourceId}'.`);
}

function readServicePrincipalId(
  { tenant }: GraphContext,
  body: Readonly<Record<string, unknown>>,
  name: "clientId" | "resourceId",
): string {
  const value = textOf(body[name]).toLowerCase();
  if (!isGuid(value)) throw invalid(name);
  if (tenant.state.directory.servicePrincipals[value] === undefined) throw notFound(value);
  return value;
}

function readUserId({ tenant }: GraphContext, given: unknown): string {
  const value = textOf(given).toLowerCase();
  if (!isGuid(value)) throw invalid("principalId");
  if (tenant.state.directory.users[value] === undefined) throw notFound(value);
  return value;
}

function invalid(property: string): GraphError {
  return invalidValue("OAuth2PermissionGrant", property);
}
