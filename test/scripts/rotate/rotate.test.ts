import { describe, expect, it } from "vitest";
import { tagsWithMark } from "../../../core/ownershipMark";
import { rotate as rotateStack } from "../../../scripts/rotate/rotate";
import { rotateText } from "../../../scripts/rotate/reportText";
import { steps } from "../../../scripts/shared/steps";
import { stackId } from "../../support/deployedStack";
import { runMoments } from "../../support/modelProgram";
import { rotatedStack, untilKilled } from "../../support/rotatedStack";

describe("rotate", () => {
  it("refuses an app that carries another stack's mark, and changes nothing", async () => {
    const { rotate, model, stack, advanceDays } = await rotatedStack();
    const other = {
      stackId: "57ac1d00-0000-4000-8000-000000000002",
      resource: "CopilotAPIAuth",
      stack: "p/other",
    };
    for (const application of Object.values(stack.tenant.state.directory.applications)) {
      if (application.displayName === "CopilotAPIAuth") application["tags"] = tagsWithMark(other, []);
    }
    advanceDays(60);
    const before = JSON.stringify(stack.tenant.state);
    for (const wish of ["due", "leaked"] as const) {
      await expect(rotate(wish)).rejects.toMatchObject({
        code: "APP_NOT_OURS",
        message: expect.stringContaining(`stack p/other (ID ${other.stackId})`) as string,
      });
    }
    expect([JSON.stringify(stack.tenant.state), model.asked]).toEqual([before, []]);
  });

  it("does not rotate a secret that is not due, however often it runs", async () => {
    const { rotate, model, live } = await rotatedStack();
    for (const report of [await rotate(), await rotate()]) {
      expect(report.ok).toBe(true);
      expect(report.apps.map(({ occasion, removed }) => [occasion, removed])).toEqual([[null, []]]);
    }
    expect(model.asked).toEqual([]);
    expect(live()).toEqual(["1"]);
  });

  it("replaces what is due, once, and keeps the one before for its readers", async () => {
    const { rotate, live, published, advanceDays } = await rotatedStack();
    advanceDays(60);
    const report = await rotate();
    expect(report).toMatchObject({ ok: true, failures: [] });
    expect(report.apps).toMatchObject([
      {
        occasion: "due",
        before: { sequence: 1 },
        after: { sequence: 2, published: true, cause: "due" },
        removed: [],
      },
    ]);
    expect(await rotate()).toMatchObject({ ok: true, apps: [{ occasion: null }] });
    expect([live(), published().sequence]).toEqual([["1", "2"], 2]);
  });

  it("removes a secret once its successor has been out for keepDays, and not a day earlier", async () => {
    const { rotate, live, advanceDays } = await rotatedStack();
    advanceDays(60);
    await rotate();
    advanceDays(59);
    await rotate();
    expect(live()).toEqual(["1", "2"]);
    advanceDays(1);
    const report = await rotate();
    expect(report.apps[0]?.removed).toMatchObject([
      { displayName: `copilot-token CopilotAPIAuth-1 ${stackId}`, reason: "superseded" },
    ]);
    expect(live()).toEqual(["2", "3"]);
  });

  it.each(runMoments)("goes on after a kill when it had %s", async (moment) => {
    const { rotate, killAt, live, published, advanceDays, stack } = await rotatedStack();
    advanceDays(60);
    killAt(moment);
    await untilKilled(rotate());
    expect(live().length).toBeLessThanOrEqual(2);

    const report = await rotate();
    expect(report).toMatchObject({ ok: true, apps: [{ after: { sequence: 2, published: true } }] });
    expect(live().length).toBeLessThanOrEqual(3);
    expect(published().sequence).toBe(2);
    stack.clock.advance(3_600_001);
    await rotate();
    expect(live()).toEqual(["1", "2"]);
  });

  it.each(runMoments)(
    "publishes nothing older after a kill when it had %s, by a plain up",
    async (moment) => {
      const { rotate, model, killAt, published } = await rotatedStack();
      killAt(moment);
      await untilKilled(rotate("now"));
      const { sequence, keyId } = published();
      await model.up();
      expect(published()).toEqual({ sequence, keyId });
    },
  );

  it("leaves nothing behind when the vault refuses the new secret, and says so", async () => {
    const { rotate, model, live, published } = await rotatedStack();
    model.refusePublication = "Forbidden: ForbiddenByFirewall: Client address is not authorized";
    const failed = await rotate("now");
    expect(failed.ok).toBe(false);
    expect(failed.failures).toMatchObject([
      { subject: "CopilotAPIAuth", fixes: [{ id: "rotate.firewall", kind: "person" }] },
    ]);
    expect(failed.failures[0]?.message).toContain("was removed again, and the vault is unchanged");
    expect([live(), published().sequence]).toEqual([["1"], 1]);
    model.refusePublication = undefined;
    expect((await rotate("now")).ok).toBe(true);
    expect(live()).toEqual(["1", "2"]);
  });

  it("removes what a killed run left behind, and only an hour later", async () => {
    const { rotate, killAt, live, stack } = await rotatedStack();
    killAt("added");
    await untilKilled(rotate("now"));
    stack.clock.advance(600_000);
    expect((await rotate()).apps).toMatchObject([{ occasion: null, removed: [] }]);
    stack.clock.advance(3_600_000);
    expect((await rotate()).apps).toMatchObject([{ occasion: null, removed: [{ reason: "orphaned" }] }]);
    expect(live()).toEqual(["1"]);
  });

  it("keeps the published secret when the new one cannot be verified, and says what Entra said", async () => {
    let added = 0;
    const { rotate, published, advanceDays, live, stack } = await rotatedStack({
      onMoment: (moment) => {
        if (moment === "added") added += 1;
      },
      faults: { secretLag: { seconds: 400 } },
    });
    advanceDays(60);
    const report = await rotate();
    expect(report.ok).toBe(false);
    expect(report.failures[0]?.message).toContain("AADSTS7000215");
    expect(report.verifiedAfter?.checks.find(({ id }) => id === "token")?.status).toBe("pass");
    expect([published().sequence, live()]).toEqual([1, ["1"]]);
    stack.tenant.faults = {};
    expect(await rotate()).toMatchObject({ ok: true, apps: [{ after: { sequence: 2 } }] });
    expect([added, live()]).toEqual([2, ["1", "2"]]);
  });

  it("changes nothing when the clock went back by five minutes, or by a day", async () => {
    const { rotate, model, advanceDays, setSkew, live } = await rotatedStack();
    advanceDays(60);
    await rotate();
    for (const milliseconds of [-300_000, -86_400_000]) {
      setSkew(milliseconds);
      expect((await rotate()).apps).toMatchObject([{ occasion: null, removed: [], after: { sequence: 2 } }]);
    }
    expect([model.asked.length, live()]).toEqual([1, ["1", "2"]]);
  });

  it("changes nothing in a dry run, and says what would happen", async () => {
    const { rotate, model, live, advanceDays, stack } = await rotatedStack();
    advanceDays(60);
    const before = JSON.stringify(stack.tenant.state);
    const due = await rotate("due", { dryRun: true });
    expect(due).toMatchObject({
      ok: true,
      dryRun: true,
      steps: [{ operation: "update", name: "CopilotAPIAuth" }],
      apps: [{ occasion: "due", removed: [] }],
      verifiedAfter: undefined,
    });
    const leaked = await rotate("leaked", { dryRun: true });
    expect(leaked.apps[0]?.removed).toMatchObject([
      { displayName: `copilot-token CopilotAPIAuth-1 ${stackId}`, reason: "leaked" },
    ]);
    // The new one, which takes the place of the leaked one.
    expect(leaked.apps[0]?.liveCredentials).toBe(1);
    expect(rotateText(leaked, stack.clock.now())).toContain("  live secrets   1 afterwards\n");
    expect(due.apps[0]?.liveCredentials).toBe(2);
    expect(JSON.stringify(stack.tenant.state)).toBe(before);
    expect([model.asked, live()]).toEqual([[], ["1"]]);
  });

  it("shows warnings of the verification before it", async () => {
    const { model, world, advanceDays } = await rotatedStack();
    advanceDays(63);
    await rotateStack(world, steps(world, false), { engine: model, wish: "due", dryRun: true });
    expect(world.printed.join("\n")).toMatch(
      /✓ Verify before .*checks passed.*\n +warning: CopilotAPIAuth: rotation: /,
    );
  });

  it("rotates the app that is named, and no other", async () => {
    const apps = { Mail: ["Mail.Send"], Files: ["Files.Read.All"] };
    const { rotate, published, model } = await rotatedStack({ apps });
    const report = await rotate("now", { apps: ["Files"] });
    expect(report.apps.map(({ name }) => name)).toEqual(["Files"]);
    expect(model.asked).toEqual(["Files"]);
    expect([published("Mail").sequence, published("Files").sequence]).toEqual([1, 2]);
  });

  it("publishes the other app when one fails, and records both by the next run", async () => {
    const apps = { Mail: ["Mail.Send"], Files: ["Files.Read.All"] };
    const { rotate, published, model, advanceDays } = await rotatedStack({
      apps,
      onMoment: (moment, app) => {
        model.refusePublication = moment === "verified" && app === "Files" ? "the vault is away" : undefined;
      },
    });
    advanceDays(60);
    expect((await rotate()).ok).toBe(false);
    expect([published("Mail").sequence, published("Files").sequence]).toEqual([2, 1]);
    const report = await rotate("due", { apps: ["Mail"] });
    expect(report.apps).toMatchObject([{ name: "Mail", occasion: "unrecorded", after: { sequence: 2 } }]);
  });

  it("refuses an app that the stack does not have", async () => {
    const { rotate } = await rotatedStack();
    await expect(rotate("now", { apps: ["Mali"] })).rejects.toMatchObject({ code: "USAGE_ERROR" });
  });

  it("shows no secret in anything that it prints or reports", async () => {
    const { rotate, stack, world, advanceDays } = await rotatedStack();
    advanceDays(60);
    const report = await rotate();
    const data = stack.tenant.state.vaults[stack.outputs.vaultName]?.secrets["copilotapiauth"];
    const values = [...stack.secrets, ...(data?.versions.map(({ value }) => value) ?? [])];
    const said = JSON.stringify([report, world.printed, world.told, world.progressed]);
    expect(values.length).toBeGreaterThan(3);
    expect(values.filter((value) => said.includes(value))).toEqual([]);
  });
});
