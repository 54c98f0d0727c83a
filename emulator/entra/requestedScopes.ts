import type { ServicePrincipal, Tenant } from "../tenant/tenant";
import { graphClientId } from "../tenant/seed";
import type { Client } from "./clients";
import { EntraError } from "./entraError";
import { findResource, signInScopes } from "./requestedResource";

/** Delegated permissions that a client asks for on one resource. */
export interface ResourceScopes {
  readonly resource: ServicePrincipal;
  /** The resource as the client named it: it becomes the token's audience. */
  readonly audience: string;
  /** What stands before each name in `scope`; empty for Microsoft Graph named by nothing. */
  readonly prefix: string;
  /** Empty where `.default` asks for everything that has consent. */
  readonly names: readonly string[];
}

/** A `scope` of a user's sign-in, taken apart. */
export interface RequestedScopes {
  /** Of `openid`, `profile`, `email` and `offline_access`. */
  readonly openId: readonly string[];
  /** At least one: Microsoft Graph where the client names none. */
  readonly resources: readonly ResourceScopes[];
}

/**
 * Reads the `scope` of a user's sign-in. A name without a resource is Microsoft Graph's.
 *
 * @throws {EntraError} AADSTS650053 for a permission that its resource does not offer, AADSTS70011 for `.default`
 *   beside others, AADSTS500011 for an unknown resource, AADSTS90009 for the client itself by its URI.
 * @see https://learn.microsoft.com/entra/identity-platform/scopes-oidc (read 2026-11)
 */
export function readScopes(scope: string, client: Client, tenant: Tenant): RequestedScopes {
  const parts = scope.split(/\s+/).filter((part) => part !== "");
  const openId = parts.map((part) => part.toLowerCase()).filter((part) => signInScopes.includes(part));
  const namesByPrefix = new Map<string, string[]>();
  for (const part of parts) {
    if (signInScopes.includes(part.toLowerCase())) continue;
    const slash = part.lastIndexOf("/");
    const prefix = part.slice(0, slash + 1);
    namesByPrefix.set(prefix, [...(namesByPrefix.get(prefix) ?? []), part.slice(slash + 1)]);
  }
  if (namesByPrefix.size === 0) namesByPrefix.set("", []);
  const resources = [...namesByPrefix].map(([prefix, names]) =>
    readResource(prefix, names, scope, client, tenant),
  );
  return { openId: [...new Set(openId)], resources };
}

/** @throws {EntraError} AADSTS28000: a token is for one resource. */
export function onlyResource({ resources }: RequestedScopes, scope: string): ResourceScopes {
  const [only, ...others] = resources;
  if (only !== undefined && others.length === 0) return only;
  throw new EntraError(
    400,
    "invalid_request",
    28000,
    `Provided value for the input parameter scope is not valid because it contains more than one resource. Scope ${scope} is not valid.`,
  );
}

function readResource(
  prefix: string,
  asked: readonly string[],
  scope: string,
  client: Client,
  tenant: Tenant,
): ResourceScopes {
  const audience = prefix === "" ? graphClientId : prefix.slice(0, -1);
  const resource = findResource(audience, tenant);
  if (resource.appId === client.appId && audience.toLowerCase() !== client.appId) {
    throw new EntraError(
      400,
      "invalid_request",
      90009,
      `Application '${client.appId}'(${client.displayName}) is requesting a token for itself. This scenario is supported only if resource is specified using the GUID based App Identifier.`,
    );
  }
  if (asked.some((name) => name.toLowerCase() === ".default")) {
    if (asked.length === 1) return { resource, audience, prefix, names: [] };
    throw new EntraError(
      400,
      "invalid_scope",
      70011,
      `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid. .default scope can't be combined with resource-specific scopes.`,
    );
  }
  return { resource, audience, prefix, names: asked.map((name) => offeredName(name, resource, client)) };
}

/** Case does not matter to Entra; the token has the resource's spelling. */
function offeredName(name: string, resource: ServicePrincipal, client: Client): string {
  const offered = resource.oauth2PermissionScopes.find(
    ({ value, isEnabled }) => isEnabled && value.toLowerCase() === name.toLowerCase(),
  );
  if (offered !== undefined) return offered.value;
  throw new EntraError(
    400,
    "invalid_client",
    650053,
    `The application '${client.displayName}' asked for scope '${name}' that doesn't exist on the resource '${resource.appId}'. Contact the app vendor.`,
  );
}
