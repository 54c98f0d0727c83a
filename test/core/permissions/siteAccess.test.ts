import { describe, expect, it } from "vitest";
import { sitePath } from "../../../core/permissions/siteAccess";
import { judgeSettings } from "../../../core/settings/settings";

const site = { url: "https://contoso.sharepoint.com/sites/hr", role: "read" };
const faultsOf = (app: object) =>
  judgeSettings({ apps: { Hr: app } }).faults.map(({ key, reason, repair }) => ({ key, reason, repair }));

describe("sites", () => {
  it("are taken with Sites.Selected, of Microsoft Graph or of SharePoint", () => {
    expect(faultsOf({ permissions: ["Sites.Selected"], sites: [site] })).toEqual([]);
    const apis = { Office365SharePointOnline: ["Sites.Selected"] };
    expect(faultsOf({ apis, sites: [site] })).toEqual([]);
  });

  it.each([
    [
      { permissions: ["User.Read.All"], sites: [site] },
      "counts only for an app with the permission Sites.Selected",
    ],
    [
      { permissions: ["Sites.Selected", "Files.Read.All"], sites: [site] },
      "with Files.Read.All the app reaches every site",
    ],
    [
      { permissions: ["Sites.Selected"], sites: [site, { ...site, url: `${site.url}/` }] },
      "The same site as sites[0]",
    ],
    [
      { permissions: ["Sites.Selected"], sites: [{ ...site, role: "manage" }] },
      "One of read, write, owner, fullcontrol",
    ],
    [
      { permissions: ["Sites.Selected"], sites: [{ ...site, url: "https://contoso.example/sites/hr" }] },
      "The address of a site",
    ],
    [
      { permissions: ["Sites.Selected"], sites: [{ ...site, url: `${site.url}/Shared%20Documents` }] },
      "The address of a site",
    ],
    [
      {
        permissions: ["Sites.Selected"],
        sites: [{ ...site, url: "https://contoso.sharepoint.com/sites/a?b" }],
      },
      "The address of a site",
    ],
  ])("are refused in %j", (app, reason) => {
    const faults = faultsOf(app);
    expect(faults.map((fault) => fault.reason).join("\n")).toContain(reason);
    // A suggested command never asks for a permission.
    expect(JSON.stringify(faults)).not.toMatch(/config set[^"]*permissions/);
  });

  it("are found in Microsoft Graph by their address", () => {
    expect(sitePath("https://contoso.sharepoint.com/sites/hr/")).toBe(
      "/sites/contoso.sharepoint.com:/sites/hr",
    );
    expect(sitePath("https://contoso.sharepoint.com")).toBe("/sites/contoso.sharepoint.com");
  });
});
