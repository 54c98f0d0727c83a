import { hash, randomBytes, sign, verify } from "node:crypto";
import { noteCaller } from "../server/http";
import type { SigningKey } from "./signingKey";
import { cloudOf } from "../tenant/clouds";
import type { Tenant, TenantState } from "../tenant/tenant";

export { createSigningKey, type SigningKey } from "./signingKey";

/** Who signed in, as read from a token that this tenant signed. */
export interface Caller {
  readonly clientId: string;
  readonly objectId: string;
  readonly audience: string;
  /** App roles in the token; what Graph authorises an app by. */
  readonly roles: readonly string[];
  /** Delegated permissions, in the token of a signed-in user, whose object ID is `objectId`. Absent in an app's own. */
  readonly scopes?: readonly string[];
  /** How the client authenticated: `1` by secret, `2` by certificate or assertion. Default `1`. */
  readonly credentialStrength?: "1" | "2";
}

/** What Entra puts into an app-only token. */
export interface TokenGrant extends Caller {
  readonly displayName?: string;
  /** Default 3599, as Entra gives to apps. */
  readonly lifetimeSeconds?: number;
  /** Client ID of a resource whose registration asks for tokens of version 2.0. Default: version 1.0. */
  readonly version2For?: string | undefined;
  /** ARM ID of the managed identity that the token is for. */
  readonly managedIdentityResourceId?: string;
}

/** Every spelling of Microsoft Graph in `aud`; Entra repeats the one that the client asked for. */
export function graphAudiences({ state }: Pick<Tenant, "state">): string[] {
  return [...withSlash(cloudOf(state).graph), "00000003-0000-0000-c000-000000000000"];
}

/** Every spelling of Azure Resource Manager in `aud`. */
export function armAudiences({ state }: Pick<Tenant, "state">): string[] {
  const { resourceManager, resourceManagerAudience } = cloudOf(state);
  return [
    ...withSlash(resourceManager),
    ...withSlash(resourceManagerAudience),
    "797f4846-ba00-4fd7-ba43-dac1f8f63013",
  ];
}

/** Every spelling of Key Vault in `aud`. */
export function keyVaultAudiences({ state }: Pick<Tenant, "state">): string[] {
  return [...withSlash(`https://${cloudOf(state).vaultSuffix}`), "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"];
}

function withSlash(address: string): string[] {
  return [address, `${address}/`];
}

/** Client ID of the resource whose tokens serve as assertions, which is asked for by the cloud's `exchangeAudience`. */
export const tokenExchangeClientId = "fb60f99c-7a34-4190-8149-302f77469936";

/** The tenant's birth, as `xms_tcdt` has it. */
const tenantCreatedAtSeconds = Date.parse("2020-01-01T00:00:00Z") / 1000;

/** Entra's default for app-only tokens. */
export const tokenLifetimeSeconds = 3599;

/**
 * Signs an access token: of version 1.0, which is what Graph, ARM and Key Vault get, of version 2.0 where the resource
 * asks for it, or an assertion for another app.
 *
 * A token for Graph has a `nonce` in its header and is signed over a header that holds the nonce's hash, so it
 * verifies only for Graph, not with the published keys.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference (read 2026-11)
 * @see https://github.com/justinlettau/azure-ad-verify-token/issues/5 for the nonce (read 2026-11)
 */
export async function mintToken(tenant: Tenant, grant: TokenGrant): Promise<string> {
  const key = await tenant.signingKey;
  const { header, claims } = tokenParts(tenant, grant, key);
  return signJwt(key, header, claims);
}

/** The same, signed on another thread: the token endpoint goes on answering meanwhile. */
export async function mintTokenAside(tenant: Tenant, grant: TokenGrant): Promise<string> {
  const key = await tenant.signingKey;
  const { header, claims } = tokenParts(tenant, grant, key);
  return signJwtAside(key, header, claims);
}

/** {@link signJwt} on another thread. */
export async function signJwtAside(key: SigningKey, header: object, claims: object): Promise<string> {
  const body = encode(claims);
  const signature = await new Promise<Buffer>((resolve, reject) => {
    const input = Buffer.from(`${encode(hashNonce(header))}.${body}`);
    sign("sha256", input, key.privateKey, (error, signed) => {
      if (error === null) resolve(signed);
      else reject(error);
    });
  });
  return `${encode(header)}.${body}.${signature.toString("base64url")}`;
}

interface TokenParts {
  readonly header: object;
  readonly claims: object;
}

function tokenParts(tenant: Tenant, grant: TokenGrant, key: SigningKey): TokenParts {
  if (grant.version2For !== undefined) return version2Parts(tenant, grant, grant.version2For, key);
  return [cloudOf(tenant.state).exchangeAudience, tokenExchangeClientId].includes(
    grant.audience.replace(/\/$/, ""),
  )
    ? assertionParts(tenant, grant, key)
    : accessTokenParts(tenant, grant, key);
}

