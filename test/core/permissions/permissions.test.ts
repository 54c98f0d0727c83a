import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  permissionInstead,
  resolvePermissions,
  type GraphPermissions,
} from "../../../core/permissions/permissions";
import { meantPermission } from "../../../core/permissions/permissionAdvice";
import { tierZeroPermissions } from "../../../core/permissions/tierZero";

const graph: GraphPermissions = {
  graphObjectId: "graph-object-id",
  appRoleIds: {
    "User.Read.All": "role-user-read",
    "Files.ReadWrite.All": "role-files",
    "Mail.Send": "role-mail-send",
    "Chat.ReadBasic.All": "role-chat",
    "RoleManagement.ReadWrite.Directory": "role-roles",
    "Application.ReadWrite.All": "role-apps",
  },
  delegatedIds: {
    "User.Read": "scope-user-read",
    "User.Read.All": "scope-user-read-all",
    "Files.ReadWrite": "scope-files",
    "Chat.ReadBasic": "scope-chat",
    "Chat.ReadBasi": "scope-typo",
    "Notes.Create": "scope-notes",
    "Mail.Sent": "scope-mail",
  },
};

const asked = (permissions: string[], acceptTierZero: string[] = []) => ({
  apps: { Mail: { permissions } },
  acceptTierZero,
});

