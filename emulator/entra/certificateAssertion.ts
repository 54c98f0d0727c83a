import { cloudOf } from "../tenant/clouds";
import { constants, createHash, verify, X509Certificate } from "node:crypto";
import { isGuid, isRecord, textOf } from "../server/http";
import type { ServicePrincipal, Tenant } from "../tenant/tenant";
import { EntraError } from "./entraError";

type Claims = Readonly<Record<string, unknown>>;

/** By how much a client's clock may differ. MSAL rounds the beginning of its assertions up to the next second. */
const clockSkewSeconds = 300;

interface RegisteredCertificate {
  readonly certificate: X509Certificate;
  readonly startAt: Date;
  readonly endAt: Date;
}

/**
 * Whether an assertion is a client's own, which its certificate signs, and not another issuer's token: issuer and
 * subject are the same client ID.
 */
export function isOwnAssertion({ iss, sub }: Claims): boolean {
  return typeof iss === "string" && isGuid(iss) && iss === sub;
}

/**
 * Judges an assertion that a client signed with the key of one of its certificates.
 *
 * @param jwt As it was sent.
 * @throws {EntraError} AADSTS700021 (another client's), AADSTS50027 (no thumbprint), AADSTS5002738 (algorithm),
 *   AADSTS700027 (unknown certificate, wrong key, certificate outside its time), AADSTS700023 (audience), AADSTS700024
 *   (assertion outside its time).
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials (read 2026-11) for header and claims;
 *   the texts of the errors are those of public issues, such as keycloak/keycloak#19425 and
 *   microsoftgraph/msgraph-sdk-php#1585; their order is inferred
 */
export function checkCertificateAssertion(
  client: ServicePrincipal,
  jwt: string,
  { header, claims }: { readonly header: Claims; readonly claims: Claims },
  tenant: Tenant,
): void {
  if (claims["iss"] !== client.appId) {
    throw invalidClient(
      700021,
      "Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at " +
        "https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
    );
  }
  const now = tenant.clock.now();
  const registered = findCertificate(client, header, tenant);
  const { certificate, startAt, endAt } = registered;
  if (!hasSigned(certificate, textOf(header["alg"]), jwt)) {
    throw signatureRefused(
      client,
      "The provided signature value did not match the expected signature value.",
      registered,
    );
  }
  if (endAt <= now) throw signatureRefused(client, "The key used is expired.", registered);
  if (startAt > now) throw signatureRefused(client, "The key used is not yet valid.", registered);
  checkAudience(claims["aud"], tenant);
  const seconds = now.getTime() / 1000;
  const isOver = Number(claims["exp"]) + clockSkewSeconds <= seconds;
  if (isOver || Number(claims["nbf"] ?? 0) - clockSkewSeconds > seconds) {
    throw invalidClient(
      700024,
      `Client assertion is not within its valid time range. Current time: ${now.toISOString()}, assertion valid from ` +
        `${instantOf(claims["nbf"])}, expiry time of assertion ${instantOf(claims["exp"])}. Review the documentation at ` +
        "https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
    );
  }
}

