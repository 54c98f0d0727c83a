import { githubIssuer } from "../../infra/core/trust";
import { newGuid } from "../../emulator/http";
import type { Tenant } from "../../emulator/tenant";

/** Lets a subject sign in as an application, as its federated identity credential does. */
export function trustSubject(
  tenant: Tenant,
  applicationObjectId: string,
  subject: string,
  issuer: string = githubIssuer,
): void {
  const id = newGuid();
  tenant.state.directory.applications[applicationObjectId]?.federatedIdentityCredentials.push({
    id,
    name: id,
    issuer,
    subject,
    audiences: ["api://AzureADTokenExchange"],
    description: null,
  });
}
