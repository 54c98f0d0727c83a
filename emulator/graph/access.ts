import { cloudOf } from "../tenant/clouds";
import { authenticate, graphAudiences, type Caller } from "../entra/tokens";
import type { Tenant } from "../tenant/tenant";
import { denied, GraphError } from "./graphError";
import type { Route } from "./route";

/** Roles that read every application and service principal. */
export const readApplications = [
  "Application.Read.All",
  "Application.ReadWrite.All",
  "Directory.Read.All",
  "Directory.ReadWrite.All",
] as const;

/** Roles that write every application and service principal of the tenant. */
export const writeApplications = ["Application.ReadWrite.All"] as const;

/** The role that writes what its holder owns, and reads only that. */
export const ownedBy = "Application.ReadWrite.OwnedBy";

/** Granting needs to see the service principals that it joins. */
export const grantAppRoles = readApplications.map((reader) => `AppRoleAssignment.ReadWrite.All+${reader}`);

const refusals = {
  missing: "Access token is empty.",
  invalid: "Access token validation failure. Invalid signature.",
  expired: "Lifetime validation failed, the token is expired.",
  audience: "Access token validation failure. Invalid audience.",
} as const;

/** @throws {GraphError} 401 `InvalidAuthenticationToken`. */
export async function requireCaller(request: Request, tenant: Tenant): Promise<Caller> {
  const result = await authenticate(request, tenant, graphAudiences(tenant));
  if ("caller" in result) return result.caller;
  throw new GraphError(401, "InvalidAuthenticationToken", refusals[result.refusal], {
    "WWW-Authenticate": `Bearer realm="", authorization_uri="${cloudOf(tenant.state).authority}/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`,
  });
}

/**
 * Whether a caller's token allows an operation, and if so whether only on what the caller owns.
 *
 * @throws {GraphError} 403 `Authorization_RequestDenied`, or as the service behind the route refuses.
 */
export function authorize(
  route: Route,
  caller: Caller,
  parameters: Readonly<Record<string, string>>,
): { ownedOnly: boolean } {
  if (route.allowedBy === "anyone") return { ownedOnly: false };
  if (caller.scopes !== undefined) {
    authorizeUser(route, route.allowedBy, caller.scopes, parameters["user"] === caller.objectId);
    return { ownedOnly: false };
  }
  const allowed = route.allowedBy.some((entry) =>
    entry.split("+").every((role) => caller.roles.includes(role)),
  );
  if (allowed) return { ownedOnly: false };
  if (route.orOwner === true && caller.roles.includes(ownedBy)) return { ownedOnly: true };
  throw denied();
}

/**
 * A signed-in user reads the directory, where the token has the permission, and reaches what is its own. No user here
 * has a directory role, so a user changes nothing of the directory, whatever the token says.
 *
 * For the user's own, a permission without its `.All` suffices, as Files.Read does beside Files.Read.All.
 */
function authorizeUser(
  { method, personal }: Route,
  allowedBy: readonly string[],
  scopes: readonly string[],
  isOwn: boolean,
): void {
  const fits = (entry: string): boolean => entry.split("+").every((scope) => scopes.includes(scope));
  const own = [...allowedBy, ...allowedBy.map((scope) => scope.replace(/\.All$/, ""))];
  const allowed =
    personal === undefined
      ? method === "GET" && [...allowedBy, ...(isOwn ? ["User.Read"] : [])].some(fits)
      : isOwn && own.some(fits);
  if (!allowed) throw (personal ?? denied)();
}
