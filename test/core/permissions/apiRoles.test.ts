import { describe, expect, it } from "vitest";
import { apisToLookUp, resolveApis, type TenantApi } from "../../../core/permissions/apiRoles";
import { knownApis, readWrittenApi } from "../../../core/permissions/knownApis";
import type { AskingApp } from "../../../core/settings/settings";

const exchange: TenantApi = {
  clientId: "00000002-0000-0ff1-ce00-000000000000",
  objectId: "exchange-object",
  displayName: "Office 365 Exchange Online",
  names: ["00000002-0000-0ff1-ce00-000000000000", "https://outlook.office365.com"],
  appRoleIds: { full_access_as_app: "role-1", "IMAP.AccessAsApp": "role-2" },
};
const sharePoint: TenantApi = {
  clientId: "00000003-0000-0ff1-ce00-000000000000",
  objectId: "sharepoint-object",
  displayName: "Office 365 SharePoint Online",
  names: ["00000003-0000-0ff1-ce00-000000000000/*.sharepoint.com"],
  appRoleIds: { "Sites.Selected": "role-3" },
};

const asked = (apis: NonNullable<AskingApp["apis"]>, credential: AskingApp["credential"] = "secret") => ({
  apps: { Agent: { permissions: [], apis, credential } },
  acceptTierZero: [],
});
const faultsOf = (apis: NonNullable<AskingApp["apis"]>, tenant: Readonly<Record<string, TenantApi>> = {}) =>
  resolveApis(asked(apis), new Map(Object.entries(tenant))).faults.map(({ code, key, reason, repair }) => ({
    code,
    key,
    reason,
    repair,
  }));

describe("readWrittenApi", () => {
  it.each([
    ["Office365ExchangeOnline", "00000002-0000-0ff1-ce00-000000000000", undefined],
    ["office 365 exchange online", "00000002-0000-0ff1-ce00-000000000000", undefined],
    ["C5393580-F805-4401-95E8-94B7A6EF2FC2", "c5393580-f805-4401-95e8-94b7a6ef2fc2", undefined],
    ["11111111-2222-4333-8444-555555555555", "11111111-2222-4333-8444-555555555555", undefined],
    ["https://manage.office.com", "c5393580-f805-4401-95e8-94b7a6ef2fc2", "https://manage.office.com"],
    [
      "https://contoso.sharepoint.com",
      "00000003-0000-0ff1-ce00-000000000000",
      "https://contoso.sharepoint.com",
    ],
  ])("reads %s", (text, clientId, audience) => {
    expect(readWrittenApi(text)).toMatchObject({ kind: "clientId", clientId, ...(audience && { audience }) });
  });

  it.each(["api://orders", "api://contoso.com/orders", "https://contoso.com/orders"])(
    "leaves %s to the tenant",
    (uri) => {
      expect(readWrittenApi(uri)).toEqual({ kind: "uri", uri });
    },
  );

  it.each([
    "",
    "Orders",
    "http://contoso.com",
    "api://",
    "api://a b",
    "api://a'b",
    "https://x?y",
    "constructor",
  ])("finds no API in %j", (text) => {
    expect(readWrittenApi(text)).toEqual({ kind: "unknown" });
  });

  it("has each well-known API once", () => {
    for (const key of ["name", "clientId", "title"] as const) {
      expect(new Set(knownApis.map((api) => api[key].toLowerCase())).size).toBe(knownApis.length);
    }
  });
});

