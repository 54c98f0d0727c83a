import type { SignIn } from "../../../emulator/environment";
import { describeJob } from "../../../emulator/githubJob";
import { isGuid, isRecord } from "../../../emulator/http";
import { seedGranter } from "../../../emulator/seedGranter";
import { parseJson } from "../../../azure/serviceRefusal";
import type { Rehearsal } from "./rehearsal";

/** Where consent is apart, the two sign in as one job, since a job has one environment. */
const grantingJob = { repository: "contoso/agents", environment: "grant" };

/**
 * How the deployer of a rehearsed stack signs in: by its secret; with `granter` in the settings as a job that deployer
 * and granter trust, and then the tenant has that granter.
 *
 * @param granterSetting As given, JSON; what is no granter the program itself will refuse.
 */
export async function deployerSignIn(
  rehearsal: Rehearsal,
  granterSetting: string | undefined,
): Promise<SignIn> {
  const { tenant } = rehearsal;
  const clientId = clientIdOf(granterSetting);
  if (clientId === undefined) return tenant.identities.deployer;
  seedGranter(tenant, clientId, describeJob(grantingJob).subject);
  return rehearsal.workflow(grantingJob, tenant.identities.deployer.clientId);
}

function clientIdOf(granterSetting: string | undefined): string | undefined {
  const granter = parseJson(granterSetting ?? "");
  const clientId = isRecord(granter) ? granter["clientId"] : undefined;
  return typeof clientId === "string" && isGuid(clientId) ? clientId : undefined;
}
