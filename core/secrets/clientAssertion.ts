import type { Cloud } from "../cloud/clouds";

/** What a client assertion says. */
export interface AssertionParts {
  readonly cloud: Pick<Cloud, "authority">;
  readonly tenantId: string;
  readonly clientId: string;
  /** SHA-256 of the certificate, base64url. */
  readonly thumbprint: string;
  /** A GUID, new for each assertion. */
  readonly assertionId: string;
  readonly issuedAt: Date;
}

/** Long enough for a slow request and clocks that differ; Entra accepts more. */
const lifetimeSeconds = 300;

/**
 * What the key of a certificate has to sign for a client assertion: header and claims, as the beginning of a JWT.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials (read 2026-11)
 */
export function unsignedAssertion({
  cloud,
  tenantId,
  clientId,
  thumbprint,
  assertionId,
  issuedAt,
}: AssertionParts): string {
  const seconds = Math.floor(issuedAt.getTime() / 1000);
  const header = { alg: "PS256", typ: "JWT", "x5t#S256": thumbprint };
  const claims = {
    aud: `${cloud.authority}/${tenantId}/oauth2/v2.0/token`,
    iss: clientId,
    sub: clientId,
    jti: assertionId,
    nbf: seconds,
    iat: seconds,
    exp: seconds + lifetimeSeconds,
  };
  return [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
}