describe("resolvePermissions", () => {
  it("gives each app its roles in the order configured", () => {
    const settings = {
      apps: {
        Mail: { permissions: ["Mail.Send", "User.Read.All"] },
        Files: { permissions: ["Files.ReadWrite.All"] },
      },
      acceptTierZero: [],
    };
    expect(resolvePermissions(settings, graph)).toMatchObject({
      roles: {
        Mail: [
          { name: "Mail.Send", appRoleId: "role-mail-send" },
          { name: "User.Read.All", appRoleId: "role-user-read" },
        ],
        Files: [{ name: "Files.ReadWrite.All", appRoleId: "role-files" }],
      },
      faults: [],
    });
  });

  it.each([
    ["User.Read", "User.Read.All"],
    ["Files.ReadWrite", "Files.ReadWrite.All"],
    ["Chat.ReadBasic", "Chat.ReadBasic.All"],
    ["Mail.Sent", "Mail.Send"],
  ])("says of %s that it needs a signed-in user, and offers %s", (name, instead) => {
    expect(resolvePermissions(asked(["Mail.Send", name]), graph)).toMatchObject({
      roles: { Mail: [{ name: "Mail.Send", appRoleId: "role-mail-send" }] },
      faults: [
        {
          code: "PERMISSION_DELEGATED_ONLY",
          key: "copilot-token:apps.Mail.permissions[1]",
          value: JSON.stringify(name),
          reason: `"${name}" works only with a signed-in user, so an app cannot hold it; use "${instead}".`,
          repair: `pulumi config set --path 'copilot-token:apps.Mail.permissions[1]' ${instead}`,
        },
      ],
    });
  });

  it("says of a delegated permission without a counterpart that there is none", () => {
    expect(resolvePermissions(asked(["Notes.Create"]), graph).faults).toMatchObject([
      {
        code: "PERMISSION_DELEGATED_ONLY",
        key: "copilot-token:apps.Mail.permissions[0]",
        value: '"Notes.Create"',
        reason:
          '"Notes.Create" works only with a signed-in user, so an app cannot hold it; it has no application counterpart.',
        repair: "Choose another one: https://learn.microsoft.com/graph/permissions-reference",
      },
    ]);
  });

  it.each([
    [
      "Mail.Sendd",
      "Microsoft Graph has no application permission of this name in this tenant; nearest: Mail.Send.",
      "pulumi config set --path 'copilot-token:apps.Mail.permissions[0]' Mail.Send",
    ],
    [
      "Calendars.Everything",
      "Microsoft Graph has no application permission of this name in this tenant.",
      "Look it up: https://learn.microsoft.com/graph/permissions-reference",
    ],
    [
      "mail.send",
      'Case matters in permission names: Microsoft Graph calls it "Mail.Send".',
      "pulumi config set --path 'copilot-token:apps.Mail.permissions[0]' Mail.Send",
    ],
    [
      "USER.READ.ALL",
      'Case matters in permission names: Microsoft Graph calls it "User.Read.All".',
      "pulumi config set --path 'copilot-token:apps.Mail.permissions[0]' User.Read.All",
    ],
    [
      "constructor",
      "Microsoft Graph has no application permission of this name in this tenant.",
      "Look it up: https://learn.microsoft.com/graph/permissions-reference",
    ],
  ])("names what is near to %s, which the tenant does not know", (name, reason, repair) => {
    expect(resolvePermissions(asked([name]), graph)).toMatchObject({
      roles: { Mail: [] },
      faults: [
        {
          code: "PERMISSION_UNKNOWN",
          key: "copilot-token:apps.Mail.permissions[0]",
          value: JSON.stringify(name),
          reason,
          repair,
        },
      ],
    });
  });

  it.each([
    ["https://graph.microsoft.com/Mail.Send", "Mail.Send"],
    ["https://graph.microsoft.com/mail.send", "Mail.Send"],
    ["00000003-0000-0000-c000-000000000000/Mail.Send", "Mail.Send"],
    ["Microsoft Graph/Mail.Send", "Mail.Send"],
    [" Mail. Send", "Mail.Send"],
    ['"Mail.Send"', "Mail.Send"],
    ["Mail.Sedn", "Mail.Send"],
    ["files.readwrite", "Files.ReadWrite.All"],
    ["https://graph.microsoft.com/Files.ReadWrite", "Files.ReadWrite.All"],
  ])("offers for %s what it surely means", (text, instead) => {
    expect(permissionInstead(text, graph)).toBe(instead);
  });

  it("names a permission that was given by its ID", () => {
    const id = "b633e1c5-b582-4048-a93e-9f11b44c7e96";
    const byId = { ...graph, appRoleIds: { "Mail.Send": id, "User.Read.All": "other" } };
    expect(permissionInstead(id.toUpperCase(), byId)).toBe("Mail.Send");
    expect(permissionInstead("b633e1c5-b582-4048-a93e-9f11b44c7e97", byId)).toBeUndefined();
  });

  it.each([
    "Office 365 Exchange Online/full_access_as_app",
    "https://vault.azure.net/user_impersonation",
    "Mail",
    "Read.All",
    "full_access_as_app",
    "",
    "*",
  ])("offers nothing for %j, which may mean anything", (text) => {
    expect(permissionInstead(text, graph)).toBeUndefined();
  });

  it("knows a delegated permission in another case", () => {
    expect(resolvePermissions(asked(["user.read"]), graph).faults).toMatchObject([
      { repair: "pulumi config set --path 'copilot-token:apps.Mail.permissions[0]' User.Read.All" },
    ]);
  });

  it("refuses a permission that can take over the tenant", () => {
    expect(resolvePermissions(asked(["RoleManagement.ReadWrite.Directory"]), graph)).toMatchObject({
      roles: { Mail: [] },
      faults: [
        {
          code: "PERMISSION_TIER_ZERO",
          key: "copilot-token:apps.Mail.permissions[0]",
          value: '"RoleManagement.ReadWrite.Directory"',
          reason:
            "This permission can take over the tenant (assigns administrator roles): " +
            "anyone who gets the client secret can do that.",
          repair:
            "Ask for less, or accept it by name: " +
            "pulumi config set --path 'copilot-token:acceptTierZero[0]' RoleManagement.ReadWrite.Directory",
        },
      ],
    });
  });

  it.each([
    ["secret", "anyone who gets the client secret can do that."],
    ["federated", "anyone who can sign in as the app can do that."],
    ["managedIdentity", "anyone who can run code as the managed identity can do that."],
  ] as const)("says whose power it is of an app with credential: %s", (credential, words) => {
    const permissions = ["RoleManagement.ReadWrite.Directory"];
    const { faults } = resolvePermissions(
      { apps: { Mail: { permissions, credential } }, acceptTierZero: [] },
      graph,
    );
    expect(faults[0]?.reason).toBe(
      `This permission can take over the tenant (assigns administrator roles): ${words}`,
    );
  });

  it("takes it where it was accepted by name", () => {
    const name = "RoleManagement.ReadWrite.Directory";
    expect(resolvePermissions(asked([name], [name]), graph)).toMatchObject({
      roles: { Mail: [{ name, appRoleId: "role-roles" }] },
      faults: [],
    });
  });

  it("accepts only the named one, and offers the next free place", () => {
    const names = ["RoleManagement.ReadWrite.Directory", "Application.ReadWrite.All"];
    expect(resolvePermissions(asked(names, names.slice(0, 1)), graph).faults).toMatchObject([
      {
        key: "copilot-token:apps.Mail.permissions[1]",
        repair:
          "Ask for less, or accept it by name: " +
          "pulumi config set --path 'copilot-token:acceptTierZero[1]' Application.ReadWrite.All",
      },
    ]);
  });

  it("offers each of two a place of its own", () => {
    const names = ["RoleManagement.ReadWrite.Directory", "Application.ReadWrite.All"];
    const places = resolvePermissions(asked(names), graph).faults.map(
      ({ repair }) => /acceptTierZero\[\d\]/.exec(repair)?.[0],
    );
    expect(places).toEqual(["acceptTierZero[0]", "acceptTierZero[1]"]);
  });
});

