import { asMap } from "../../core/settings/settingsTogether";
import { grantPermission } from "../../emulator/tenant/seed";
import type { Tenant } from "../../emulator/tenant/tenant";

/**
 * Prepares the emulated tenant for apps that act as their users: the users and groups that the settings name exist, as
 * users, and the verifier may read the directory, without which `verify` sees nothing of consent.
 *
 * @param apps The setting as given; the program itself refuses what is invalid in it.
 */
export function seedUsers({ state, identities, clock }: Tenant, apps: unknown): void {
  const delegated = Object.values(asMap(apps))
    .map(asMap)
    .filter((app) => app["delegated"] !== undefined);
  if (delegated.length === 0) return;
  for (const permission of ["Application.Read.All", "DelegatedPermissionGrant.Read.All"]) {
    grantPermission(state, identities.verifier.objectId, permission, clock.now().toISOString());
  }
  const { users, groups } = state.directory;
  const named = delegated.flatMap(({ userSignIn }) =>
    ["users", "assignedTo"].flatMap((key) => {
      const ids = asMap(userSignIn)[key];
      return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
    }),
  );
  for (const id of new Set(named.map((given) => given.toLowerCase()))) {
    if (id in users || id in groups) continue;
    const userPrincipalName = `user-${id.slice(0, 8)}@${state.defaultDomain}`;
    users[id] = { id, displayName: `User ${id.slice(0, 8)}`, userPrincipalName, mail: null };
  }
}
