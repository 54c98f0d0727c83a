import { isRecord, textOf } from "../server/http";
import { guidBytes } from "../tenant/seed";
import type { DelegatedPermissionGrant, ServicePrincipal, Tenant, User } from "../tenant/tenant";
import type { Client } from "./clients";
import { EntraError } from "./entraError";
import { signInScopes } from "./requestedResource";
import type { RequestedScopes, ResourceScopes } from "./requestedScopes";

/** What the Azure CLI and its like may do at Microsoft Graph in every tenant. */
const microsoftClientScopes = [
  "AuditLog.Read.All",
  "Directory.AccessAsUser.All",
  "Group.ReadWrite.All",
  "User.ReadWrite.All",
];

/** A delegated permission that a client asks for and has no consent to. */
export interface MissingConsent {
  readonly resource: ServicePrincipal;
  readonly name: string;
  /** What the page of consent says of it. */
  readonly description: string;
  readonly needsAdministrator: boolean;
}

/** Delegated permissions of a resource that a client may use for a user, in the resource's order. */
export function consentedNames(
  client: Client,
  user: User,
  resource: ServicePrincipal,
  tenant: Tenant,
): string[] {
  const offered = resource.oauth2PermissionScopes.filter(({ isEnabled }) => isEnabled);
  const preAuthorized = preAuthorizedIds(client, resource, tenant);
  if (client.servicePrincipal === undefined) {
    return offered.flatMap(({ id, value }) =>
      microsoftClientScopes.includes(value) || value === "user_impersonation" || preAuthorized.has(id)
        ? [value]
        : [],
    );
  }
  const granted = new Set(
    grantsFor(client, user, tenant)
      .filter(({ resourceId }) => resourceId === resource.id)
      .flatMap(({ scope }) => scope.split(/\s+/)),
  );
  return offered.flatMap(({ id, value }) => (granted.has(value) || preAuthorized.has(id) ? [value] : []));
}

/**
 * What a request asks for beyond what has consent. `.default` asks for what the app registration declares. The names
 * of OpenID Connect need some consent of the user's or of an administrator's, and no more.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/permissions-consent-overview (read 2026-11); that any
 *   consent covers `openid`, `profile`, `email` and `offline_access` is inferred
 */
export function missingConsent(
  client: Client,
  user: User,
  { resources, openId }: RequestedScopes,
  tenant: Tenant,
): MissingConsent[] {
  if (client.servicePrincipal === undefined) return [];
  const missing = resources.flatMap((requested) => {
    const consented = consentedNames(client, user, requested.resource, tenant);
    const wanted = requested.names.length > 0 ? requested.names : declaredNames(client, requested);
    return wanted
      .filter((name) => !consented.includes(name) && !signInScopes.includes(name))
      .map((name) => describe(requested.resource, name));
  });
  const [first] = resources;
  if (missing.length > 0 || first === undefined) return missing;
  const hasAny =
    grantsFor(client, user, tenant).length > 0 ||
    resources.some(({ resource }) => consentedNames(client, user, resource, tenant).length > 0);
  return hasAny || first.resource.appId === client.appId
    ? []
    : (openId.length > 0 ? openId : ["openid"]).map((name) => describe(first.resource, name));
}

/** @throws {EntraError} AADSTS65001 where anything has no consent. */
export function requireConsent(client: Client, user: User, scopes: RequestedScopes, tenant: Tenant): void {
  if (missingConsent(client, user, scopes, tenant).length > 0) throw noConsent(client, "invalid_grant");
}

/** AADSTS65001, as the token endpoint (`invalid_grant`) or a silent sign-in (`consent_required`) answers it. */
export function noConsent(client: Client, oauthError: "invalid_grant" | "consent_required"): EntraError {
  return new EntraError(
    400,
    oauthError,
    65001,
    `The user or administrator has not consented to use the application with ID '${client.appId}' named '${client.displayName}'. Send an interactive authorization request for this user and resource.`,
    "consent_required",
  );
}

