import * as z from "zod/mini";
import { readWrittenApi } from "../core/permissions/knownApis";
import type { TenantApi, TenantApis } from "../core/permissions/apiRoles";
import type { ExistingConsent } from "../core/permissions/existingConsents";
import type { GraphPermissions } from "../core/permissions/permissions";
import type { Reader } from "../core/settings/settings";
import type { AppOutputs } from "../core/outputs/stackOutputs";
import { inFilter } from "./applications";
import { graphClientId, type GraphApi } from "./graph";
import { OperatorError } from "../core/errors";

const owner = z.object({ id: z.string(), displayName: z.nullish(z.string()) });
const keyed = z.object({
  keyId: z.string(),
  displayName: z.nullish(z.string()),
  startDateTime: z.nullish(z.string()),
  endDateTime: z.nullish(z.string()),
});
const federated = z.object({ id: z.string(), name: z.string(), issuer: z.string(), subject: z.string() });
const tags = z._default(z.array(z.string()), []);
const application = z.object({
  owners: z._default(z.array(owner), []),
  tags,
  appId: z.string(),
  displayName: z.string(),
  signInAudience: z.nullish(z.string()),
  passwordCredentials: z._default(z.array(keyed), []),
  keyCredentials: z._default(z.array(keyed), []),
  requiredResourceAccess: z._default(
    z.array(
      z.object({
        resourceAppId: z.string(),
        resourceAccess: z.array(z.object({ id: z.string(), type: z.string() })),
      }),
    ),
    [],
  ),
});
const servicePrincipal = z.object({
  id: z.string(),
  owners: z._default(z.array(owner), []),
  tags,
  accountEnabled: z.nullish(z.boolean()),
  passwordCredentials: z._default(z.array(keyed), []),
  keyCredentials: z._default(z.array(keyed), []),
});
const grant = z.object({
  id: z.string(),
  appRoleId: z.string(),
  resourceId: z.string(),
  resourceDisplayName: z.nullish(z.string()),
  createdDateTime: z.nullish(z.string()),
});

/** A password or certificate as the directory shows it: never its value. */
export type KeyedCredential = z.infer<typeof keyed>;
export type FederatedCredential = z.infer<typeof federated>;
export type Grant = z.infer<typeof grant>;

/** What the directory holds of one app. */
export interface DirectoryApp {
  /** Undefined for a managed identity, which has none. */
  readonly application: z.infer<typeof application> | undefined;
  readonly servicePrincipal: z.infer<typeof servicePrincipal>;
  readonly federated: readonly FederatedCredential[];
  readonly grants: readonly Grant[];
}

