import { isGuid } from "../server/http";
import type { Tenant } from "../tenant/tenant";
import { EntraError } from "./entraError";

/** What the first segment of a sign-in URL says: this tenant, or any tenant (`common`, `organizations`). */
export type TenantName = "this" | "any";

/**
 * Reads the tenant from a sign-in URL: its ID, its domain, `common` or `organizations`.
 *
 * @throws {EntraError} AADSTS90002 for another tenant, AADSTS900023 for what can be none.
 */
export function resolveTenantName(name: string, tenant: Tenant): TenantName {
  const { tenantId, defaultDomain } = tenant.state;
  const lower = name.toLowerCase();
  if (lower === tenantId || lower === defaultDomain) return "this";
  if (lower === "common" || lower === "organizations") return "any";
  if (isGuid(name) || /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(name)) {
    throw new EntraError(
      400,
      "invalid_tenant",
      90002,
      `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
    );
  }
  throw new EntraError(
    400,
    "invalid_request",
    900023,
    `Specified tenant identifier '${name}' is neither a valid DNS name, nor a valid external domain.`,
  );
}
