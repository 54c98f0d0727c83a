import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { killableStack, type KillableStack } from "../support/killPoints";
import { portalGrants, type PortalGrants } from "../support/portalGrants";

describe("grants that change outside the stack", () => {
  let stack: KillableStack;
  let portal: PortalGrants;
  let permissions = ["User.Read.All", "Mail.Read"];
  const upRefresh = () => stack.up({}, { refresh: true });

  beforeAll(async () => {
    stack = await killableStack(() => ({ apps: { Reports: { permissions } } }));
    portal = portalGrants(() => stack.tenant.state, "Reports");
    expect((await stack.up()).ok).toBe(true);
  });
  afterAll(() => stack.close());

  it("are put back where they were removed, by the command that the run names", async () => {
    portal.revoke("Mail.Read");
    const plain = await stack.up();
    expect([plain.ok, portal.held()]).toEqual([true, ["User.Read.All"]]);
    expect(plain.said).toContain("pulumi up --refresh --stack test");
    const healed = await upRefresh();
    expect([healed.ok, portal.held()]).toEqual([true, ["Mail.Read", "User.Read.All"]]);
    expect((await stack.up()).steps).toEqual([]);
  });

  it("are adopted where they were given again", async () => {
    portal.revoke("Mail.Read");
    const id = portal.grant("Mail.Read");
    const plain = await stack.up();
    expect([plain.ok, plain.writes]).toEqual([true, []]);
    expect(plain.said).toContain("This adopts the new one: pulumi up --refresh --stack test");
    const healed = await upRefresh();
    expect([healed.ok, portal.assignmentId("Mail.Read")]).toEqual([true, id]);
    permissions = ["User.Read.All"];
    expect([(await stack.up()).ok, portal.held()]).toEqual([true, ["User.Read.All"]]);
  });

  it("are adopted where the state lacks them", async () => {
    const id = portal.grant("Mail.Read");
    permissions = ["User.Read.All", "Mail.Read"];
    const run = await stack.up();
    expect([run.ok, portal.assignmentId("Mail.Read")]).toEqual([true, id]);
    expect(run.steps).toContain("import Reports-Mail.Read");
  });
});
