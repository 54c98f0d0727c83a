import { siteKey } from "../../core/permissions/siteAccess";
import { asMap } from "../../core/settings/settingsTogether";
import { grantPermission, seedSite } from "../../emulator/tenant/seed";
import type { Tenant } from "../../emulator/tenant/tenant";

/**
 * Gives the emulated tenant the SharePoint sites that settings name, and the deployer the right to grant them, which the
 * documented deployer does not have.
 *
 * @param apps The setting as given; what is no site the program itself refuses.
 */
export function seedSites({ state, identities, clock }: Tenant, apps: unknown): void {
  const sites = Object.values(asMap(apps)).flatMap((app) => {
    const { sites: list } = asMap(app);
    return Array.isArray(list) ? list.map((site) => asMap(site)["url"]) : [];
  });
  const addresses = sites
    .filter((url) => typeof url === "string" && URL.canParse(url))
    .map((url) => siteKey(String(url)));
  if (addresses.length === 0) return;
  grantPermission(state, identities.deployer.objectId, "Sites.FullControl.All", clock.now().toISOString());
  for (const address of addresses) seedSite(state, address);
}
