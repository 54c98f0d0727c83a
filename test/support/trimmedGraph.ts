import { graphObjectId } from "../../emulator/tenant/seed";
import type { Tenant } from "../../emulator/tenant/tenant";

/**
 * Removes most permissions of Microsoft Graph, which are nine tenths of a tenant: each run reads them, and a test that
 * looks at the tenant after each request copies them every time.
 *
 * @param kept Names of those that stay, beside what an identity holds.
 */
export function trimGraph({ state }: Pick<Tenant, "state">, kept: readonly string[] = []): void {
  const { appRoleAssignments, servicePrincipals } = state.directory;
  const principal = servicePrincipals[graphObjectId];
  if (principal === undefined) throw new Error("the seed has no Microsoft Graph");
  const held = new Set(Object.values(appRoleAssignments).map(({ appRoleId }) => appRoleId));
  principal.appRoles = principal.appRoles.filter(({ id, value }) => held.has(id) || kept.includes(value));
  principal.oauth2PermissionScopes = principal.oauth2PermissionScopes.filter(({ value }) =>
    kept.includes(value),
  );
}
