import { isRecord } from "../server/http";
import type { Application, ServicePrincipal, Tenant } from "../tenant/tenant";
import { GraphError } from "./graphError";
import { isoDurationMilliseconds } from "./isoDuration";

/** Which of the tenant's default restrictions hold for whom. */
const defaultRestrictions = {
  application: "applicationRestrictions",
  servicePrincipal: "servicePrincipalRestrictions",
} as const;

/** Names of the restrictions on each kind of credential. */
const restrictionsOn = {
  passwordCredentials: { addition: "passwordAddition", lifetime: "passwordLifetime" },
  // No authority is configured here, so that every certificate is of one that is not trusted.
  keyCredentials: { addition: "trustedCertificateAuthority", lifetime: "asymmetricKeyLifetime" },
} as const;

/** A credential that is about to be added. */
export interface NewCredential {
  readonly list: keyof typeof restrictionsOn;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/**
 * Judges a new client secret or certificate by the policy that applies: the holder's own, else the tenant's default.
 *
 * @throws {GraphError} 400 `CredentialInvalidLifetimeAsPerAppPolicy` or `CredentialTypeNotAllowedAsPerAppPolicy`; for a
 *   certificate of an authority that is not trusted the code is inferred.
 * @see https://learn.microsoft.com/graph/api/resources/keycredentialconfiguration (read 2026-11)
 */
export function enforceAppManagementPolicy(
  kind: keyof typeof defaultRestrictions,
  holder: Pick<Application | ServicePrincipal, "id" | "createdDateTime">,
  { list, startsAt, endsAt }: NewCredential,
  tenant: Tenant,
): void {
  const { addition, lifetime } = restrictionsOn[list];
  const { policies: stored } = tenant.state.directory;
  const ownPolicyId = stored.appManagementPolicyAssignments[holder.id];
  const own = ownPolicyId === undefined ? undefined : stored.appManagementPolicies[ownPolicyId];
  const policy = (own ?? stored.defaultAppManagementPolicy) as Record<string, unknown>;
  if (policy["isEnabled"] !== true) return;
  const restrictions = policy[own === undefined ? defaultRestrictions[kind] : "restrictions"];
  const onKind = isRecord(restrictions) ? restrictions[list] : undefined;
  for (const restriction of Array.isArray(onKind) ? onKind.filter(isRecord) : []) {
    const { restrictionType, state, maxLifetime, restrictForAppsCreatedAfterDateTime: after } = restriction;
    if (state === "disabled") continue;
    if (typeof after === "string" && new Date(holder.createdDateTime) < new Date(after)) continue;
    if (restrictionType === addition) {
      throw new GraphError(
        400,
        "CredentialTypeNotAllowedAsPerAppPolicy",
        `Credential type not allowed as per assigned policy '${String(policy["id"])}'.`,
      );
    }
    const allowed = typeof maxLifetime === "string" ? isoDurationMilliseconds(maxLifetime) : undefined;
    if (
      restrictionType === lifetime &&
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
