import type { Cloud } from "../cloud/clouds";
import type { CredentialKind } from "../settings/credentialKind";
import type { NamedApi } from "./apiAddress";
import { isAddressOf, knownApiOf, mainHost, type KnownApi } from "./knownApis";

interface HarmlessRead {
  /** Well-known name of the API. */
  readonly api: string;
  /** Application permissions of which one is enough. */
  readonly permissions: readonly string[];
  /** Below the API's main host. */
  readonly path: (tenantId: string) => string;
}

/**
 * One small read of an API that changes nothing and needs no identifier.
 *
 * @see https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference,
 *   https://learn.microsoft.com/defender-endpoint/api/get-machines, https://learn.microsoft.com/defender-endpoint/api/get-alerts,
 *   https://learn.microsoft.com/defender-xdr/api-list-incidents, https://learn.microsoft.com/sharepoint/dev/sp-add-ins/get-to-know-the-sharepoint-rest-service
 *   (read 2026-11)
 */
const harmlessReads: readonly HarmlessRead[] = [
  {
    api: "Office365Management",
    permissions: ["ActivityFeed.Read", "ActivityFeed.ReadDlp"],
    path: (tenantId) => `/api/v1.0/${tenantId}/activity/feed/subscriptions/list`,
  },
  {
    api: "WindowsDefenderAtp",
    permissions: ["Machine.Read.All", "Machine.ReadWrite.All"],
    path: () => "/api/machines?$top=1",
  },
  {
    api: "WindowsDefenderAtp",
    permissions: ["Alert.Read.All", "Alert.ReadWrite.All"],
    path: () => "/api/alerts?$top=1",
  },
  {
    api: "ThreatProtection",
    permissions: ["Incident.Read.All", "Incident.ReadWrite.All"],
    path: () => "/api/incidents?$top=1",
  },
  {
    api: "Office365SharePointOnline",
    permissions: ["Sites.Read.All", "Sites.ReadWrite.All", "Sites.Manage.All", "Sites.FullControl.All"],
    path: () => "/_api/web",
  },
];

/**
 * A read that an app's permissions of an API allow.
 *
 * @returns Undefined for an API without one, and for SharePoint with a client secret, which it refuses.
 */
export function harmlessRead(
  cloud: Cloud,
  api: NamedApi & { readonly permissions: readonly string[] },
  tenantId: string,
  signIn: CredentialKind,
): URL | undefined {
  const known = knownApiOf(api.clientId);
  if (known?.name === "Office365SharePointOnline" && signIn === "secret") return undefined;
  const read = harmlessReads.find(
    (one) =>
      one.api === known?.name && one.permissions.some((permission) => api.permissions.includes(permission)),
  );
  if (known === undefined || read === undefined) return undefined;
  // Settings that name SharePoint by its address say where this organization's is.
  const host = mainHost(cloud, known);
  const origin = host === undefined ? addressIn(cloud, known, api) : `https://${host}`;
  return origin === undefined ? undefined : new URL(`${origin}${read.path(tenantId)}`);
}

function addressIn(cloud: Cloud, known: KnownApi, { audience }: NamedApi): string | undefined {
  return isAddressOf(cloud, known, audience) ? audience.replace(/\/$/, "") : undefined;
}
