import type { SignIn } from "../../emulator/server/environment";
import { describeJob } from "../../emulator/github/githubJob";
import { isGuid } from "../../emulator/server/http";
import { seedGranter } from "./seedGranter";
import { asMap } from "../../core/settings/settingsTogether";
import type { EmulatedTenant } from "../../emulator/startTenant";

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
