import { cloudOf } from "../tenant/clouds";
import { githubIssuer, githubSigningKey } from "../github/githubActions";
import type { SigningKey } from "./signingKey";
import type { ServicePrincipal, Tenant } from "../tenant/tenant";
import { checkCertificateAssertion, isOwnAssertion } from "./certificateAssertion";
import { decodeJwt, entraIssuer, signJwt, tokenExchangeClientId, verifyJwt } from "./tokens";
import { guidBytes } from "../tenant/seed";
import { claimsMatch } from "./claimsExpression";
import { EntraError } from "./entraError";

/** The only kind of client assertion there is. */
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

interface Federation {
  readonly issuer: string;
  /** Null where an expression says whom the credential trusts. */
  readonly subject: string | null;
  readonly audiences: readonly string[];
  readonly claimsMatchingExpression?: { readonly value: string };
}

interface Assertion {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Judges an assertion: one that the client signed itself by its certificates, another issuer's against the federated
 * credentials of an application or of a user-assigned managed identity. There,
 * issuer, subject and audience must match letter by letter; one of Entra's own must be a managed identity's, made for
 * the exchange.
 *
 * @throws {EntraError} AADSTS700211 (issuer), AADSTS700213 and AADSTS7002138 (subject, which differs only in case),
 *   AADSTS700212 (audience), AADSTS700222, 700226, 700227, 700236 (Entra's own), AADSTS700024 (expired), AADSTS50013
 *   (signature), AADSTS50027 (no JWT), and those of a certificate's.
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations (read 2026-11)
 */
export async function checkClientAssertion(
  servicePrincipal: ServicePrincipal,
  assertion: string,
  tenant: Tenant,
): Promise<void> {
  const decoded = decodeJwt(assertion);
  if (decoded === undefined) {
    throw new EntraError(400, "invalid_request", 50027, "JWT token is invalid or malformed.");
  }
  const { claims } = decoded;
  if (isOwnAssertion(claims)) {
    checkCertificateAssertion(servicePrincipal, assertion, decoded, tenant);
    return;
  }
  const parsed: Assertion = {
    issuer: String(claims["iss"]),
    subject: String(claims["sub"]),
    audiences: audiencesOf(claims["aud"], tenant),
    claims,
  };
  matchFederation(federationsOf(servicePrincipal, tenant), parsed);
  if (!isServiceSubject(parsed.subject, tenant)) checkEntraAssertion(servicePrincipal, parsed, tenant);

  const key = await keyOfIssuer(parsed.issuer, tenant);
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

/**
 * What a service of Microsoft's presents for an app of this tenant, such as the token service of Copilot Studio's
 * agents or a custom connector: an assertion of the tenant's own issuer whose subject names tenant, service and use.
 *
 * @param subject `/eid1/c/{cloud}/t/{tenant}/a/{service}/{use}`, the two IDs as {@link serviceSubject} writes them.
 * @see https://learn.microsoft.com/microsoft-365/agents-sdk/azure-bot-user-authorization-federated-credentials (read 2026-11)
 */
export async function mintServiceAssertion(subject: string, tenant: Tenant): Promise<string> {
  const key = await tenant.signingKey;
  const nowSeconds = Math.floor(tenant.clock.now().getTime() / 1000);
  const times = { iat: nowSeconds, nbf: nowSeconds, exp: nowSeconds + 3600 };
  return signJwt(
    key,
    { typ: "JWT", alg: "RS256", kid: key.keyId },
    {
      aud: cloudOf(tenant.state).exchangeAudience,
      iss: entraIssuer(tenant.state),
      ...times,
      sub: subject,
      tid: tenant.state.tenantId,
      ver: "2.0",
    },
  );
}

/** The subject of a service's assertion; IDs are bytes as Windows lays them, base64url. */
export function serviceSubject(
  serviceClientId: string,
  use: string,
  { state }: Pick<Tenant, "state">,
): string {
  const encoded = (guid: string): string => guidBytes(guid).toString("base64url");
  return `${cloudOf(state).serviceSubject}/t/${encoded(state.tenantId)}/a/${encoded(serviceClientId)}/${use}`;
}

function isServiceSubject(subject: string, { state }: Tenant): boolean {
  return subject.startsWith(
    `${cloudOf(state).serviceSubject}/t/${guidBytes(state.tenantId).toString("base64url")}/a/`,
  );
}

/** A token for the exchange bears the client ID of its resource, and credentials name the resource by its URI. */
function audiencesOf(aud: unknown, { state }: Tenant): string[] {
  return [aud].flat().map((audience) => {
    const name = String(audience);
    return name === tokenExchangeClientId ? cloudOf(state).exchangeAudience : name;
  });
}

function matchFederation(
  federations: readonly Federation[],
  { issuer, subject, audiences, claims }: Assertion,
): void {
  const byIssuer = federations.filter((federation) => federation.issuer === issuer);
  if (byIssuer.length === 0) throw noMatch(700211, "issuer", issuer);
  const bySubject = byIssuer.filter(({ subject: trusted, claimsMatchingExpression: expression }) =>
    expression === undefined ? trusted === subject : claimsMatch(expression.value, claims),
  );
  if (bySubject.length === 0) {
    const lower = subject.toLowerCase();
    throw byIssuer.some((federation) => federation.subject?.toLowerCase() === lower)
      ? otherCase(subject)
      : noMatch(700213, "subject", subject);
  }
  const matching = bySubject.some((federation) =>
    federation.audiences.some((audience) => audiences.includes(audience)),
  );
  if (!matching) throw noMatch(700212, "audience", audiences.join(", "));
}

/**
 * What Entra wants of a token that it issued itself: this tenant's managed identity, an application as the client,
 * the exchange as the audience.
 *
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 *   (read 2026-11); the refusals are those that people have published, their order is a guess
 */
function checkEntraAssertion(client: ServicePrincipal, { issuer, claims }: Assertion, tenant: Tenant): void {
  const { directory } = tenant.state;
  const { version1, version2 } = cloudOf(tenant.state).issuers;
  const hostname = URL.canParse(issuer) ? new URL(issuer).hostname : undefined;
  if (hostname === new URL(version1).hostname) throw entraRefusal(700227, "Forbidden token audience.");
  if (hostname !== new URL(version2).hostname) return;
  if (issuer !== entraIssuer(tenant.state)) {
    throw entraRefusal(
      700236,
      `Entra ID tokens issued by issuer '${issuer}' may not be used for federated identity credential flows for applications or managed identities registered in this tenant.`,
    );
  }
  if (client.servicePrincipalType === "ManagedIdentity") {
    throw entraRefusal(700222, "AAD-issued tokens may not be used for federated identity flows.");
  }
  const issuedTo = directory.servicePrincipals[String(claims["oid"])];
  if (issuedTo?.servicePrincipalType !== "ManagedIdentity") {
    throw entraRefusal(
      700226,
      "Only MSI tokens may be used as Federated Identity Credentials for AAD issuer.",
    );
  }
}

function federationsOf(servicePrincipal: ServicePrincipal, tenant: Tenant): Federation[] {
  const { directory, arm } = tenant.state;
  if (servicePrincipal.servicePrincipalType !== "ManagedIdentity") {
    const application = Object.values(directory.applications).find(
      ({ appId }) => appId === servicePrincipal.appId,
    );
    // The sign-in service learns of a new credential as late as Graph's replicas do.
    const now = tenant.clock.now();
    return (application?.federatedIdentityCredentials ?? []).filter(({ id }) =>
      tenant.replication.isVisible(id, now, tenant.faults),
    );
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
  if (issuer === entraIssuer(tenant.state)) return tenant.signingKey;
  throw new EntraError(
    401,
    "invalid_client",
    50166,
    `Request to External OIDC endpoint failed: the emulator plays GitHub Actions and this tenant as issuers, not ${issuer}.`,
  );
}

function entraRefusal(code: number, text: string): EntraError {
  return new EntraError(401, "invalid_client", code, text);
}

function noMatch(code: number, part: string, value: string): EntraError {
  return entraRefusal(
    code,
    `No matching federated identity record found for presented assertion ${part} '${value}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation`,
  );
}

/** @see https://github.com/Azure/login/issues/515 (read 2026-11) */
function otherCase(subject: string): EntraError {
  return entraRefusal(
    7002138,
    `No matching federated identity record found for presented assertion subject '${subject}'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. See documentation at: https://learn.microsoft.com/entra/workload-id/workload-identity-federation. See breaking change notification and remediation at: https://learn.microsoft.com/en-us/entra/identity-platform/reference-breaking-changes#august-2024.`,
  );
}
