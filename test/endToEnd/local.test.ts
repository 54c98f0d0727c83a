import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serviceSubject } from "../../emulator/entra/clientAssertion";
import { entraIssuer } from "../../emulator/entra/tokens";
import { seedState } from "../../emulator/tenant/seed";
import { localReport, type LocalReport } from "../../scripts/local/localReport";
import type { RotateReport } from "../../scripts/rotate/report";
import { bundleCommands, runBundle } from "../support/commandProcess";
import { linkProject, ownStack } from "../support/linkProject";
import { secretApp } from "../support/secretApp";

const state = seedState(new Date(0));
const emulatedTenantId = state.tenantId;
/** As the token service of agents has one. */
const agentSubject = serviceSubject("5b404cf4-a79d-4cfe-b866-24bf8e1a4921", "agent", { state });

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

  it("deploys, verifies, rotates, verifies again and leaves no files, also none of a killed run", async () => {
    const { pid: ended } = spawnSync(process.execPath, ["--version"]);
    mkdirSync(".copilot-token", { recursive: true });
    writeFileSync(`.copilot-token/local-${ended}.json`, "{}");
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

  it("signs users in to apps that act as their users, and says what only a person can do", async () => {
    const folder = mkdtempSync(join(tmpdir(), "local-"));
    linkProject(folder, ["Pulumi.yaml"]);
    const user = "11111111-1111-4111-8111-111111111111";
    const apps = {
      Reports: { permissions: ["User.Read.All"] },
      Older: { delegated: ["User.Read", "Files.ReadWrite"], userSignIn: { users: [user] } },
      Waiting: { delegated: ["User.Read"], credential: "federated", userSignIn: { assignedTo: [user] } },
      Connected: {
        delegated: ["User.Read", "Files.ReadWrite"],
        credential: "federated",
        agentSignIn: { issuer: entraIssuer({ tenantId: emulatedTenantId }), subject: agentSubject },
      },
    };
    const config = {
      "azure-native:location": "westeurope",
      "copilot-token:apps": apps,
      "copilot-token:rotation": { verification: { tokens: 1, overSeconds: 0 } },
    };
    writeFileSync(join(folder, "Pulumi.dev.yaml"), JSON.stringify({ config }));
    const run = await runBundle(bundle, ["local", "--engine", "inline", "--json"], {
      cwd: folder,
      env: { HOME: folder },
    });
    rmSync(folder, { recursive: true });
    const report = JSON.parse(run.stdout) as LocalReport;
    expect([run.exitCode, report.verified, report.refusedHosts]).toEqual([0, true, []]);
    expect(report.steps.map(({ title }) => title).slice(-5)).toEqual([
      "Verify",
      "Sign in",
      "Rotate",
      "Verify again",
      "Sign in again",
    ]);
    expect(report.userSignIns).toEqual([
      {
        app: "Connected",
        ok: true,
        summary: "Adele Vance signs in; GET /me 200, GET /me/drive/root/children 200",
        scopes: ["Files.ReadWrite", "User.Read", "openid", "profile"],
      },
      {
        app: "Older",
        ok: true,
        summary: "User 11111111 signs in; GET /me 200, GET /me/drive/root/children 200",
        scopes: ["Files.ReadWrite", "User.Read", "openid", "profile"],
      },
      {
        app: "Waiting",
        ok: true,
        summary: "User 11111111 signs in with consent; only the agent can redeem the code",
      },
    ]);
    expect(secretApp(report.outputs?.apps["Older"]).credential.sequence).toBe(2);
    const statuses = report.verification?.checks.flatMap(({ id, app, status }) =>
      ["delegated-permissions", "user-sign-in"].includes(id) ? [`${app ?? ""} ${id} ${status}`] : [],
    );
    expect(statuses).toEqual([
      "Connected delegated-permissions pass",
      "Connected user-sign-in skip",
      "Older delegated-permissions pass",
      "Older user-sign-in skip",
      "Waiting delegated-permissions pass",
      "Waiting user-sign-in warn",
    ]);
    const text = localReport(report, "dev", () => []);
    expect(text).toContain("For a person to do, in your own tenant:\n  Connected: Ask the agent something");
    expect(text).toContain("  Waiting: Save the client ID on the agent's Security page");
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
    });
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
