import { afterAll, beforeAll, expect, it } from "vitest";
import { portalGrants, type PortalGrants } from "../support/portalGrants";
import { describeWithPulumi, pulumiStack, type PulumiStack } from "../support/pulumiStack";

describeWithPulumi("grants that change outside the stack, by the real engine", (cli) => {
  let stack: PulumiStack;
  let portal: PortalGrants;
  const settings = { apps: { Reports: { permissions: ["User.Read.All", "Mail.Read"] } } };
  const upRefresh = ["up", "--refresh", "--yes", "--skip-preview", "--non-interactive"];

  beforeAll(async () => {
    stack = await pulumiStack(cli);
    portal = portalGrants(() => stack.emulated.tenant.state, "Reports");
    const run = await stack.up({ settings });
    expect(run.exitCode, run.said).toBe(0);
  });
  afterAll(() => stack.close());

  it("says nothing of its own grants, and changes nothing when nothing changed", async () => {
    const run = await stack.up({});
    expect([run.exitCode, run.changes]).toEqual([0, []]);
    expect(run.said).not.toMatch(/taken over|imported/);
  });

  it("puts back what was removed outside, by the command that the run and verify name", async () => {
    portal.revoke("Mail.Read");
    const plain = await stack.up({});
    expect([plain.exitCode, portal.held()]).toEqual([0, ["User.Read.All"]]);
    expect(plain.said).toContain("pulumi up --refresh");
    const healed = await stack.command(...upRefresh);
    expect(healed.exitCode, healed.said).toBe(0);
    expect(portal.held()).toEqual(["Mail.Read", "User.Read.All"]);
    expect((await stack.up({})).changes).toEqual([]);
  });

  it("goes on, plainly, past a grant that was removed and given again in the portal", async () => {
    portal.revoke("Mail.Read");
    const id = portal.grant("Mail.Read");
    const run = await stack.up({});
    expect([run.exitCode, run.changes]).toEqual([0, []]);
    expect(run.said).toContain("This adopts the new one: pulumi up --refresh --stack test");
    expect(portal.assignmentId("Mail.Read")).toBe(id);
  });

  it.each(["a plain run came before", "none did"])(
    "adopts one that was given again, by pulumi up --refresh, where %s",
    async (before) => {
      if (before === "none did") portal.revoke("Mail.Read");
      const id = portal.assignmentId("Mail.Read") ?? portal.grant("Mail.Read");
      const run = await stack.command(...upRefresh);
      expect(run.exitCode, run.said).toBe(0);
      expect(portal.assignmentId("Mail.Read")).toBe(id);
      const quiet = await stack.up({});
      expect([quiet.exitCode, quiet.changes]).toEqual([0, []]);
      expect(portal.held()).toEqual(["Mail.Read", "User.Read.All"]);
    },
  );

  it("takes an adopted grant away with its permission", async () => {
    const run = await stack.up({ settings: { apps: { Reports: { permissions: ["User.Read.All"] } } } });
    expect(run.exitCode, run.said).toBe(0);
    expect(portal.held()).toEqual(["User.Read.All"]);
  });

  it("adopts a grant that the state lacks and the tenant has", async () => {
    const id = portal.grant("Mail.Read");
    const run = await stack.up({ settings });
    expect(run.exitCode, run.said).toBe(0);
    expect(run.changes).toContain("import Reports-Mail.Read");
    expect(portal.assignmentId("Mail.Read")).toBe(id);
  });
});