/**
 * A token that serves as a client assertion. It is of version 2.0, so that its issuer is the one that a federated
 * identity credential names; without the roles that only a resource would need.
 *
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 *   (read 2026-11) for issuer and subject; the other claims are those of decoded tokens that people have published
 */
function assertionParts(tenant: Tenant, grant: TokenGrant, key: SigningKey): TokenParts {
  return version2Parts(tenant, { ...grant, roles: [] }, tokenExchangeClientId, key);
}

/** @param resourceClientId What version 2.0 has as the audience, however the resource was asked for. */
function version2Parts(
  tenant: Tenant,
  grant: TokenGrant,
  resourceClientId: string,
  { keyId }: SigningKey,
): TokenParts {
  const { tenantId } = tenant.state;
  const random = randomPart(64);
  return {
    header: { typ: "JWT", alg: "RS256", kid: keyId },
    claims: {
      aud: resourceClientId,
      iss: entraIssuer(tenant.state),
      ...lifetimeClaims(tenant, grant),
      aio: random.toString("base64", 0, 24),
      azp: grant.clientId,
      azpacr: grant.credentialStrength ?? "1",
      idtyp: "app",
      oid: grant.objectId,
      rh: `1.${random.toString("base64url", 24, 48)}.`,
      ...(grant.roles.length === 0 ? {} : { roles: grant.roles }),
      sub: grant.objectId,
      tid: tenantId,
      uti: random.toString("base64url", 48, 64),
      ver: "2.0",
      ...managedIdentityClaim(grant),
    },
  };
}

/** Issuer of tokens of version 2.0, as federated identity credentials name this tenant. */
export function entraIssuer(state: Pick<TenantState, "cloud" | "tenantId">): string {
  return `${cloudOf(state).issuers.version2}/${state.tenantId}/v2.0`;
}

/** Issuer of tokens of version 1.0. */
export function entraIssuerV1(state: TenantState): string {
  return `${cloudOf(state).issuers.version1}/${state.tenantId}/`;
}

function lifetimeClaims(tenant: Tenant, { lifetimeSeconds = tokenLifetimeSeconds }: TokenGrant) {
  const nowSeconds = Math.floor(tenant.clock.now().getTime() / 1000);
  return { iat: nowSeconds - 300, nbf: nowSeconds - 300, exp: nowSeconds + lifetimeSeconds };
}

