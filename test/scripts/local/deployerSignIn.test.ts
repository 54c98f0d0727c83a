import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { graphObjectId } from "../../../emulator/tenant/seed";
import { deployerSignIn } from "../../../scripts/local/seedTenant";
import { outputsOf, testStack, type TestStack } from "../../support/testStack";

const granter = { clientId: "1bf5547b-76f6-467a-bf1b-6ba3b0ac1548" };

describe("the deployer of a local run", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack();
  });
  afterAll(() => stack.close());

  const heldBy = (clientId: string): (string | undefined)[] => {
    const { servicePrincipals, appRoleAssignments } = stack.emulated.tenant.state.directory;
    const principal = Object.values(servicePrincipals).find(({ appId }) => appId === clientId);
    const roles = servicePrincipals[graphObjectId]?.appRoles ?? [];
    return Object.values(appRoleAssignments)
      .filter(({ principalId }) => principalId === principal?.id)
      .map(({ appRoleId }) => roles.find(({ id }) => id === appRoleId)?.value)
      .sort();
  };

  it.each([undefined, "", "agents", { clientId: "the granter" }])(
    "signs in by its secret where the granter is %j",
    async (setting) => {
      const { deployer } = stack.emulated.tenant.identities;
      expect(await deployerSignIn(stack.emulated, setting)).toBe(deployer);
      expect(heldBy(deployer.clientId)).toContain("AppRoleAssignment.ReadWrite.All");
    },
  );

  it("shares a job with a separate granter, and only that can consent", async () => {
    const signIn = await deployerSignIn(stack.emulated, granter);
    const apps = { CopilotAPIAuth: { permissions: ["User.Read.All"] } };
    const { apps: deployed } = outputsOf(await stack.up({ apps, granter }, {}, { signIn }));

    expect(heldBy(stack.emulated.tenant.identities.deployer.clientId)).toEqual([
      "Application.Read.All",
      "Application.ReadWrite.OwnedBy",
    ]);
    expect(heldBy(granter.clientId)).toEqual([
      "AppRoleAssignment.ReadWrite.All",
      "Application.Read.All",
      "DelegatedPermissionGrant.ReadWrite.All",
    ]);
    expect(heldBy(deployed["CopilotAPIAuth"]?.clientId ?? "")).toEqual(["User.Read.All"]);
  });

  it("can give no consent itself then", async () => {
    const apps = { Another: { permissions: ["User.Read.All"] } };
    const { deployer } = stack.emulated.tenant.identities;
    const run = await stack.up({ apps }, {}, { signIn: deployer });
    expect([run.ok, run.said]).toEqual([
      false,
      expect.stringContaining(
        "Another-User.Read.All: Could not create app role assignment: unexpected status 403",
      ),
    ]);
  });
});
