import { isRecord } from "../server/http";
import type { Application, ServicePrincipal, Tenant } from "../tenant/tenant";
import { GraphError } from "./graphError";
import { isoDurationMilliseconds } from "./isoDuration";

/** Which of the tenant's default restrictions hold for whom. */
const defaultRestrictions = {
  application: "applicationRestrictions",
  servicePrincipal: "servicePrincipalRestrictions",
} as const;

/**
 * Judges a new client secret by the policy that applies: the holder's own, else the tenant's default.
 *
 * @throws {GraphError} 400 `CredentialInvalidLifetimeAsPerAppPolicy` or `CredentialTypeNotAllowedAsPerAppPolicy`.
 */
export function enforceAppManagementPolicy(
  kind: keyof typeof defaultRestrictions,
  holder: Pick<Application | ServicePrincipal, "id" | "createdDateTime">,
  startsAt: Date,
  endsAt: Date,
  tenant: Tenant,
): void {
  const { policies: stored } = tenant.state.directory;
  const ownPolicyId = stored.appManagementPolicyAssignments[holder.id];
  const own = ownPolicyId === undefined ? undefined : stored.appManagementPolicies[ownPolicyId];
  const policy = (own ?? stored.defaultAppManagementPolicy) as Record<string, unknown>;
  if (policy["isEnabled"] !== true) return;
  const restrictions = policy[own === undefined ? defaultRestrictions[kind] : "restrictions"];
  const onPasswords = isRecord(restrictions) ? restrictions["passwordCredentials"] : undefined;
  for (const restriction of Array.isArray(onPasswords) ? onPasswords.filter(isRecord) : []) {
    const { restrictionType, state, maxLifetime, restrictForAppsCreatedAfterDateTime: after } = restriction;
    if (state === "disabled") continue;
    if (typeof after === "string" && new Date(holder.createdDateTime) < new Date(after)) continue;
    if (restrictionType === "passwordAddition") {
      throw new GraphError(
        400,
        "CredentialTypeNotAllowedAsPerAppPolicy",
        `Credential type not allowed as per assigned policy '${String(policy["id"])}'.`,
      );
    }
    const allowed = typeof maxLifetime === "string" ? isoDurationMilliseconds(maxLifetime) : undefined;
    if (
      restrictionType === "passwordLifetime" &&
      allowed !== undefined &&
      endsAt.getTime() - startsAt.getTime() > allowed
    ) {
      throw new GraphError(
        400,
        "CredentialInvalidLifetimeAsPerAppPolicy",
        `Credential lifetime exceeds the max value allowed as per assigned policy '${String(policy["id"])}'.`,
      );
    }
  }
}