/** Entra writes the resource group's segment in small letters. */
function managedIdentityClaim({ managedIdentityResourceId: id }: TokenGrant): object {
  return id === undefined ? {} : { xms_mirid: id.replace(/\/resourceGroups\//i, "/resourcegroups/") };
}

let unused = Buffer.alloc(0);

/** Random bytes, read for 64 tokens at once: one call to the system takes as long as making the claims. */
export function randomPart(count: number): Buffer {
  if (unused.length < count) unused = randomBytes(64 * count);
  const part = unused.subarray(0, count);
  unused = unused.subarray(count);
  return part;
}

function accessTokenParts(tenant: Tenant, grant: TokenGrant, { keyId }: SigningKey): TokenParts {
  const { tenantId } = tenant.state;
  const issuer = entraIssuerV1(tenant.state);
  const random = randomPart(96);
  const claims = {
    aud: grant.audience,
    iss: issuer,
    ...lifetimeClaims(tenant, grant),
    aio: random.toString("base64", 0, 24),
    app_displayname: grant.displayName,
    appid: grant.clientId,
    appidacr: grant.credentialStrength ?? "1",
    idp: issuer,
    idtyp: "app",
    oid: grant.objectId,
    rh: `1.${random.toString("base64url", 24, 48)}.`,
    // Without any role Entra leaves the claim out, it does not send an empty list.
    ...(grant.roles.length === 0 ? {} : { roles: grant.roles }),
    sub: grant.objectId,
    tenant_region_scope: "EU",
    tid: tenantId,
    uti: random.toString("base64url", 48, 64),
    ver: "1.0",
    wids: ["0997a1d0-0d1d-4acb-b408-d5ca73121e90"],
    xms_ftd: random.toString("base64url", 40, 64),
    xms_idrel: "7 22",
    ...managedIdentityClaim(grant),
    xms_rd: random.toString("base64url", 20, 32),
    xms_tcdt: tenantCreatedAtSeconds,
    xms_tdbr: "EU",
  };
  const header = { typ: "JWT", alg: "RS256", x5t: keyId, kid: keyId };
  return graphAudiences(tenant).includes(grant.audience)
    ? { header: { ...header, nonce: random.toString("base64url", 64, 96) }, claims }
    : { header, claims };
}

/** Signs any header and claims; a `nonce` in the header is hashed first, in Graph's manner. */
export function signJwt(key: SigningKey, header: object, claims: object): string {
  const body = encode(claims);
  const signature = sign("sha256", Buffer.from(`${encode(hashNonce(header))}.${body}`), key.privateKey);
  return `${encode(header)}.${body}.${signature.toString("base64url")}`;
}

type Claims = Readonly<Record<string, unknown>>;

/** Claims of the last tokens that were found to be a key's: a client sends the same token with many requests. */
const genuineTokens = new WeakMap<SigningKey, Map<string, Claims>>();
const mostGenuineTokens = 100;

/** The claims of a token that a key signed; `undefined` when it is no JWT or its signature is another's. */
export function verifyJwt(key: SigningKey, token: string): Claims | undefined {
  const known = genuineTokens.get(key) ?? new Map<string, Claims>();
  const kept = known.get(token);
  if (kept !== undefined) return kept;
  const claims = claimsOfGenuine(key, token);
  if (claims === undefined) return undefined;
  if (known.size >= mostGenuineTokens) known.clear();
  genuineTokens.set(key, known.set(token, claims));
  return claims;
}

function claimsOfGenuine(key: SigningKey, token: string): Claims | undefined {
  const [header, claims, signature, ...rest] = token.split(".");
  if (header === undefined || claims === undefined || signature === undefined || rest.length > 0)
    return undefined;
  const parsedHeader = decodePart(header);
  if (parsedHeader?.["alg"] !== "RS256") return undefined;
  const signed = "nonce" in parsedHeader ? encode(hashNonce(parsedHeader)) : header;
  const genuine = verify(
    "sha256",
    Buffer.from(`${signed}.${claims}`),
    key.publicKey,
    Buffer.from(signature, "base64url"),
  );
  return genuine ? decodePart(claims) : undefined;
}

/** The parts of a JWT without any check; `undefined` when it is none. */
export function decodeJwt(
  token: string,
): { header: Record<string, unknown>; claims: Record<string, unknown> } | undefined {
  const [headerPart, claimsPart, signature] = token.split(".");
  const header = decodePart(headerPart ?? "");
  const claims = decodePart(claimsPart ?? "");
  return header === undefined || claims === undefined || signature === undefined
    ? undefined
    : { header, claims };
}

/**
 * Who sent a request, or why its token does not count: `missing` (no bearer token), `invalid` (not signed by this
 * tenant), `expired` (or not yet valid, by the tenant's clock), `audience` (made for another service).
 */
export type Authentication =
  { readonly caller: Caller } | { readonly refusal: "missing" | "invalid" | "expired" | "audience" };

/** Judges a request's bearer token: signature, audience and lifetime. */
export async function authenticate(
  request: Request,
  tenant: Tenant,
  acceptedAudiences: readonly string[],
): Promise<Authentication> {
  const [scheme, token] = (request.headers.get("Authorization") ?? "").split(" ");
  if (scheme?.toLowerCase() !== "bearer" || token === undefined || token === "")
    return { refusal: "missing" };
  const claims = verifyJwt(await tenant.signingKey, token);
  if (claims === undefined) return { refusal: "invalid" };
  const { aud, appid, appidacr, oid, roles, scp, exp, nbf, tid } = claims;
  if (
    typeof aud !== "string" ||
    typeof appid !== "string" ||
    typeof oid !== "string" ||
    tid !== tenant.state.tenantId
  ) {
    return { refusal: "invalid" };
  }
  noteCaller(request, appid);
  if (!acceptedAudiences.includes(aud)) return { refusal: "audience" };
  const nowSeconds = tenant.clock.now().getTime() / 1000;
  if (Number(exp) <= nowSeconds || Number(nbf) > nowSeconds) return { refusal: "expired" };
  const roleNames = Array.isArray(roles) ? roles.map(String) : [];
  const credentialStrength = appidacr === "2" ? ("2" as const) : ("1" as const);
  const caller = { clientId: appid, objectId: oid, audience: aud, roles: roleNames, credentialStrength };
  return { caller: typeof scp === "string" ? { ...caller, scopes: scp.split(" ") } : caller };
}

/** SHA-256, base64url: how the directory keeps a client secret. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "base64url");
}

/** A client secret in Entra's own form: 40 characters, of which `~` and `.` need care in URLs. */
export function newSecret(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  // 66 characters divide 256 with a small bias, which is good enough for an emulator.
  const random = [...randomBytes(37)].map((byte) => alphabet.charAt(byte % alphabet.length)).join("");
  return `${random.slice(0, 3)}8Q~${random.slice(3)}`;
}

function hashNonce(header: object): object {
  if (!("nonce" in header)) return header;
  return { ...header, nonce: hash("sha256", String(header.nonce), "base64url") };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decodePart(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
