import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalReport } from "../../scripts/local/localReport";
import type { RotateReport } from "../../scripts/rotate/report";
import { bundleCommands, runBundle } from "../support/commandProcess";
import { linkProject, ownStack } from "../support/linkProject";
import { secretApp } from "../support/secretApp";

/** The lines of the recorded session in the README. */
function recordedLines(): string[] {
  const drawn = readFileSync("docs/terminal.svg", "utf8").matchAll(/<text[^>]*>(.*)<\/text>/g);
  return comparable(
    [...drawn]
      .map(([, text = ""]) => text.replaceAll(/<[^>]*>/g, ""))
      .map((text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"))
      .join("\n"),
  );
}

/** Lines without what differs from run to run. */
function comparable(text: string): string[] {
  return text.split("\n").map((line) =>
    line
      .replace(/(inline engine, ).*/, "$1")
      .replaceAll(/(copilot-dev-)\w+/g, "$1")
      .replaceAll(/keyId \S+|client ID +\S+|\d+/g, "#")
      .replaceAll(/ +/g, " ")
      .trimEnd(),
  );
}

describe("npm run local", () => {
  let bundle: string;
  beforeAll(() => {
    bundle = bundleCommands();
  });
  const local = (...flags: string[]) =>
    runBundle(bundle, ["local", "--engine", "inline", ...flags], {
      env: { HOME: process.env["HOME"] },
    });

  it("deploys, verifies, rotates, verifies again and leaves no files", async () => {
    const { exitCode, stdout, stderr } = await local();
    expect([exitCode, stderr]).toEqual([0, ""]);
    const ticks = stdout.split("\n").filter((line) => line.startsWith("  ✓ "));
    expect(ticks.map((line) => line.slice(4, 20).trim())).toEqual([
      "Emulated tenant",
      "Engine",
      "Deploy",
      "Verify",
      "Rotate",
      "Verify again",
    ]);
    expect(stdout).toContain("  granted        User.Read.All\n  in the token   User.Read.All\n");
    expect(stdout).toContain("number 2, keyId ");
    expect(stdout).toContain("VERIFIED: ");
    // The README shows it: npm run record draws it anew.
    const recorded = recordedLines();
    expect(comparable(stdout).filter((line) => !recorded.includes(line))).toEqual([]);
    expect(readdirSync(".copilot-token").filter((name) => name.startsWith("local-"))).toEqual([]);
  });

  it("prints the same as JSON, and sends no request outside the emulated tenant", async () => {
    const { exitCode, stdout } = await local("--json");
    const report = JSON.parse(stdout) as LocalReport;
    expect([exitCode, report.verified, report.refusedHosts]).toEqual([0, true, []]);
    expect(secretApp(report.outputs?.apps["CopilotAPIAuth"]).credential.sequence).toBe(2);
    expect(report.verification?.counts.fail).toBe(0);
  });

  describe("-- --keep", () => {
    let folder: string;
    let running: ChildProcess;
    let shellFile: string;
    const hidden = (): string => join(folder, ".copilot-token");
    /** A command in a shell that has loaded the kept environment. */
    const inShell = (name: string, ...flags: string[]): string =>
      execFileSync(
        "sh",
        ["-c", `. '${shellFile}' && exec "$@"`, "sh", process.execPath, bundle, name, ...flags],
        { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
      );

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "local-"));
      linkProject(folder, ownStack);
      // Without a PATH there is no Pulumi CLI, whatever this machine has.
      running = spawn(process.execPath, [bundle, "local", "--engine", "inline", "--keep"], {
        cwd: folder,
        env: { PATH: "/usr/bin:/bin", HOME: folder },
        stdio: ["ignore", "ignore", "pipe"],
      });
      await new Promise<void>((served, failed) => {
        let told = "";
        running.stderr?.setEncoding("utf8").on("data", (text: string) => {
          told += text;
          if (told.includes("Press Ctrl-C to stop it.")) served();
        });
        running.once("close", () => {
          failed(new Error(told));
        });
      });
      shellFile = join(hidden(), `local-${running.pid ?? ""}.sh`);
    }, 60_000);
    afterAll(() => {
      running.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    });

    it("lets verify and copilot find the stack by themselves", () => {
      expect(JSON.parse(inShell("verify", "--json"))).toMatchObject({
        verified: true,
        outputsFrom: ".copilot-token/outputs.json",
      });
      expect(inShell("copilot")).toMatch(/^CopilotAPIAuth: \d+ files in /);
    });

    it("lets rotate go on, which removes no right to read the secret", () => {
      const { ok, steps } = JSON.parse(inShell("rotate", "--now", "--json")) as RotateReport;
      expect([ok, steps.filter(({ operation }) => operation === "delete")]).toEqual([true, []]);
    });

    it("leaves nothing of the stack behind when it ends", async () => {
      const ended = new Promise((done) => running.once("close", done));
      running.kill("SIGINT");
      expect(await ended).toBe(0);
      const left = readdirSync(hidden(), { withFileTypes: true });
      expect(left.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual([]);
    });
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
