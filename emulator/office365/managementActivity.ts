import { authenticate } from "../entra/tokens";
import { json, notEmulated } from "../server/http";
import type { Tenant } from "../tenant/tenant";

const clientId = "c5393580-f805-4401-95e8-94b7a6ef2fc2";

/**
 * The read of an app's subscriptions by the Office 365 Management Activity API, which needs a permission of that API.
 *
 * @see https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference (read 2026-11)
 */
export function handleManagementActivity(request: Request, tenant: Tenant): Promise<Response> {
  return answer(request, tenant);
}

async function answer(request: Request, tenant: Tenant): Promise<Response> {
  const { pathname, origin } = new URL(request.url);
  const list = `/api/v1.0/${tenant.state.tenantId}/activity/feed/subscriptions/list`;
  if (request.method !== "GET" || pathname !== list) return notEmulated(request);
  const found = await authenticate(request, tenant, [origin, `${origin}/`, clientId]);
  const refused = (status: number, message: string): Response =>
    json(status, { error: { code: "AF10001", message } });
  if ("refusal" in found) return refused(401, `The token is not accepted: ${found.refusal}.`);
  const { roles } = found.caller;
  if (!roles.some((role) => role.startsWith("ActivityFeed."))) {
    return refused(
      403,
      `The permission set (${roles.join(" ")}) sent in the request did not include the expected permission ActivityFeed.Read.`,
    );
  }
  return json(200, [{ contentType: "Audit.General", status: "enabled", webhook: null }]);
}