/** Records that a user consents, only for itself. */
export function giveConsent(
  client: Client,
  user: User,
  missing: readonly MissingConsent[],
  tenant: Tenant,
): void {
  const clientId = client.servicePrincipal?.id;
  if (clientId === undefined) return;
  const grants = (tenant.state.directory.oauth2PermissionGrants ??= {});
  for (const { resource, name } of missing) {
    const id = permissionGrantId(clientId, resource.id, user.id);
    const grant = (grants[id] ??= {
      id,
      clientId,
      resourceId: resource.id,
      consentType: "Principal",
      principalId: user.id,
      scope: "",
    });
    grant.scope = `${grant.scope} ${name}`.trim();
  }
}

/** The ID of a delegated permission grant: its three parties, which is why there cannot be a second one. */
export function permissionGrantId(clientId: string, resourceId: string, principalId: string | null): string {
  const parties = [clientId, resourceId, ...(principalId === null ? [] : [principalId])];
  return Buffer.concat(parties.map(guidBytes)).toString("base64url");
}

/**
 * Whether a user may use an app at all, where the app asks for an assignment.
 *
 * @throws {EntraError} AADSTS50105.
 * @see https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-aadsts50105-user-not-assigned-role
 *   (read 2026-11)
 */
export function requireAssignment({ servicePrincipal }: Client, user: User, { state }: Tenant): void {
  if (servicePrincipal?.["appRoleAssignmentRequired"] !== true) return;
  const { groups, appRoleAssignments } = state.directory;
  const holders = Object.values(groups).filter(({ memberIds }) => memberIds.includes(user.id));
  const principalIds = [user.id, ...holders.map(({ id }) => id)];
  const isAssigned = Object.values(appRoleAssignments).some(
    ({ principalId, resourceId }) => resourceId === servicePrincipal.id && principalIds.includes(principalId),
  );
  if (isAssigned) return;
  throw new EntraError(
    400,
    "invalid_grant",
    50105,
    `Your administrator has configured the application ${servicePrincipal.displayName} ('${servicePrincipal.appId}') to block users unless they are specifically granted ('assigned') access to the application. The signed-in user '${user.userPrincipalName}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator. Please contact your administrator to assign access to this application.`,
  );
}

function grantsFor(client: Client, user: User, { state }: Tenant): DelegatedPermissionGrant[] {
  return Object.values(state.directory.oauth2PermissionGrants ?? {}).filter(
    ({ clientId, consentType, principalId }) =>
      clientId === client.servicePrincipal?.id &&
      (consentType === "AllPrincipals" || principalId === user.id),
  );
}

/** Scopes that the resource's own registration lets the client use without consent. */
function preAuthorizedIds(client: Client, resource: ServicePrincipal, { state }: Tenant): Set<string> {
  const registration = Object.values(state.directory.applications).find(
    ({ appId }) => appId === resource.appId,
  );
  const api = isRecord(registration?.["api"]) ? registration["api"] : {};
  const entries = recordsOf(api["preAuthorizedApplications"]).filter(
    (entry) => textOf(entry["appId"]).toLowerCase() === client.appId,
  );
  return new Set(
    entries.flatMap((entry) => {
      const ids = entry["delegatedPermissionIds"];
      return Array.isArray(ids) ? ids.map(String) : [];
    }),
  );
}

function declaredNames({ application }: Client, { resource }: ResourceScopes): string[] {
  const access = recordsOf(application?.["requiredResourceAccess"])
    .filter((entry) => textOf(entry["resourceAppId"]).toLowerCase() === resource.appId)
    .flatMap((entry) => recordsOf(entry["resourceAccess"]));
  const ids = access.filter(({ type }) => type === "Scope").map(({ id }) => textOf(id).toLowerCase());
  return resource.oauth2PermissionScopes.flatMap(({ id, value }) => (ids.includes(id) ? [value] : []));
}

function describe(resource: ServicePrincipal, name: string): MissingConsent {
  const scope = resource.oauth2PermissionScopes.find(({ value }) => value === name);
  const description = textOf(scope?.["userConsentDescription"]);
  return {
    resource,
    name,
    description: description === "" ? name : `${name}: ${description}`,
    needsAdministrator: scope?.type === "Admin",
  };
}

function recordsOf(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
