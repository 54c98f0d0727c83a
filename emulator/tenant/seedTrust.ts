import { cloudOf } from "./clouds";
import { githubIssuer } from "../github/githubActions";
import { newGuid } from "../server/http";
import type { Tenant } from "./tenant";

/**
 * Lets a subject sign in as an application, as its federated identity credential does; lag never reaches it.
 *
 * @param issuer Default: GitHub's.
 */
export function trustSubject(
  { state }: Pick<Tenant, "state">,
  applicationObjectId: string,
  subject: string,
  issuer: string = githubIssuer,
): void {
  const id = newGuid();
  state.directory.applications[applicationObjectId]?.federatedIdentityCredentials.push({
    id,
    name: id,
    issuer,
    subject,
    audiences: [cloudOf(state).exchangeAudience],
    description: null,
  });
}