/** Microsoft Graph's own service principal: names of its app roles by GUID. */
export interface GraphRoles {
  readonly graphObjectId: string;
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Reads everything that an app consists of, at once.
 *
 * @throws {ServiceRefusal} 403 when the caller may not read the directory.
 * @see https://learn.microsoft.com/graph/api/application-get (read 2026-11): Application.Read.All
 */
export async function fetchDirectoryApp(graph: GraphApi, app: AppOutputs): Promise<DirectoryApp> {
  const ofPrincipal = `/servicePrincipals/${app.servicePrincipalObjectId}`;
  const applicationFields =
    "appId,displayName,signInAudience,tags,passwordCredentials,keyCredentials,requiredResourceAccess";
  const principalFields = "id,accountEnabled,tags,passwordCredentials,keyCredentials";
  // Graph takes one $expand a request, and answers at most 20 owners by it.
  const owners = "$expand=owners($select=id,displayName)";
  const ofPrincipalRead = [
    graph.get(`${ofPrincipal}?$select=${principalFields}&${owners}`, servicePrincipal),
    graph.list(`${ofPrincipal}/appRoleAssignments`, grant),
  ] as const;
  if (app.applicationObjectId === undefined) {
    const [principal, grants] = await Promise.all(ofPrincipalRead);
    return { application: undefined, servicePrincipal: principal, federated: [], grants };
  }
  const ofApplication = `/applications/${app.applicationObjectId}`;
  const [itself, federatedCredentials, principal, grants] = await Promise.all([
    graph.get(`${ofApplication}?$select=${applicationFields}&${owners}`, application),
    graph.list(`${ofApplication}/federatedIdentityCredentials`, federated),
    ...ofPrincipalRead,
  ]);
  return { application: itself, servicePrincipal: principal, federated: federatedCredentials, grants };
}

const delegatedGrant = z.object({
  id: z.string(),
  consentType: z.string(),
  principalId: z.nullish(z.string()),
  resourceId: z.string(),
  scope: z.nullish(z.string()),
});

export type DelegatedGrant = z.infer<typeof delegatedGrant>;

/**
 * Delegated permission grants that a service principal has as a client.
 *
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-list-oauth2permissiongrants (read 2026-11)
 */
export function fetchDelegatedGrants(
  graph: GraphApi,
  servicePrincipalObjectId: string,
): Promise<DelegatedGrant[]> {
  return graph.list(`/servicePrincipals/${servicePrincipalObjectId}/oauth2PermissionGrants`, delegatedGrant);
}

/** Consent that a service principal has for one API, by the API's service principal. */
export async function fetchConsents(
  graph: GraphApi,
  servicePrincipalObjectId: string,
  resourceObjectId: string,
): Promise<ExistingConsent[]> {
  const grants = await fetchDelegatedGrants(graph, servicePrincipalObjectId);
  return grants
    .filter(({ resourceId }) => resourceId === resourceObjectId)
    .map(({ id, principalId, scope }) => ({
      grantId: id,
      userObjectId: principalId ?? undefined,
      permissions: (scope ?? "").split(/\s+/).filter((name) => name !== ""),
    }));
}

const platform = z.object({ redirectUris: z._default(z.array(z.string()), []) });

/** What the directory holds of an app's sign-in of users. */
export interface DirectorySignIn {
  /** IDs of the delegated permissions that the app registration declares, of any API. */
  readonly declaredIds: readonly string[];
  /** Of every platform. */
  readonly redirectUris: readonly string[];
  readonly assignmentRequired: boolean;
  /** Object IDs of the users, groups and service principals that are assigned to the app. */
  readonly assignedTo: readonly string[];
  readonly grants: readonly DelegatedGrant[];
  /** Microsoft Graph's delegated permissions: ID by name. */
  readonly graph: GraphPermissions;
}

/**
 * Reads how users sign in to an app, and what has consent.
 *
 * @throws {ServiceRefusal} 403 when the caller may not read the directory or its grants.
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-list-oauth2permissiongrants (read 2026-11):
 *   DelegatedPermissionGrant.Read.All, beside Application.Read.All
 */
export async function fetchDirectorySignIn(graph: GraphApi, app: AppOutputs): Promise<DirectorySignIn> {
  const ofPrincipal = `/servicePrincipals/${app.servicePrincipalObjectId}`;
  const [registration, principal, assignments, grants, permissions] = await Promise.all([
    graph.get(
      `/applications/${app.applicationObjectId ?? ""}?$select=web,spa,publicClient,requiredResourceAccess`,
      z.object({
        web: platform,
        spa: z.nullish(platform),
        publicClient: z.nullish(platform),
        requiredResourceAccess: application.shape.requiredResourceAccess,
      }),
    ),
    graph.get(
      `${ofPrincipal}?$select=appRoleAssignmentRequired`,
      z.object({ appRoleAssignmentRequired: z.nullish(z.boolean()) }),
    ),
    graph.list(`${ofPrincipal}/appRoleAssignedTo`, z.object({ principalId: z.string() })),
    fetchDelegatedGrants(graph, app.servicePrincipalObjectId),
    fetchGraphPermissions(graph),
  ]);
  return {
    declaredIds: registration.requiredResourceAccess
      .flatMap(({ resourceAccess }) => resourceAccess)
      .flatMap(({ id, type }) => (type === "Scope" ? [id] : [])),
    redirectUris: [registration.web, registration.spa, registration.publicClient].flatMap(
      (one) => one?.redirectUris ?? [],
    ),
    assignmentRequired: principal.appRoleAssignmentRequired === true,
    assignedTo: assignments.map(({ principalId }) => principalId.toLowerCase()),
    grants,
    graph: permissions,
  };
}

const scopesOffered = z.array(
  z.object({ id: z.string(), value: z.nullish(z.string()), type: z.nullish(z.string()) }),
);
const named = z.array(z.object({ id: z.string(), value: z.nullish(z.string()) }));

/** Reads which permission each app role GUID is, from the tenant itself. */
export async function fetchGraphRoles(graph: GraphApi): Promise<GraphRoles> {
  const { id, appRoles } = await fetchGraphPrincipal(graph, "appRoles", z.object({ appRoles: named }));
  return { graphObjectId: id, names: new Map(appRoles.map((role) => [role.id, role.value ?? role.id])) };
}

/** Reads which permissions the tenant's Microsoft Graph offers, by name: what the program judges names by. */
export async function fetchGraphPermissions(graph: GraphApi): Promise<GraphPermissions> {
  const { id, appRoles, oauth2PermissionScopes } = await fetchGraphPrincipal(
    graph,
    "appRoles,oauth2PermissionScopes",
    z.object({ appRoles: named, oauth2PermissionScopes: scopesOffered }),
  );
  const byName = (items: z.infer<typeof named>): Record<string, string> =>
    Object.fromEntries(items.flatMap((item) => (item.value == null ? [] : [[item.value, item.id]])));
  return {
    graphObjectId: id,
    appRoleIds: byName(appRoles),
    delegatedIds: byName(oauth2PermissionScopes),
    adminConsent: oauth2PermissionScopes.flatMap(({ value, type }) =>
      type === "Admin" ? (value ?? []) : [],
    ),
  };
}

const api = z.object({
  id: z.string(),
  appId: z.guid(),
  displayName: z.string(),
  servicePrincipalNames: z._default(z.array(z.string()), []),
  appRoles: z.array(
    z.object({
      id: z.string(),
      value: z.nullish(z.string()),
      isEnabled: z.boolean(),
      allowedMemberTypes: z.array(z.string()),
    }),
  ),
  oauth2PermissionScopes: z._default(z.array(z.object({ value: z.nullish(z.string()) })), []),
});

/**
 * Reads the APIs that settings name: their service principals in this tenant, and the app roles that apps can hold.
 *
 * @param named Client IDs, application ID URIs and well-known names.
 * @throws {ServiceRefusal} 403 when the caller may not read the directory.
 */
export async function fetchApis(graph: GraphApi, named: readonly string[]): Promise<TenantApis> {
  return new Map(await Promise.all(named.map(async (text) => [text, await fetchApi(graph, text)] as const)));
}

async function fetchApi(graph: GraphApi, text: string): Promise<TenantApi | undefined> {
  const written = readWrittenApi(text);
  if (written.kind === "unknown") return undefined;
  const filter =
    written.kind === "clientId"
      ? `appId eq '${written.clientId}'`
      : `servicePrincipalNames/any(name:name eq ${inFilter(written.uri)})`;
  const select = "$select=id,appId,displayName,servicePrincipalNames,appRoles,oauth2PermissionScopes";
  const [found] = await graph.list(`/servicePrincipals?$filter=${encodeURIComponent(filter)}&${select}`, api);
  if (found === undefined) return undefined;
  const roles = found.appRoles.flatMap(({ id, value, isEnabled, allowedMemberTypes }) =>
    value != null && value !== "" && isEnabled && allowedMemberTypes.includes("Application")
      ? [[value, id]]
      : [],
  );
  return {
    clientId: found.appId.toLowerCase(),
    objectId: found.id,
    displayName: found.displayName,
    names: found.servicePrincipalNames,
    appRoleIds: Object.fromEntries(roles) as Record<string, string>,
    delegatedNames: found.oauth2PermissionScopes.flatMap(({ value }) => value ?? []),
  };
}

async function fetchGraphPrincipal<T>(
  graph: GraphApi,
  fields: string,
  shape: z.ZodMiniType<T>,
): Promise<T & { id: string }> {
  const path = `/servicePrincipals?$filter=appId eq '${graphClientId}'&$select=id,${fields}`;
  const [found] = await graph.list(path, z.intersection(shape, z.object({ id: z.string() })));
  if (found !== undefined) return found;
  throw new OperatorError(
    "GRAPH_PRINCIPAL_MISSING",
    "The tenant has no service principal of Microsoft Graph.",
  );
}

const principalTypes: Readonly<Record<string, Reader["type"]>> = {
  "#microsoft.graph.user": "User",
  "#microsoft.graph.group": "Group",
  "#microsoft.graph.servicePrincipal": "ServicePrincipal",
};

/**
 * What kind of identity each object is; objects that are none, and unknown ones, are left out.
 *
 * @see https://learn.microsoft.com/graph/api/directoryobject-getbyids (read 2026-11)
 */
export async function fetchPrincipalTypes(
  graph: GraphApi,
  objectIds: readonly string[],
): Promise<Map<string, Reader["type"]>> {
  if (objectIds.length === 0) return new Map();
  const shape = z.object({ value: z.array(z.object({ id: z.string(), "@odata.type": z.string() })) });
  const { value } = await graph.post("/directoryObjects/getByIds", { ids: objectIds.slice(0, 1000) }, shape);
  return new Map(
    value.flatMap((found) => {
      const type = principalTypes[found["@odata.type"]];
      return type === undefined ? [] : [[found.id, type]];
    }),
  );
}

/**
 * Display names by object ID, whatever kind of object each is.
 *
 * @see https://learn.microsoft.com/graph/api/directoryobject-getbyids (read 2026-11): at most 1,000 IDs
 */
export async function fetchNames(
  graph: GraphApi,
  objectIds: readonly string[],
): Promise<Map<string, string>> {
  if (objectIds.length === 0) return new Map();
  const shape = z.object({ value: z.array(owner) });
  const { value } = await graph.post("/directoryObjects/getByIds", { ids: objectIds.slice(0, 1000) }, shape);
  return new Map(value.flatMap(({ id, displayName }) => (displayName == null ? [] : [[id, displayName]])));
}
