import { describe, expect, it } from "vitest";
import { resolveDelegated } from "../../../core/permissions/delegatedPermissions";
import { resolvePermissions, type GraphPermissions } from "../../../core/permissions/permissions";
import { graphPermissions } from "../../../emulator/tenant/graphPermissions";

const graph: GraphPermissions = {
  graphObjectId: "f0792d42-b8fc-4c31-9ea5-353bc241e371",
  appRoleIds: Object.fromEntries(
    graphPermissions.flatMap(({ name, appRoleId }) => (appRoleId === undefined ? [] : [[name, appRoleId]])),
  ),
  delegatedIds: Object.fromEntries(
    graphPermissions.flatMap(({ name, scopeId }) => (scopeId === undefined ? [] : [[name, scopeId]])),
  ),
};

function judge(...delegated: string[]) {
  return resolveDelegated({ apps: { Agent: { permissions: [], delegated } }, acceptTierZero: [] }, graph);
}

describe("delegated permissions", () => {
  it("are found by name, those of OpenID Connect among them", () => {
    const { scopes, faults } = judge("User.Read", "Files.ReadWrite", "openid");
    expect(faults).toEqual([]);
    expect(scopes["Agent"]?.map(({ name, scopeId }) => [name, scopeId])).toEqual([
      ["User.Read", "e1fe6dd8-ba31-4d61-89e7-88639da4683d"],
      ["Files.ReadWrite", graph.delegatedIds["Files.ReadWrite"]],
      ["openid", "37f7f235-527c-4136-accd-4a02d197296e"],
    ]);
  });

  it.each([
    [
      "user.read",
      'Microsoft Graph calls it "User.Read"',
      "pulumi config set --path 'copilot-token:apps.Agent.delegated[0]' User.Read",
    ],
    [
      "https://graph.microsoft.com/User.Read",
      "without anything before",
      "pulumi config set --path 'copilot-token:apps.Agent.delegated[0]' User.Read",
    ],
    [
      "Files.ReadWirte",
      "no delegated permission of this name",
      "pulumi config set --path 'copilot-token:apps.Agent.delegated[0]' Files.ReadWrite",
    ],
    [
      "api://contoso/Orders.Read",
      "a permission of api://contoso",
      "pulumi config rm --path 'copilot-token:apps.Agent.delegated[0]'",
    ],
    [".default", "name each permission", "pulumi config rm --path 'copilot-token:apps.Agent.delegated[0]'"],
    [
      "Application.ReadWrite.OwnedBy",
      "only as application permission",
      "pulumi config rm --path 'copilot-token:apps.Agent.delegated[0]'",
    ],
    [
      "Directory.AccessAsUser.All",
      "take over the tenant",
      "Ask for less, or accept it by name: pulumi config set --path 'copilot-token:acceptTierZero[0]' Directory.AccessAsUser.All",
    ],
  ])("refuse %s", (name, reason, repair) => {
    const [fault] = judge(name).faults;
    expect(fault?.reason).toContain(reason);
    expect(fault?.repair).toBe(repair);
  });
});

describe("a delegated name among application permissions", () => {
  function waysOut(...permissions: string[]) {
    const { faults } = resolvePermissions({ apps: { Agent: { permissions } }, acceptTierZero: [] }, graph);
    return faults.map(({ code, repair, alternative }) => ({ code, repair, alternative }));
  }

  it("has two ways out: the application permission, or the same name under delegated", () => {
    expect(waysOut("User.Read")).toEqual([
      {
        code: "PERMISSION_DELEGATED_ONLY",
        repair: "pulumi config set --path 'copilot-token:apps.Agent.permissions[0]' User.Read.All",
        alternative:
          "pulumi config rm --path 'copilot-token:apps.Agent.permissions' && " +
          "pulumi config set --path 'copilot-token:apps.Agent.delegated[0]' User.Read",
      },
    ]);
  });

  it("goes to an app of its own beside a permission that no user can have", () => {
    expect(
      waysOut("ExternalConnection.ReadWrite.All", "AiEnterpriseInteraction.Read.All", "User.Read")[0],
    ).toMatchObject({
      alternative:
        "pulumi config set --path 'copilot-token:apps.AgentUser.delegated[0]' User.Read && " +
        "pulumi config rm --path 'copilot-token:apps.Agent.permissions[2]'",
    });
  });
});
