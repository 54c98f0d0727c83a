import { asMap } from "../../core/asMap";
import { grantPermission, seedSite, seedIdentity } from "../../emulator/tenant/seed";
import type { Tenant } from "../../emulator/tenant/tenant";
import { siteKey } from "../../core/permissions/siteAccess";
import type { SignIn } from "../../emulator/server/environment";
import { describeJob } from "../../emulator/github/githubJob";
import { isGuid, newGuid, wholeSeconds } from "../../emulator/server/http";
import type { EmulatedTenant } from "../../emulator/startTenant";
import { graphRights, rightsOf } from "../../core/access/rights";
import { trustSubject } from "../../emulator/tenant/seedTrust";

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

/**
 * Gives the emulated tenant the SharePoint sites that settings name, and the deployer the right to grant them, which the
 * documented deployer does not have.
 *
 * @param apps The setting as given; what is no site the program itself refuses.
 */
export function seedSites({ state, identities, clock }: Tenant, apps: unknown): void {
  const sites = Object.values(asMap(apps)).flatMap((app) => {
    const { sites: list } = asMap(app);
    return Array.isArray(list) ? list.map((site) => asMap(site)["url"]) : [];
  });
  const addresses = sites
    .filter((url) => typeof url === "string" && URL.canParse(url))
    .map((url) => siteKey(String(url)));
  if (addresses.length === 0) return;
  grantPermission(state, identities.deployer.objectId, "Sites.FullControl.All", clock.now().toISOString());
  for (const address of addresses) seedSite(state, address);
}

/** Where consent is apart, the two sign in as one job, since a job has one environment. */
const grantingJob = { repository: "contoso/agents", environment: "grant" };

/**
 * How the deployer of a local run signs in: with its client secret; with `granter` in the settings as a job that deployer
 * and granter trust, and then the tenant has that granter.
 *
 * @param granter The setting as given; what is no granter the program itself will refuse.
 */
export async function deployerSignIn(emulated: EmulatedTenant, granter: unknown): Promise<SignIn> {
  const { tenant } = emulated;
  const clientId = clientIdOf(granter);
  if (clientId === undefined) return tenant.identities.deployer;
  seedGranter(tenant, clientId, describeJob(grantingJob).subject);
  return emulated.workflow(grantingJob, tenant.identities.deployer.clientId);
}

function clientIdOf(granter: unknown): string | undefined {
  const { clientId } = asMap(granter);
  return typeof clientId === "string" && isGuid(clientId) ? clientId : undefined;
}

/**
 * Creates a separate granter: only it can give admin consent. It and the deployer sign in with the assertions of one job,
 * as a separate granter has to.
 *
 * @param clientId The granter's; no other application's of the tenant.
 * @param subject Of the job.
 */
function seedGranter(tenant: Tenant, clientId: string, subject: string): void {
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
