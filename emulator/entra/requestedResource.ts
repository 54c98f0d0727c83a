import { isRecord } from "../server/http";
import type { ServicePrincipal, Tenant } from "../tenant/tenant";
import { findApplication } from "./clients";
import { EntraError } from "./entraError";

/** Scopes of OpenID Connect, which every client library may add; for an app they mean nothing. */
export const signInScopes: readonly string[] = ["openid", "offline_access", "profile", "email"];

/**
 * The resource behind a `scope`, as asked for: it becomes the token's audience letter by letter, so a resource that
 * ends in a slash keeps it (`https://management.core.windows.net//.default`).
 *
 * @throws {EntraError} AADSTS1002012 for anything but one `<resource>/.default`.
 */
export function resourceOfScope(scope: string): string {
  const asked = scope
    .split(/\s+/)
    .filter((part) => part !== "" && !signInScopes.includes(part.toLowerCase()));
  const [only] = asked;
  if (only === undefined || asked.length > 1 || !/^.+\/\.default$/i.test(only)) {
    throw new EntraError(
      400,
      "invalid_scope",
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    );
  }
  return only.slice(0, -"/.default".length);
}

/**
 * Finds the service principal of a resource, by application ID URI, name or client ID.
 *
 * @throws {EntraError} AADSTS500011 when the tenant has none.
 */
export function findResource(resource: string, tenant: Tenant): ServicePrincipal {
  const asked = withoutSlash(resource);
  const { servicePrincipals } = tenant.state.directory;
  const found = Object.values(servicePrincipals).find((candidate) =>
    namesOf(candidate, tenant).some((name) => withoutSlash(name) === asked || isHostOf(name, asked)),
  );
  if (found !== undefined) return found;
  throw new EntraError(
    400,
    "invalid_resource",
    500011,
    `The resource principal named ${resource} was not found in the tenant named ${tenant.state.tenantDisplayName}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
  );
}

/** Values of the app roles that a service principal holds on a resource, as a token lists them. */
export function grantedRoles(
  principalObjectId: string,
  resource: ServicePrincipal,
  tenant: Tenant,
): string[] {
  return Object.values(tenant.state.directory.appRoleAssignments)
    .filter(({ principalId, resourceId }) => principalId === principalObjectId && resourceId === resource.id)
    .flatMap(({ appRoleId }) => {
      const role = resource.appRoles.find(({ id }) => id === appRoleId);
      return role?.isEnabled === true ? [role.value] : [];
    });
}

/** The version of access tokens that the resource's app registration asks for. */
export function tokenVersion({ appId }: ServicePrincipal, tenant: Tenant): 1 | 2 {
  const api = findApplication(appId, tenant)?.["api"];
  return isRecord(api) && api["requestedAccessTokenVersion"] === 2 ? 2 : 1;
}

/**
 * What a token for an app holds of a resource.
 *
 * @throws {EntraError} AADSTS501051 where the resource takes assigned apps only and this one has no role of it.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow (read 2026-11), "Controlling tokens
 *   without the roles claim"
 */
export function resourceGrant(
  principal: Pick<ServicePrincipal, "id" | "displayName">,
  resource: ServicePrincipal,
  tenant: Tenant,
): { readonly roles: string[]; readonly version2For: string | undefined } {
  const roles = grantedRoles(principal.id, resource, tenant);
  if (roles.length === 0 && resource["appRoleAssignmentRequired"] === true) {
    throw new EntraError(
      401,
      "invalid_client",
      501051,
      `Application ${principal.displayName} is not assigned to a role for the ${resource.displayName}.`,
    );
  }
  return { roles, version2For: tokenVersion(resource, tenant) === 2 ? resource.appId : undefined };
}

/** SharePoint has one name for the addresses of all organizations: `{client ID}/*.sharepoint.com`. */
function isHostOf(name: string, asked: string): boolean {
  const [, domain] = /^[0-9a-f-]{36}\/\*(\.[\w.]+)$/i.exec(name) ?? [];
  return domain !== undefined && /^https:\/\/[\w-]+\.[\w.]+$/.test(asked) && asked.endsWith(domain);
}

function namesOf(servicePrincipal: ServicePrincipal, tenant: Tenant): string[] {
  const { applications } = tenant.state.directory;
  const application = Object.values(applications).find(({ appId }) => appId === servicePrincipal.appId);
  const uris = isRecord(application) ? application["identifierUris"] : undefined;
  const names = servicePrincipal["servicePrincipalNames"];
  return [servicePrincipal.appId, ...texts(names), ...texts(uris)];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function withoutSlash(name: string): string {
  return name.replace(/\/$/, "").toLowerCase();
}
