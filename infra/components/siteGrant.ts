import type { CloudName } from "../../core/cloud/clouds";
import * as pulumi from "@pulumi/pulumi";
import { siteKey, type SiteAccess } from "../../core/permissions/siteAccess";
import { dynamicProvider } from "./publishedCredential";

/** Who reaches the sites. */
export interface SiteGrantee {
  /** Default: the public cloud. */
  readonly cloud?: CloudName;
  /** Tenant ID, a GUID. */
  readonly tenantId: string;
  /** Client ID of the app or of the managed identity. */
  readonly clientId: pulumi.Input<string>;
  /** As the site's owners see it. */
  readonly displayName: string;
}

/** A SharePoint site that an app reaches, as a stack publishes it. */
export interface PublishedSite {
  readonly url: string;
  readonly role: string;
  readonly siteId: pulumi.Output<string>;
}

class SiteGrant extends pulumi.CustomResource {
  declare readonly siteId: pulumi.Output<string>;

  constructor(name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    const known = { siteId: undefined, permissionId: undefined, ...props };
    super(
      "pulumi-nodejs:dynamic/copilot-token:SiteGrant",
      name,
      { ...known, __provider: dynamicProvider("siteGrant") },
      opts,
    );
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
    const props = { ...grantee, siteUrl: url, role };
    const { siteId } = new SiteGrant(`${name}-${place}`, props, options);
    return { url, role, siteId };
  });
}
