import { workflowCommand } from "../../../core/sinks";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { execute } from "../../../scripts/shared/command";
import { rotateCommand } from "../../../scripts/rotate/command";
import { failureAnnotations } from "../../../scripts/rotate/reportText";
import { fetchHistory, historyTable } from "../../../scripts/rotate/history";
import { rotateText } from "../../../scripts/rotate/reportText";
import { rotatedStack } from "../../support/rotatedStack";
import { testWorld } from "../../support/testWorld";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe("rotate --history", () => {
  it("prints when which secret was published and how it was verified, as a table and as JSON", async () => {
    const rotated = await rotatedStack();
    rotated.advanceDays(60);
    await rotated.rotate();
    const { apps } = await rotated.model.outputs();
    const folder = mkdtempSync(join(tmpdir(), "history-"));
    folders.push(folder);
    writeFileSync(join(folder, "outputs.json"), JSON.stringify(await rotated.model.outputs()));
    const world = { ...rotated.world, directory: folder };

    for (const name of ["constructor", "toString", "__proto__"]) {
      const flags = ["--history", "--outputs", "outputs.json", "--app", name];
      await expect(execute(rotateCommand, flags, world)).rejects.toMatchObject({
        message: `--app ${name}: the stack has no such app. It has: CopilotAPIAuth.`,
      });
    }
    expect(await execute(rotateCommand, ["--history", "--outputs", "outputs.json"], world)).toBe(0);
    const lines = world.printed.at(-1)?.split("\n") ?? [];
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^published +app +kind +number +keyId +why +verified$/);
    expect(lines[2]).toContain(
      `CopilotAPIAuth  client secret  2       ${apps["CopilotAPIAuth"]?.credential.keyId ?? ""}  due    by 10 tokens at `,
    );

    expect(await execute(rotateCommand, ["--history", "--outputs", "outputs.json", "--json"], world)).toBe(0);
    const history = JSON.parse(world.printed.at(-1) ?? "") as {
      sequence: number;
      cause: string;
      app: string;
    }[];
    expect(history.map(({ app, sequence, cause }) => [app, sequence, cause])).toEqual([
      ["CopilotAPIAuth", 1, "first"],
      ["CopilotAPIAuth", 2, "due"],
    ]);
    expect(JSON.parse(readFileSync(join(folder, "outputs.json"), "utf8"))).toHaveProperty(
      "apps.CopilotAPIAuth",
    );
  });

  it("counts a version that repeats a credential as none of its own", async () => {
    const rotated = await rotatedStack();
    const history = await fetchHistory(rotated.world, rotated.stack.outputs, []);
    // The test's stack was published twice: as deployed, and with its full tags.
    expect(history.map(({ sequence }) => sequence)).toEqual([1]);
    expect(historyTable([])).toBe("The vault has no version that this project published.");
  });
});

describe("rotate's flags", () => {
  it.each([
    [["--history", "--now"], "--history and --now do not go together"],
    [["--unlock", "--leaked"], "--unlock and --leaked do not go together"],
    [["--engine", "terraform"], "--engine terraform: it is one of auto, pulumi, inline."],
    [["--rotate"], "Unknown option '--rotate'"],
  ])("refuses %j with the reason", async (flags, message) => {
    await expect(execute(rotateCommand, flags, testWorld())).rejects.toMatchObject({
      code: "USAGE_ERROR",
      message: expect.stringContaining(message) as string,
    });
  });

  it("says what is missing where there is no Pulumi CLI", async () => {
    await expect(execute(rotateCommand, [], testWorld())).rejects.toMatchObject({ code: "PULUMI_MISSING" });
  });
});

describe("what rotate says", () => {
  it("names the published secret, when the next one is due, and the verdict", async () => {
    const rotated = await rotatedStack();
    rotated.advanceDays(60);
    const text = rotateText(await rotated.rotate(), rotated.stack.clock.now());
    expect(text).toMatch(
      / {2}replaced {7}number 1, keyId [0-9a-f-]{36}, 2026-11-22 to 2027-04-05, published/,
    );
    expect(text).toMatch(
      / {2}client secret {2}number 2, keyId [0-9a-f-]{36}, 2027-01-21 to 2027-06-04, published/,
    );
    expect(text).toContain("  next rotation  2027-03-22 (in 59 days)");
    expect(text).toContain("  live secrets   2");
    expect(text.split("\n").at(-1)).toBe("DONE: 1 rotated, 0 credentials removed, verified.");
  });

  it("says loudly that a leaked secret still works, and puts the reason on GitHub's page", async () => {
    const rotated = await rotatedStack();
    rotated.model.refusePublication = "Forbidden\nForbiddenByFirewall: 100% no";
    const report = await rotated.rotate("leaked");
    expect(rotateText(report, rotated.stack.clock.now()).split("\n").at(-1)).toBe(
      "NOT DONE: 0 rotated, 0 credentials removed; see what failed above. The leaked secret of CopilotAPIAuth still works: repair the above and run this again.",
    );
    expect(failureAnnotations(report).map(workflowCommand)).toEqual([
      expect.stringMatching(
        /^::error title=rotate%3A CopilotAPIAuth::Azure Resource Manager answered 403 Forbidden: Forbidden ForbiddenByFirewall: 100%25 no.* The vault's firewall/,
      ),
    ]);
  });

  it("does not call a run done in which the program made nothing, whatever its own clock says", async () => {
    const rotated = await rotatedStack();
    rotated.advanceDays(60);
    rotated.model.rotation = { everyDays: 90, keepDays: 30, graceDays: 1 };
    const report = await rotated.rotate();
    expect(report).toMatchObject({ ok: false, failures: [{ subject: "CopilotAPIAuth" }] });
    expect(report.failures[0]?.message).toContain(
      "The program made no new client secret, although one was due",
    );
  });
});
