import { isGuid, json, newGuid } from "../server/http";
import type { Tenant } from "../tenant/tenant";

/** OAuth error names that Entra's token endpoint uses. */
export type OAuthError =
  | "invalid_client"
  | "invalid_request"
  | "invalid_resource"
  | "invalid_scope"
  | "invalid_tenant"
  | "unauthorized_client"
  | "unsupported_grant_type";

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
  ) {
    super(`AADSTS${code}: ${text}`);
    this.name = "EntraError";
  }
}

/** Writes a refusal as Entra does, with fresh trace and correlation IDs and the tenant's own time. */
export function entraErrorResponse(error: EntraError, request: Request, tenant: Tenant): Response {
  const traceId = newGuid();
  const asked = request.headers.get("client-request-id");
  const correlationId = asked !== null && isGuid(asked) ? asked : newGuid();
  const timestamp = `${tenant.clock.now().toISOString().slice(0, 19).replace("T", " ")}Z`;
  return json(
    error.status,
    {
      error: error.oauthError,
      error_description: `${error.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [error.code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://login.microsoftonline.com/error?code=${error.code}`,
    },
    { "Cache-Control": "no-store" },
  );
}
