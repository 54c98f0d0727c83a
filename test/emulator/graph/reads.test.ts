import { beforeAll, describe, expect, it } from "vitest";
import { TestDirectory } from "../../support/directory";

let directory: TestDirectory;
let userId: string;
let groupId: string;
let siteId: string;

beforeAll(async () => {
  directory = await TestDirectory.create();
  const { users, groups, sites } = directory.tenant.state.directory;
  [userId = ""] = Object.keys(users);
  [groupId = ""] = Object.keys(groups);
  siteId = Object.keys(sites)[1] ?? "";
});

describe("a name that JavaScript has a meaning for", () => {
  it.each(["constructor", "toString", "__proto__"])("%s is no object of the directory", async (name) => {
    for (const path of ["applications", "servicePrincipals", "users", "groups"]) {
      const { status } = await directory.graph("GET", `${path}/${name}`, { roles: ["Directory.Read.All"] });
      expect([path, [400, 404].includes(status)]).toEqual([path, true]);
    }
  });
});

describe("reads that test a token", () => {
  it.each([
    ["User.Read.All", "users?$top=1", 1],
    ["User.ReadBasic.All", "users", 3],
    ["Directory.Read.All", "users", 3],
    ["Group.Read.All", "groups?$top=1", 1],
    ["GroupMember.Read.All", "groups/GROUP/members", 2],
    ["Group.ReadWrite.All", "groups/GROUP/memberOf", 0],
    ["Group.Read.All", "users/USER/memberOf", 2],
    ["Sites.Read.All", "sites?search=*", 2],
    ["Sites.ReadWrite.All", "sites?search=team", 1],
    ["Mail.Read", "users/USER/messages?$top=1", 0],
    ["Mail.ReadBasic.All", "users/USER/mailFolders?$top=1", 0],
    ["Calendars.Read", "users/USER/events?$top=1", 0],
    ["Files.Read.All", "users/USER/drives", 0],
    ["Files.Read.All", "groups/GROUP/drives", 0],
    ["Sites.Read.All", "sites/SITE/lists", 0],
    ["Sites.Read.All", "sites/root/drives", 0],
    ["AuditLog.Read.All", "auditLogs/signIns?$top=1", 0],
    ["Organization.Read.All", "organization", 1],
  ])("%s opens %s", async (role, path, count) => {
    const concrete = path.replace("USER", userId).replace("GROUP", groupId).replace("SITE", siteId);
    const { status, body } = await directory.graph("GET", concrete, { roles: [role] });
    expect([status, body.value.length]).toEqual([200, count]);
  });

  it("finds a person by object ID and by sign-in name", async () => {
    const byId = await directory.graph("GET", `users/${userId}`);
    const byName = await directory.graph("GET", "users/AdeleV@contoso.onmicrosoft.com");
    expect([byId.body.displayName, byName.body]).toEqual(["Adele Vance", byId.body]);
  });

  it("finds groups and sites by ID, and the root site by name", async () => {
    const group = await directory.graph("GET", `groups/${groupId}`);
    const site = await directory.graph("GET", `sites/${siteId}`, { roles: ["Sites.Read.All"] });
    const root = await directory.graph("GET", "sites/root", { roles: ["Sites.Read.All"] });
    expect([group.body.displayName, site.body.displayName, root.body.webUrl]).toEqual([
      "Copilot makers",
      "Contoso Team",
      "https://contoso.sharepoint.com",
    ]);
    expect(group.body).not.toHaveProperty("memberIds");
  });

  it("tells members' types and only the IDs of those that the role does not open", async () => {
    const { body } = await directory.graph("GET", `groups/${groupId}/members`, {
      roles: ["GroupMember.Read.All"],
    });
    expect(body.value[0]).toEqual({ "@odata.type": "#microsoft.graph.user", id: userId });
  });

  it("describes the tenant", async () => {
    const { body } = await directory.graph("GET", "organization");
    expect(body.value[0]).toMatchObject({
      id: directory.tenant.state.tenantId,
      displayName: "Contoso (emulated)",
      verifiedDomains: [{ name: "contoso.onmicrosoft.com", isDefault: true }],
    });
  });

  it("knows no me without a person, whatever the roles", async () => {
    const answer = await directory.graph("GET", "me", { roles: [] });
    expect([answer.status, answer.body.error.message]).toEqual([
      400,
      "/me request is only valid with delegated authentication flow.",
    ]);
  });
});
