import { clouds } from "../../../core/cloud/clouds";
import { describe, expect, it } from "vitest";
import { apisToLookUp, resolveApis, type TenantApi } from "../../../core/permissions/apiRoles";
import { knownApis, readWrittenApi } from "../../../core/permissions/knownApis";
import type { AskingApp } from "../../../core/settings/settings";

const exchange: TenantApi = {
  clientId: "00000002-0000-0ff1-ce00-000000000000",
  objectId: "exchange-object",
  displayName: "Office 365 Exchange Online",
  names: ["00000002-0000-0ff1-ce00-000000000000", "https://outlook.office365.com"],
  appRoleIds: {
    full_access_as_app: "dc890d15-9560-4a4c-9b7f-a736ec74ec40",
    "IMAP.AccessAsApp": "role-2",
    "Exchange.ManageAsApp": "role-4",
  },
  delegatedNames: ["EWS.AccessAsUser.All"],
};
const sharePoint: TenantApi = {
  clientId: "00000003-0000-0ff1-ce00-000000000000",
  objectId: "sharepoint-object",
  displayName: "Office 365 SharePoint Online",
  names: ["00000003-0000-0ff1-ce00-000000000000/*.sharepoint.com"],
  appRoleIds: { "Sites.Selected": "role-3", "Sites.FullControl.All": "role-5" },
  delegatedNames: [],
};

const asked = (apis: NonNullable<AskingApp["apis"]>, credential: AskingApp["credential"] = "secret") => ({
  apps: { Agent: { permissions: [], apis, credential } },
  acceptTierZero: [],
});
const faultsOf = (apis: NonNullable<AskingApp["apis"]>, tenant: Readonly<Record<string, TenantApi>> = {}) =>
  resolveApis(clouds.public, asked(apis), new Map(Object.entries(tenant))).faults.map(
    ({ code, key, reason, repair }) => ({
      code,
      key,
      reason,
      repair,
    }),
  );

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
    const { apis: resolved, faults, notes } = resolveApis(clouds.public, asked(apis), tenant);
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
    expect(notes.join("\n")).toContain("Add-MailboxPermission");
    expect(notes.join("\n")).not.toContain("reaches every mailbox");
    expect(notes.join("\n")).toContain("refuses app-only tokens that were got with a client secret");
    const { notes: federated } = resolveApis(clouds.public, asked(apis, "federated"), tenant);
    expect(federated.join("\n")).not.toContain("client secret");
  });

  it.each([
    ["AzureResourceManager", "az role assignment create"],
    ["AzureDevOps", "as a member"],
    ["https://contoso.crm4.dynamics.com", "application user"],
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

  it("warns of roles that reach everything, with what reaches less, and of what else is needed", () => {
    const apis = {
      Office365ExchangeOnline: ["full_access_as_app", "Exchange.ManageAsApp"],
      Office365SharePointOnline: ["Sites.FullControl.All", "Sites.Selected"],
    };
    const tenant = new Map([
      ["Office365ExchangeOnline", exchange],
      ["Office365SharePointOnline", sharePoint],
    ]);
    const { notes, apis: resolved } = resolveApis(clouds.public, asked(apis, "certificate"), tenant);
    expect(notes).toEqual([
      expect.stringContaining("Agent: An app role of Exchange reaches every mailbox."),
      expect.stringContaining(
        "Agent: The app also needs a directory role such as Exchange Recipient Administrator",
      ),
      expect.stringContaining(
        "Agent: full_access_as_app of Office 365 Exchange Online reads, changes and sends from every mailbox. Smaller: RBAC",
      ),
      expect.stringContaining(
        "Agent: Sites.FullControl.All of Office 365 SharePoint Online owns every site. Smaller: Sites.Selected",
      ),
    ]);
    // SharePoint's own address differs by organization; its client ID is asked for everywhere.
    expect(resolved["Agent"]?.[1]?.audience).toBe("00000003-0000-0ff1-ce00-000000000000");
  });

  it.each([
    ["dc890d15-9560-4a4c-9b7f-a736ec74ec40", "PERMISSION_UNKNOWN", 'calls this one "full_access_as_app"'],
    [
      "https://outlook.office365.com/IMAP.AccessAsApp",
      "PERMISSION_UNKNOWN",
      'calls this one "IMAP.AccessAsApp"',
    ],
    ["EWS.AccessAsUser.All", "PERMISSION_DELEGATED_ONLY", "works only with a signed-in user"],
    ["ews.accessasuser.all", "PERMISSION_DELEGATED_ONLY", "works only with a signed-in user"],
    ["constructor", "PERMISSION_UNKNOWN", "has no application permission of this name"],
  ])("explains the role %s", (role, code, reason) => {
    const tenant = { Office365ExchangeOnline: exchange };
    expect(faultsOf({ Office365ExchangeOnline: [role] }, tenant)).toMatchObject([
      { code, reason: expect.stringContaining(reason) as string },
    ]);
  });

  it("moves permissions of Microsoft Graph to where they belong, and asks for no other", () => {
    expect(faultsOf({ MicrosoftGraph: ["User.Read.All", "Mail.Read"] })[0]?.repair).toBe(
      "pulumi config set --path 'copilot-token:apps.Agent.permissions[0]' User.Read.All && " +
        "pulumi config set --path 'copilot-token:apps.Agent.permissions[1]' Mail.Read && " +
        "pulumi config rm --path 'copilot-token:apps.Agent.apis.MicrosoftGraph'",
    );
  });

  it("tells a scope from an application ID URI, and two names of one API", () => {
    expect(faultsOf({ "api://orders/.default": ["Orders.Read"] })[0]?.reason).toContain(
      "leave out /.default",
    );
    const twice = {
      Office365ExchangeOnline: ["IMAP.AccessAsApp"],
      office365exchangeonline: ["IMAP.AccessAsApp"],
    };
    expect(
      faultsOf(twice, { Office365ExchangeOnline: exchange, office365exchangeonline: exchange }),
    ).toMatchObject([{ reason: "It is Office 365 Exchange Online, which this app names twice." }]);
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