/** By SHA-256 (`x5t#S256`) or SHA-1 (`x5t`) of the certificate, among the application's and the service principal's. */
function findCertificate(client: ServicePrincipal, header: Claims, tenant: Tenant): RegisteredCertificate {
  // MSAL for Python, and so the Azure CLI, pads them, and Entra does not mind.
  const [sha256 = "", sha1 = ""] = ["x5t#S256", "x5t"].map((name) => textOf(header[name]).replace(/=+$/, ""));
  if (sha256 === "" && sha1 === "") {
    throw new EntraError(
      400,
      "invalid_request",
      50027,
      "Invalid JWT token. No certificate thumbprint specified in token header.",
    );
  }
  const application = Object.values(tenant.state.directory.applications).find(
    ({ appId }) => appId === client.appId,
  );
  const known = [application?.["keyCredentials"], client["keyCredentials"]].flat().filter(isRecord);
  for (const { key, type, usage, startDateTime, endDateTime } of known) {
    if (type !== "AsymmetricX509Cert" || usage !== "Verify") continue;
    const certificate = new X509Certificate(Buffer.from(textOf(key), "base64"));
    const digest = (hash: string): string => createHash(hash).update(certificate.raw).digest("base64url");
    if (sha256 === "" ? digest("sha1") === sha1 : digest("sha256") === sha256) {
      return {
        certificate,
        startAt: new Date(textOf(startDateTime)),
        endAt: new Date(textOf(endDateTime)),
      };
    }
  }
  throw invalidClient(
    700027,
    "The certificate with identifier used to sign the client assertion is not registered on application. " +
      `[Reason - The key was not found., Thumbprint of key used by client: '${hex(sha256 === "" ? sha1 : sha256)}', ` +
      `${whereKeysAre(client)}].`,
  );
}

function hasSigned(certificate: X509Certificate, algorithm: string, jwt: string): boolean {
  const [header = "", claims = "", signature = ""] = jwt.split(".");
  const paddings: Readonly<Record<string, number>> = {
    RS256: constants.RSA_PKCS1_PADDING,
    PS256: constants.RSA_PKCS1_PSS_PADDING,
  };
  const padding = paddings[algorithm];
  if (padding === undefined) {
    throw new EntraError(
      400,
      "invalid_request",
      5002738,
      `Invalid JWT token. '${algorithm}' is not a supported signature algorithm.`,
    );
  }
  const key = { key: certificate.publicKey, padding };
  return verify("sha256", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url"));
}

/** The token endpoint of either version, or the issuer, by the tenant's ID or one of its names. */
function checkAudience(audience: unknown, { state }: Tenant): void {
  const { authority } = cloudOf(state);
  const names = [state.tenantId, state.defaultDomain, "common", "organizations"];
  const known = names.flatMap((name) =>
    ["oauth2/v2.0/token", "oauth2/token", "v2.0"].map((path) => `${authority}/${name}/${path}`),
  );
  if (known.includes(textOf(audience))) return;
  throw invalidClient(
    700023,
    "Client assertion audience claim does not match Realm issuer. Review the documentation at " +
      "https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
  );
}

function signatureRefused(
  client: ServicePrincipal,
  reason: string,
  { certificate, startAt, endAt }: RegisteredCertificate,
): EntraError {
  const thumbprint = certificate.fingerprint.replaceAll(":", "");
  return invalidClient(
    700027,
    `Client assertion failed signature validation. [Reason - ${reason}, Thumbprint of key used by client: ` +
      `'${thumbprint}', Found key 'Start=${americanDate(startAt)}, End=${americanDate(endAt)}', ${whereKeysAre(client)}].`,
  );
}

function whereKeysAre({ appId }: ServicePrincipal): string {
  return (
    "Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id " +
    `'${appId}'. Review the documentation at https://docs.microsoft.com/en-us/graph/deployments to determine the ` +
    "corresponding service endpoint and https://docs.microsoft.com/en-us/graph/api/application-get?view=graph-rest-1.0&tabs=http " +
    `to build a query request URL, such as 'https://graph.microsoft.com/beta/applications/${appId}'`
  );
}

/** Such as `11/22/2026 10:00:00`. */
function americanDate(instant: Date): string {
  const [date = "", time = ""] = instant.toISOString().split("T");
  const [year = "", month = "", day = ""] = date.split("-");
  return `${month}/${day}/${year} ${time.slice(0, 8)}`;
}

function instantOf(seconds: unknown): string {
  const at = new Date(Number(seconds) * 1000);
  return Number.isNaN(at.getTime()) ? String(seconds) : at.toISOString();
}

function hex(thumbprint: string): string {
  return Buffer.from(thumbprint, "base64url").toString("hex").toUpperCase();
}

function invalidClient(code: number, text: string): EntraError {
  return new EntraError(401, "invalid_client", code, text);
}
