import * as z from "zod";
import { asMap } from "../asMap";
import { clouds } from "../cloud/clouds";
import type { Fault } from "../errors";
import { readWrittenApi } from "../permissions/knownApis";
import { siteKey, SiteRole, sitesSelected } from "../permissions/siteAccess";
import { faultAt, removeCommand, repeatedFaults } from "./settingsFaults";

/** An address to show where one is expected. */
export const siteExample = `https://contoso.${clouds.public.sharePointSuffix}/sites/hr`;

const siteAddress = new RegExp(
  `^https://[a-z0-9-]+\\.(?:${Object.values(clouds)
    .map(({ sharePointSuffix }) => sharePointSuffix.replaceAll(".", "\\."))
    .join("|")})(?:/(?:sites|teams)/[^\\s/?#%'"]+)?/?$`,
  "i",
);

/** {@link SiteAccess} as settings say it. */
export const siteSchema = z.strictObject({
  url: z
    .string()
    .refine(
      (url) => siteAddress.test(url),
      `The address of a site is expected, such as ${siteExample}, without a page or library.`,
    )
    .describe("Address of the site."),
  role: z
    .enum(SiteRole, `One of ${Object.keys(SiteRole).join(", ")}.`)
    .describe("What the app may do there: `read`, `write`, `owner` or `fullcontrol`."),
});

/** Permissions beside which a grant for one site narrows nothing. */
const everySite = /^(?:Sites|Files)\.(?:Read|ReadWrite|Manage|FullControl)\.All$/;

/** Faults between an app's sites and its permissions. */
export function siteFaults(given: Readonly<Record<string, unknown>>): Fault[] {
  return Object.entries(asMap(given["apps"])).flatMap(([name, value]) => {
    const app = asMap(value);
    const { sites } = app;
    if (!Array.isArray(sites) || sites.length === 0) return [];
    const path = ["apps", name, "sites"];
    const permissions = [texts(app["permissions"]), ...sharePointPermissions(app["apis"])].flat();
    const wide = permissions.find((permission) => everySite.test(permission));
    const faults: Fault[] = [];
    if (!permissions.includes(sitesSelected)) {
      faults.push(
        faultAt(
          path,
          given,
          `A grant for a site counts only for an app with the permission ${sitesSelected}, and this app does not have it.`,
          `Put ${sitesSelected} among its permissions, or take the sites out: ${removeCommand(path)}`,
        ),
      );
    } else if (wide !== undefined) {
      faults.push(
        faultAt(
          path,
          given,
          `Permissions add up: with ${wide} the app reaches every site, whatever is granted here.`,
          `Take ${wide} out, or the sites: ${removeCommand(path)}`,
        ),
      );
    }
    const keyOf = (site: unknown): string | undefined => {
      const { url } = asMap(site);
      return typeof url === "string" ? siteKey(url) : undefined;
    };
    return [
      ...faults,
      ...repeatedFaults(path, sites, given, keyOf, (first) => `The same site as sites[${first}].`),
    ];
  });
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}

function sharePointPermissions(apis: unknown): string[][] {
  return Object.entries(asMap(apis)).flatMap(([api, roles]) => {
    const written = readWrittenApi(api);
    const isSharePoint = written.kind === "clientId" && written.known?.name === "Office365SharePointOnline";
    return isSharePoint ? [texts(roles)] : [];
  });
}