describe("resolveApis", () => {
  it("finds each role of each API, and what tokens are asked for", () => {
    const apis = {
      Office365ExchangeOnline: ["IMAP.AccessAsApp"],
      "https://contoso.sharepoint.com": ["Sites.Selected"],
    };
    const tenant = new Map([
      ["Office365ExchangeOnline", exchange],
      ["https://contoso.sharepoint.com", sharePoint],
    ]);
    const { apis: resolved, faults, notes } = resolveApis(asked(apis), tenant);
    expect(faults).toEqual([]);
    expect(resolved["Agent"]).toMatchObject([
      {
        clientId: exchange.clientId,
        objectId: "exchange-object",
        audience: "https://outlook.office365.com",
        roles: [{ name: "IMAP.AccessAsApp", appRoleId: "role-2" }],
      },
      { audience: "https://contoso.sharepoint.com", roles: [{ appRoleId: "role-3" }] },
    ]);
    expect(notes.join("\n")).toContain("RBAC for Applications");
    expect(notes.join("\n")).toContain("refuses app-only tokens that were got with a client secret");
    const { notes: federated } = resolveApis(asked(apis, "federated"), tenant);
    expect(federated.join("\n")).not.toContain("client secret");
  });

  it.each([
    ["AzureResourceManager", "az role assignment create"],
    ["AzureDevOps", "as a member"],
    ["https://contoso.crm4.dynamics.com", "application user"],
    ["MicrosoftGraph", "`permissions`"],
    ["https://graph.microsoft.com", "`permissions`"],
  ])("says how an app gets access to %s, which has no app roles", (text, way) => {
    expect(apisToLookUp(asked({ [text]: ["user_impersonation"] }))).toEqual([]);
    expect(faultsOf({ [text]: ["user_impersonation"] })).toMatchObject([
      {
        code: "API_UNKNOWN",
        reason: expect.stringContaining(way),
        repair: expect.stringMatching(/^pulumi config rm/),
      },
    ]);
  });

  it("says of an API that the tenant lacks how to bring it in", () => {
    expect(faultsOf({ ThreatProtection: ["AdvancedHunting.Read.All"] })).toMatchObject([
      {
        repair:
          "Bring it into the tenant as an administrator, then run this again: az ad sp create --id 8ee8fdad-f234-4243-8f3b-15c294843740",
      },
    ]);
    expect(faultsOf({ "api://orders": ["Orders.Read"] })[0]?.reason).toContain("No API of this tenant");
    expect(faultsOf({ Office365ExchangeOnlin: ["x"] })[0]?.reason).toContain(
      "nearest: Office365ExchangeOnline",
    );
  });

  it("names the role that was meant, or the API that has it, and asks for no other", () => {
    const tenant = { Office365ExchangeOnline: exchange, Office365SharePointOnline: sharePoint };
    const at = "pulumi config set --path 'copilot-token:apps.Agent.apis.Office365ExchangeOnline[0]'";
    expect(faultsOf({ Office365ExchangeOnline: ["imap.accessasapp"] }, tenant)).toMatchObject([
      { code: "PERMISSION_UNKNOWN", repair: `${at} IMAP.AccessAsApp` },
    ]);
    expect(faultsOf({ Office365ExchangeOnline: ["IMAP.AccessAsAp"] }, tenant)).toMatchObject([
      { repair: `${at} IMAP.AccessAsApp` },
    ]);
    expect(faultsOf({ Office365SharePointOnline: ["full_access_as_app"] }, tenant)).toMatchObject([
      {
        reason:
          '"full_access_as_app" is a permission of Office 365 Exchange Online, not of Office 365 SharePoint Online.',
        repair: expect.stringContaining(`${at} full_access_as_app && pulumi config rm`),
      },
    ]);
    for (const name of ["constructor", "__proto__", "Mail.Read", ""]) {
      expect(faultsOf({ Office365SharePointOnline: [name] }, tenant)).toMatchObject([
        { repair: expect.stringMatching(/^pulumi config rm/) },
      ]);
    }
  });

  it("refuses an API that is named twice in two ways", () => {
    const tenant = { Office365ExchangeOnline: exchange, "https://outlook.office365.com": exchange };
    const apis = {
      Office365ExchangeOnline: ["full_access_as_app"],
      "https://outlook.office365.com": ["IMAP.AccessAsApp"],
    };
    expect(faultsOf(apis, tenant)).toMatchObject([{ reason: expect.stringContaining("names twice") }]);
  });
});