describe("tierZeroPermissions", () => {
  it("holds what the worst of them are known for", () => {
    const worst = [
      "RoleManagement.ReadWrite.Directory",
      "AppRoleAssignment.ReadWrite.All",
      "Application.ReadWrite.All",
      "Directory.ReadWrite.All",
    ];
    expect(worst.filter((name) => !tierZeroPermissions.has(name))).toEqual([]);
  });

  it("holds nothing that only reads", () => {
    expect([...tierZeroPermissions.keys()].filter((name) => /\.Read(\.|Basic|$)/.test(name))).toEqual([]);
  });
});

const table = resolve("../shared/data/graph-permissions.tsv");

// The table is no part of the project; where it is absent, these say so by being skipped.
describe.skipIf(!existsSync(table))("with every permission of Microsoft Graph (../shared/data)", () => {
  const rows = existsSync(table) ? readFileSync(table, "utf8").trim().split("\n").slice(1) : [];
  const idsOf = (wanted: string): Record<string, string> =>
    Object.fromEntries(
      rows
        .map((row) => row.split("\t"))
        .flatMap(([kind, name = "", id = ""]) => (kind === wanted ? [[name, id]] : [])),
    );
  const everything: GraphPermissions = {
    graphObjectId: "graph-object-id",
    appRoleIds: idsOf("application"),
    delegatedIds: idsOf("delegated"),
  };
  const repairsOf = (name: string): string[] =>
    resolvePermissions(asked([name]), everything).faults.map(({ repair }) => repair.replace(/^.* /, ""));

  it("knows every one that can take over the tenant, but for those that the table lacks", () => {
    const unknown = [...tierZeroPermissions.keys()].filter(
      (name) => !Object.hasOwn(everything.appRoleIds, name),
    );
    expect(unknown).toEqual([
      "Application.ReadUpdate.All",
      "DeviceManagementScripts.ReadWrite.All",
      "SecurityIdentitiesActions.ReadWrite.All",
      "SignInIdentifier.ReadWrite.All",
      "UserAuthMethod-HardwareOATH.ReadWrite.All",
      "UserAuthMethod-Phone.ReadWrite.All",
      "UserAuthMethod-QR.ReadWrite.All",
      "UserAuthMethod-TAP.ReadWrite.All",
    ]);
  });

  it.each([
    ["User.Read", "User.Read.All"],
    ["Files.ReadWrite", "Files.ReadWrite.All"],
    ["Mail.Sned", "Mail.Send"],
    ["Users.Read.All", "User.Read.All"],
    ["sites.read.all", "Sites.Read.All"],
  ])("puts %s right", (name, instead) => {
    expect(repairsOf(name)).toEqual([instead]);
  });

  it("never offers to write where only reading was asked for", () => {
    const known = Object.keys(everything.appRoleIds);
    const writes = /Write|FullControl|Manage|Send|Delete|Create/i;
    const reading = known.filter((name) => !writes.test(name));
    const reaching = reading
      .filter((_name, index) => index % 10 === 0)
      .flatMap((name) => [name.slice(1), name.slice(0, -1), name.replace("Read", "Raed")])
      .map((text) => [text, meantPermission(text, known)] as const)
      .filter(([text, instead]) => instead !== undefined && writes.test(instead) && !writes.test(text));
    expect(reaching).toEqual([]);
  });

  it("resolves every application permission that cannot take over the tenant", () => {
    const names = Object.keys(everything.appRoleIds);
    const { roles, faults } = resolvePermissions(asked(names), everything);
    const harmless = names.filter((name) => !tierZeroPermissions.has(name));
    expect(roles["Mail"]).toEqual(harmless.map((name) => ({ name, appRoleId: everything.appRoleIds[name] })));
    expect(faults.map(({ code }) => code)).toEqual(
      Array(names.length - harmless.length).fill("PERMISSION_TIER_ZERO"),
    );
  });

  it("offers one that can take over the tenant only as the exact counterpart", () => {
    const offered = Object.keys(everything.delegatedIds)
      .filter((name) => !Object.hasOwn(everything.appRoleIds, name))
      .flatMap((name) => repairsOf(name).map((repair) => [name, repair] as const))
      .filter(([name, repair]) => tierZeroPermissions.has(repair) && repair !== `${name}.All`);
    expect(offered).toEqual([]);
  });
});
