import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { graphObjectId } from "../../emulator/tenant/seed";
import type { StackOutputs } from "../../core/outputs/stackOutputs";
import { describeWithPulumi, pulumiStack, type PulumiStack } from "../support/pulumiStack";

describeWithPulumi("grants that change outside the stack, by the real engine", (cli) => {
  let stack: PulumiStack;
  let app: StackOutputs["apps"][string] | undefined;
  const permissions = ["User.Read.All", "Mail.Read"];
  const settings = { apps: { Reports: { permissions } } };
  const upRefresh = ["up", "--refresh", "--yes", "--skip-preview", "--non-interactive"];

  const directory = () => stack.emulated.tenant.state.directory;
  const roleNames = () =>
    new Map(directory().servicePrincipals[graphObjectId]?.appRoles.map(({ id, value }) => [id, value]));
  const held = () =>
    Object.values(directory().appRoleAssignments)
      .filter(({ principalId }) => principalId === app?.servicePrincipalObjectId)
      .map(({ appRoleId }) => roleNames().get(appRoleId))
      .sort();
  const assignmentOf = (permission: string) =>
    Object.values(directory().appRoleAssignments).find(
      ({ principalId, appRoleId }) =>
        principalId === app?.servicePrincipalObjectId && roleNames().get(appRoleId) === permission,
    );
  const revoke = (permission: string): void => {
    const { appRoleAssignments } = directory();
    for (const [key, { principalId, appRoleId }] of Object.entries(appRoleAssignments)) {
      if (principalId !== app?.servicePrincipalObjectId || roleNames().get(appRoleId) !== permission)
        continue;
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- as the portal removes a grant
      delete appRoleAssignments[key];
    }
  };
  const grantInPortal = (permission: string): string => {
    const id = randomUUID();
    const [appRoleId = ""] = [...roleNames()].find(([, value]) => value === permission) ?? [];
    directory().appRoleAssignments[id] = {
      id,
      appRoleId,
      principalId: app?.servicePrincipalObjectId ?? "",
      principalDisplayName: "Reports",
      principalType: "ServicePrincipal",
      resourceId: graphObjectId,
      resourceDisplayName: "Microsoft Graph",
      createdDateTime: "2026-11-01T00:00:00Z",
    };
    return id;
  };

  beforeAll(async () => {
    stack = await pulumiStack(cli);
    const run = await stack.up({ settings });
    expect(run.exitCode, run.said).toBe(0);
    app = (await stack.outputs()).apps["Reports"];
  });
  afterAll(() => stack.close());

  it("says nothing of its own grants, and changes nothing when nothing changed", async () => {
    const run = await stack.up({});
    expect([run.exitCode, run.changes]).toEqual([0, []]);
    expect(run.said).not.toMatch(/taken over|imported/);
  });

  it("puts back what was removed outside, by the command that the run and verify name", async () => {
    revoke("Mail.Read");
    const plain = await stack.up({});
    expect([plain.exitCode, held()]).toEqual([0, ["User.Read.All"]]);
    expect(plain.said).toContain("pulumi up --refresh");
    const healed = await stack.command(...upRefresh);
    expect(healed.exitCode, healed.said).toBe(0);
    expect(held()).toEqual(["Mail.Read", "User.Read.All"]);
    expect((await stack.up({})).changes).toEqual([]);
  });

  it.each([
    ["a plain pulumi up", ["up", "--yes", "--skip-preview", "--non-interactive"]],
    ["pulumi up --refresh", upRefresh],
  ])("adopts a grant that was removed and given again in the portal, by %s", async (_how, words) => {
    revoke("Mail.Read");
    const id = grantInPortal("Mail.Read");
    const run = await stack.command(...words);
    expect(run.exitCode, run.said).toBe(0);
    expect(assignmentOf("Mail.Read")?.id).toBe(id);
    const quiet = await stack.up({});
    expect([quiet.exitCode, quiet.changes]).toEqual([0, []]);
    expect(held()).toEqual(["Mail.Read", "User.Read.All"]);
  });

  it("takes an adopted grant away with its permission", async () => {
    const run = await stack.up({ settings: { apps: { Reports: { permissions: ["User.Read.All"] } } } });
    expect(run.exitCode, run.said).toBe(0);
    expect(held()).toEqual(["User.Read.All"]);
  });
});
