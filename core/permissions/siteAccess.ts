/** The permission, of Microsoft Graph or of SharePoint, that opens only the sites that are granted one by one. */
export const sitesSelected = "Sites.Selected";

/**
 * What an app may do in one site.
 *
 * @see https://learn.microsoft.com/graph/permissions-selected-overview (read 2026-11)
 */
export const SiteRole = { read: "read", write: "write", owner: "owner", fullcontrol: "fullcontrol" } as const;
export type SiteRole = (typeof SiteRole)[keyof typeof SiteRole];

/** One SharePoint site that an app may reach. */
export interface SiteAccess {
  /** Its address: host and path of a site, without a page or library. */
  readonly url: string;
  /** What the app may do there. */
  readonly role: SiteRole;
}

/** Equal for two addresses of one site. */
export function siteKey(url: string): string {
  return url.toLowerCase().replace(/\/$/, "");
}

/** Microsoft Graph's path of a site by its address: `/sites/{host}:/{path}`. */
export function sitePath(url: string): string {
  const { hostname, pathname } = new URL(url);
  const place = pathname.replace(/\/$/, "");
  return place === "" ? `/sites/${hostname}` : `/sites/${hostname}:${place}`;
}
