import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalReport } from "../../scripts/lib/rehearsal/localReport";
import { runBundle } from "../support/commandProcess";
import { secretApp } from "../support/secretApp";

// Within node_modules, so that the bundles find the packages that they leave out.
const bundles = resolve(`node_modules/.cache/copilot-token/local-${process.pid}`);

describe("npm run local", () => {
  beforeAll(() => {
    execFileSync(process.execPath, ["scripts/build.mjs", bundles]);
  });
  afterAll(() => {
    rmSync(bundles, { recursive: true });
  });
  const local = (...flags: string[]) =>
    runBundle(resolve(bundles, "local.js"), ["--engine", "inline", ...flags], {
      env: { HOME: process.env["HOME"] },
    });

  it("deploys, proves, rotates, proves again and leaves nothing behind", async () => {
    const { exitCode, stdout, stderr } = await local();
    expect([exitCode, stderr]).toEqual([0, ""]);
    const ticks = stdout.split("\n").filter((line) => line.startsWith("  ✓ "));
    expect(ticks.map((line) => line.slice(4, 20).trim())).toEqual([
      "Emulated Azure",
      "Engine",
      "Deploy",
      "Verify",
      "Rotate",
      "Verify again",
    ]);
    expect(stdout).toContain("  in the token   User.Read.All\n");
    expect(stdout).toContain("number 2, keyId ");
    expect(stdout).toContain("PROVED: ");
    expect(readdirSync(".copilot-token").filter((name) => name.startsWith("local-"))).toEqual([]);
  });

  it("says the same as JSON, and reached for nothing outside the emulated Azure", async () => {
    const { exitCode, stdout } = await local("--json");
    const report = JSON.parse(stdout) as LocalReport;
    expect([exitCode, report.proved, report.refusedHosts]).toEqual([0, true, []]);
    expect(secretApp(report.outputs?.apps["CopilotAPIAuth"]).credential.sequence).toBe(2);
    expect(report.verification?.counts.fail).toBe(0);
  });

  it.each([
    [["--stack", "nowhere"], 2, "Pulumi.nowhere.yaml is not there"],
    [["--frob"], 2, "--frob"],
    [["--engine", "other"], 2, "--engine other"],
  ])("refuses %j", async (flags, code, words) => {
    const { exitCode, stdout, stderr } = await local(...flags);
    expect([exitCode, stdout]).toEqual([code, ""]);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("    at ");
  });

  it("is what the README's first command runs", () => {
    expect(readFileSync("README.md", "utf8")).toContain("npm ci && npm run local");
  });
});
