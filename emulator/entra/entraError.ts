import { cloudOf } from "../tenant/clouds";
import { isGuid, json, newGuid } from "../server/http";
import type { Tenant } from "../tenant/tenant";

/** OAuth error names that Entra uses. */
export type OAuthError =
  | "access_denied"
  | "authorization_declined"
  | "authorization_pending"
  | "consent_required"
  | "expired_token"
  | "interaction_required"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_request"
  | "invalid_resource"
  | "invalid_scope"
  | "invalid_tenant"
  | "login_required"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type";

/** A refusal by Entra, thrown by whatever part finds the reason. */
export class EntraError extends Error {
  /**
   * @param code The number behind `AADSTS`.
   * @param text Entra's own words, without the code and the IDs.
   */
  constructor(
    readonly status: number,
    readonly oauthError: OAuthError,
    readonly code: number,
    readonly text: string,
    readonly suberror?: "consent_required",
  ) {
    super(`AADSTS${code}: ${text}`);
    this.name = "EntraError";
  }
}

/** Writes a refusal as Entra does, with fresh trace and correlation IDs and the tenant's own time. */
export function entraErrorResponse(error: EntraError, request: Request, tenant: Tenant): Response {
  const asked = request.headers.get("client-request-id");
  const correlationId = asked !== null && isGuid(asked) ? asked : newGuid();
  const { description, traceId, timestamp } = describeRefusal(error, tenant, correlationId);
  return json(
    error.status,
    {
      error: error.oauthError,
      error_description: description,
      error_codes: [error.code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `${cloudOf(tenant.state).authority}/error?code=${error.code}`,
      ...(error.suberror === undefined ? {} : { suberror: error.suberror }),
    },
    { "Cache-Control": "no-store" },
  );
}

/** The text of an error with the IDs and the time that Entra adds. */
export function describeRefusal(
  error: EntraError,
  tenant: Tenant,
  correlationId = newGuid(),
): { readonly description: string; readonly traceId: string; readonly timestamp: string } {
  const traceId = newGuid();
  const timestamp = `${tenant.clock.now().toISOString().slice(0, 19).replace("T", " ")}Z`;
  const description = `${error.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  return { description, traceId, timestamp };
}
