import { githubIssuer } from "../../emulator/githubActions";
import { newGuid } from "../../emulator/http";
import type { Identity } from "../../emulator/seed";
import type { Tenant } from "../../emulator/tenant";

/**
 * Lets GitHub jobs sign in as an identity, as an administrator would.
 *
 * @param subject Such as `repo:contoso/agents:environment:deploy`.
 */
export function trustJobs({ state }: Tenant, { applicationObjectId }: Identity, subject: string): void {
  const application = state.directory.applications[applicationObjectId];
  if (application === undefined) throw new Error(`no application ${applicationObjectId}`);
  application.federatedIdentityCredentials.push({
    id: newGuid(),
    name: subject.replace(/[^A-Za-z0-9]+/g, "-"),
    issuer: githubIssuer,
    subject,
    audiences: ["api://AzureADTokenExchange"],
    description: null,
  });
}
