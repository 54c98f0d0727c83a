import type { Tenant, User } from "../tenant/tenant";
import { EntraError } from "./entraError";

/** A user by sign-in name. @throws {EntraError} AADSTS50034 (unknown), AADSTS50057 (disabled). */
export function findUser(userPrincipalName: string, tenant: Tenant): User {
  const name = userPrincipalName.trim().toLowerCase();
  const users = Object.values(tenant.state.directory.users);
  const user = users.find((candidate) => candidate.userPrincipalName.toLowerCase() === name);
  return enabled(user, userPrincipalName, tenant);
}

/** A user by object ID, who may have gone since the sign-in. @throws {EntraError} as {@link findUser}. */
export function requireUser(userId: string, tenant: Tenant): User {
  return enabled(tenant.state.directory.users[userId], userId, tenant);
}

function enabled(user: User | undefined, name: string, { state }: Tenant): User {
  if (user === undefined) {
    throw new EntraError(
      400,
      "invalid_grant",
      50034,
      `The user account '${name}' does not exist in the ${state.tenantDisplayName} directory. To sign into this application, the account must be added to the directory.`,
    );
  }
  if (user["accountEnabled"] === false) {
    throw new EntraError(400, "invalid_grant", 50057, "The user account is disabled.");
  }
  return user;
}
