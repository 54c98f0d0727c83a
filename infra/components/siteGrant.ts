import type { CloudName } from "../../core/cloud/clouds";
import * as pulumi from "@pulumi/pulumi";
import { siteKey, type SiteAccess, type SiteRole } from "../../core/permissions/siteAccess";
import { ProvidedResource } from "./providedResource";

/** Who reaches the sites. */
export interface SiteGrantee {
  /** The cloud of the tenant. Default: the public cloud. */
  readonly cloud?: CloudName;
  /** Tenant ID, a GUID. */
  readonly tenantId: string;
  /** Client ID of the app or of the managed identity. Another one is another grant. */
  readonly clientId: pulumi.Input<string>;
  /** Its name, as the site's owners see it. */
  readonly displayName: string;
}

/** A SharePoint site that an app reaches, as a stack publishes it. */
export interface PublishedSite {
  /** Address of the site. */
  readonly url: string;
  /** What the app may do there. */
  readonly role: string;
  /** ID of the site in Microsoft Graph. */
  readonly siteId: pulumi.Output<string>;
}

/** A site, and who reaches it. */
export interface SiteGrantArgs extends SiteGrantee {
  /** Address of the site: host and path, without a page or library. Another address is another grant. */
  readonly siteUrl: string;
  /** What the app may do there. */
  readonly role: SiteRole;
}

/** Lets one app or managed identity reach one SharePoint site. It needs the permission `Sites.Selected` of Microsoft Graph. */
class SiteGrant extends ProvidedResource {
  /** ID of the site in Microsoft Graph. */
  declare readonly siteId: pulumi.Output<string>;
  /** ID of the grant at the site. */
  declare readonly permissionId: pulumi.Output<string>;

  constructor(name: string, args: SiteGrantArgs, opts: pulumi.CustomResourceOptions) {
    super("SiteGrant", name, { siteId: undefined, permissionId: undefined, ...args }, opts);
  }
}

/** Grants an app its SharePoint sites, one by one. */
export function grantSites(
  name: string,
  sites: readonly SiteAccess[],
  grantee: SiteGrantee,
  options: pulumi.CustomResourceOptions,
): PublishedSite[] {
  return sites.map(({ url, role }) => {
    const place = siteKey(url).replace(/^https:\/\//, "");
    const { siteId } = new SiteGrant(`${name}-${place}`, { ...grantee, siteUrl: url, role }, options);
    return { url, role, siteId };
  });
}
