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
export function requireCaller(request: Request, tenant: Tenant): Caller {
  const result = authenticate(request, tenant, graphAudiences);
  if ("caller" in result) return result.caller;
  throw new GraphError(401, "InvalidAuthenticationToken", refusals[result.refusal], {
    "WWW-Authenticate": `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`,
  });
}

/**
 * Whether the roles in the caller's token allow an operation, and if so whether only on what the caller owns.
 *
 * @throws {GraphError} 403 `Authorization_RequestDenied`.
 */
export function authorize(route: Route, caller: Caller): { ownedOnly: boolean } {
  if (route.allowedBy === "anyone") return { ownedOnly: false };
  const allowed = route.allowedBy.some((entry) =>
    entry.split("+").every((role) => caller.roles.includes(role)),
  );
  if (allowed) return { ownedOnly: false };
  if (route.orOwner === true && caller.roles.includes(ownedBy)) return { ownedOnly: true };
  throw denied();
}
