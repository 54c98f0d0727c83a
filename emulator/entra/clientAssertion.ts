import { githubIssuer, githubSigningKey } from "../githubActions";
import type { SigningKey } from "../signingKey";
import type { ServicePrincipal, Tenant } from "../tenant";
import { decodeJwt, verifyJwt } from "../tokens";
import { EntraError } from "./entraError";

/** The only kind of client assertion there is. */
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

interface Federation {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
}

/**
 * Judges a federated assertion against the credentials of an application or of a user-assigned managed identity.
 * Issuer, subject and audience must match letter by letter.
 *
 * @throws {EntraError} AADSTS700211 (issuer), AADSTS700213 (subject), AADSTS700212 (audience), AADSTS700024
 *   (expired), AADSTS50013 (signature), AADSTS50027 (no JWT).
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations (read 2026-11)
 */
export async function checkClientAssertion(
  servicePrincipal: ServicePrincipal,
  assertion: string,
  tenant: Tenant,
): Promise<void> {
  const claims = decodeJwt(assertion)?.claims;
  if (claims === undefined) {
    throw new EntraError(400, "invalid_request", 50027, "JWT token is invalid or malformed.");
  }
  const issuer = String(claims["iss"]);
  const subject = String(claims["sub"]);
  const audiences = [claims["aud"]].flat().map(String);

  const byIssuer = federationsOf(servicePrincipal, tenant).filter(
    (federation) => federation.issuer === issuer,
  );
  if (byIssuer.length === 0) throw noMatch(700211, "issuer", issuer);
  const bySubject = byIssuer.filter((federation) => federation.subject === subject);
  if (bySubject.length === 0) throw noMatch(700213, "subject", subject);
  const matching = bySubject.some((federation) =>
    federation.audiences.some((audience) => audiences.includes(audience)),
  );
  if (!matching) throw noMatch(700212, "audience", audiences.join(", "));

  const key = await keyOfIssuer(issuer, tenant);
  if (verifyJwt(key, assertion) === undefined) {
    throw new EntraError(401, "invalid_client", 50013, "Assertion failed signature validation.");
  }
  const nowSeconds = tenant.clock.now().getTime() / 1000;
  if (Number(claims["exp"]) <= nowSeconds || Number(claims["nbf"] ?? 0) > nowSeconds) {
    throw new EntraError(
      401,
      "invalid_client",
      700024,
      "Client assertion is not within its valid time range. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials.",
    );
  }
}

function federationsOf(servicePrincipal: ServicePrincipal, tenant: Tenant): Federation[] {
  const { directory, arm } = tenant.state;
  if (servicePrincipal.servicePrincipalType !== "ManagedIdentity") {
    const application = Object.values(directory.applications).find(
      ({ appId }) => appId === servicePrincipal.appId,
    );
    return application?.federatedIdentityCredentials ?? [];
  }
  const resources = Object.entries(arm.resources);
  const identity = resources.find(
    ([, { properties }]) => properties["clientId"] === servicePrincipal.appId,
  )?.[0];
  if (identity === undefined) return [];
  return resources
    .filter(([armId]) => armId.startsWith(`${identity}/federatedidentitycredentials/`))
    .map(([, { properties }]) => ({
      issuer: String(properties["issuer"]),
      subject: String(properties["subject"]),
      audiences: [properties["audiences"]].flat().map(String),
    }));
}

async function keyOfIssuer(issuer: string, tenant: Tenant): Promise<SigningKey> {
  if (issuer === githubIssuer) return githubSigningKey();
  const { tenantId } = tenant.state;
  const own = [`https://login.microsoftonline.com/${tenantId}/v2.0`, `https://sts.windows.net/${tenantId}/`];
  if (own.includes(issuer)) return tenant.signingKey;
  throw new EntraError(
    401,
    "invalid_client",
    50166,
    `Request to External OIDC endpoint failed: the emulator plays GitHub Actions and this tenant as issuers, not ${issuer}.`,
  );
}

function noMatch(code: number, part: string, value: string): EntraError {
  return new EntraError(
    401,
    "invalid_client",
    code,
    `No matching federated identity record found for presented assertion ${part} '${value}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation`,
  );
}
