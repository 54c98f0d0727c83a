import type { Cloud } from "../cloud/clouds";

/** What a client credentials request needs. Give a secret or, without one, a federated assertion. */
export interface ClientCredentials {
  readonly cloud: Pick<Cloud, "authority" | "graph">;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** A JWT from a federated issuer, instead of the secret. */
  readonly clientAssertion?: string;
  /** Default: everything of Microsoft Graph that was granted, `/.default` below its address. */
  readonly scope?: string;
}

export interface TokenRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Form-encoded. Holds the secret: never log it. */
  readonly body: string;
}

export interface AccessToken {
  readonly tokenType: string;
  readonly expiresInSeconds: number;
  readonly accessToken: string;
}

/** Why Entra, or something in front of it, gave no token. Holds no secret. */
export interface TokenRefusal {
  /** `AADSTS7000215` and the like; `HTTP_503` or `NOT_JSON` when the answer was not Entra's. */
  readonly code: string;
  readonly status: number;
  readonly description: string;
  readonly correlationId?: string;
  /** As Entra wrote it, such as `2026-11-22 10:00:00Z`. */
  readonly timestamp?: string;
  readonly retryAfterSeconds?: number;
}

export type TokenAnswer =
  { readonly ok: true; readonly token: AccessToken } | { readonly ok: false; readonly refusal: TokenRefusal };

/**
 * Builds the request for an app-only token; sends nothing.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow (read 2026-11)
 */
export function tokenRequest(credentials: ClientCredentials): TokenRequest {
  const form = new URLSearchParams({
    client_id: credentials.clientId,
    grant_type: "client_credentials",
    scope: credentials.scope ?? `${credentials.cloud.graph}/.default`,
  });
  if (credentials.clientSecret !== undefined) {
    form.set("client_secret", credentials.clientSecret);
  } else if (credentials.clientAssertion !== undefined) {
    form.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    form.set("client_assertion", credentials.clientAssertion);
  }
  return {
    url: `${credentials.cloud.authority}/${credentials.tenantId}/oauth2/v2.0/token`,
    headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
    body: form.toString(),
  };
}

/**
 * Judges the token endpoint's answer; fetches nothing.
 *
 * @param status HTTP status.
 * @param body The whole body as text: proxies and captive portals answer HTML.
 * @param retryAfter The `Retry-After` header, if any.
 */
export function readTokenAnswer(status: number, body: string, retryAfter?: string | null): TokenAnswer {
  const retryAfterSeconds = Number.parseInt(retryAfter ?? "", 10);
  const common = { status, ...(Number.isNaN(retryAfterSeconds) ? {} : { retryAfterSeconds }) };
  let json: Record<string, unknown> | undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null) json = parsed as Record<string, unknown>;
  } catch {
    json = undefined;
  }
  if (json === undefined) {
    return {
      ok: false,
      refusal: {
        ...common,
        code: status >= 400 ? `HTTP_${status}` : "NOT_JSON",
        description: `The token endpoint answered ${status} with something that is not JSON (${body.length} characters).`,
      },
    };
  }
  const { access_token: accessToken, token_type: tokenType, expires_in: expiresIn } = json;
  if (status === 200 && typeof accessToken === "string" && accessToken !== "") {
    const expiresInSeconds =
      typeof expiresIn === "number" || typeof expiresIn === "string" ? Number(expiresIn) : 0;
    return {
      ok: true,
      token: {
        accessToken,
        tokenType: typeof tokenType === "string" ? tokenType : "Bearer",
        expiresInSeconds: Number.isFinite(expiresInSeconds) ? expiresInSeconds : 0,
      },
    };
  }
  const description =
    typeof json["error_description"] === "string"
      ? json["error_description"]
      : "The answer holds no access_token.";
  const code = /AADSTS\d+/.exec(description)?.[0] ?? `HTTP_${status}`;
  return {
    ok: false,
    refusal: {
      ...common,
      code,
      description,
      ...(typeof json["correlation_id"] === "string" ? { correlationId: json["correlation_id"] } : {}),
      ...(typeof json["timestamp"] === "string" ? { timestamp: json["timestamp"] } : {}),
    },
  };
}

/**
 * Whether an error is transient while a new secret, app or service principal reaches
 * every replica of the sign-in service, or while the service is busy.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes (read 2026-11)
 */
export function passesByItself(refusal: TokenRefusal): boolean {
  const whileReplicating = [
    "AADSTS7000215",
    "AADSTS7000222",
    "AADSTS700016",
    "AADSTS7000229",
    // A certificate that a replica does not know yet.
    "AADSTS700027",
  ];
  return whileReplicating.includes(refusal.code) || refusal.status === 429 || refusal.status >= 500;
}

/**
 * Whether an error is transient while a new federated credential reaches every replica, which takes
 * minutes. A credential that is wrong is refused in the same words.
 *
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations (read 2026-11)
 */
export function trustPassesByItself(refusal: TokenRefusal): boolean {
  const whileReplicating = ["AADSTS70021", "AADSTS700211", "AADSTS700213"];
  return whileReplicating.includes(refusal.code) || passesByItself(refusal);
}
