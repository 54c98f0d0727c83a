import { graphRights, rightsOf } from "../../core/access/rights";
import { newGuid, wholeSeconds } from "../../emulator/server/http";
import { grantPermission, seedIdentity } from "../../emulator/tenant/seed";
import { trustSubject } from "../../emulator/tenant/seedTrust";
import type { Tenant } from "../../emulator/tenant/tenant";

/**
 * Creates a separate granter: only it can give admin consent. It and the deployer sign in with the assertions of one job,
 * as a separate granter has to.
 *
 * @param clientId The granter's; no other application's of the tenant.
 * @param subject Of the job.
 */
export function seedGranter(tenant: Tenant, clientId: string, subject: string): void {
  const { state, clock, identities } = tenant;
  const granter = {
    displayName: "copilot-token granter",
    clientId,
    applicationObjectId: newGuid(),
    objectId: newGuid(),
  };
  const permissions = graphRights(rightsOf("granter", { delegated: true })).map(
    ({ permission }) => permission,
  );
  seedIdentity(state, granter, { permissions, roles: [] }, clock.now());
  takeConsentFrom(tenant, identities.deployer.objectId);
  trustSubject(tenant, granter.applicationObjectId, subject);
  trustSubject(tenant, identities.deployer.applicationObjectId, subject);
}

/** Leaves the deployer what it holds where another gives consent. */
function takeConsentFrom({ state, clock }: Tenant, deployerObjectId: string): void {
  const { appRoleAssignments } = state.directory;
  for (const { id, principalId } of Object.values(appRoleAssignments)) {
    if (principalId === deployerObjectId) Reflect.deleteProperty(appRoleAssignments, id);
  }
  for (const { permission } of graphRights(rightsOf("deployer", { granterApart: true }))) {
    grantPermission(state, deployerObjectId, permission, wholeSeconds(clock.now()));
  }
}
