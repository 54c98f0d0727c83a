import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parseFlags } from "../../scripts/shared/command";
import { tenantCommand } from "../../scripts/tenant/command";
import { bundleCommands } from "../support/commandProcess";
import { testWorld } from "../support/testWorld";
import { tenantFolder, type ClientAnswer, type TenantFolder } from "../support/tenantProcess";

const newApp = {
  method: "POST",
  url: "https://graph.microsoft.com/v1.0/applications",
  body: { displayName: "Kept" },
};
/** A command that prints which variables it has, of those that a pattern names. */
const namesIn = (pattern: string): string =>
  `'${process.execPath}' -p 'Object.keys(process.env).filter((name) => /^(${pattern})$/.test(name)).join("\\n")'`;
const answerIn = (stdout: string): ClientAnswer => JSON.parse(stdout) as ClientAnswer;
const appNames = ({ body }: ClientAnswer): string[] =>
  (body as { value: { displayName: string }[] }).value.map(({ displayName }) => displayName);

describe("npm run tenant", () => {
  let bundle: string;
  let folder: TenantFolder;
  beforeAll(() => {
    bundle = bundleCommands();
  });
  beforeEach(async () => {
    folder = await tenantFolder(bundle);
  });
  afterEach(() => folder.remove());

  describe("--exec", () => {
    it.each([0, 7])(
      "hands exit code %i back, says nothing itself and leaves nothing behind",
      async (code) => {
        const { exitCode, stdout, stderr } = await folder.run("--exec", `echo done; exit ${code}`);
        expect([exitCode, stdout, stderr]).toEqual([code, "done\n", ""]);
        expect(await folder.left()).toEqual([]);
      },
    );

    it("gives 128 and the signal's number for a command that a signal ended", async () => {
      const { exitCode } = await folder.run("--exec", "kill -TERM $$");
      expect(exitCode).toBe(128 + 15);
    });

    it.each(["administrator", "deployer", "verifier"])("signs the command in as the %s", async (who) => {
      const { stdout, stderr } = await folder.run("--as", who, "--exec", folder.client());
      const answer = answerIn(stdout);
      expect(stderr).toBe("");
      // The verifier holds no right at all.
      expect(answer.status).toBe(who === "verifier" ? 403 : 200);
    });

    it("runs the command where managed identities are, without a secret and without a client ID", async () => {
      const names = "IDENTITY_ENDPOINT|IDENTITY_HEADER|(ARM|AZURE)_CLIENT_[A-Z]*|ARM_TENANT_ID";
      const { stdout } = await folder.run("--as", "workload", "--exec", namesIn(names));
      expect(stdout.split("\n").sort()).toEqual([
        "",
        "ARM_TENANT_ID",
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
      ]);
    });

    it("makes the command a job of GitHub Actions, which signs in as the client that is named", async () => {
      const clientId = "1bf5547b-76f6-467a-bf1b-6ba3b0ac1548";
      const subject = "repo:Contoso/agents:environment:Rotate";
      const command =
        'echo "$GITHUB_ACTIONS $GITHUB_REPOSITORY $ARM_USE_OIDC $ARM_CLIENT_ID [$ARM_CLIENT_SECRET]"';
      const { stdout } = await folder.run("--as", subject, "--client-id", clientId, "--exec", command);
      expect(stdout).toBe(`true Contoso/agents true ${clientId} []\n`);
    });

    it("ends after its command when Ctrl-C meets both, and keeps the tenant", async () => {
      // Two interrupts reach the command: the process group's, and the one that is handed on for want of a terminal.
      const wait = `trap 'trap "" INT; exit 5' INT; echo waiting; until false; do sleep 0.05; done`;
      const command = `${folder.client(newApp)}; ${wait}`;
      const running = folder.start("--state", "tenant.json", "--exec", command);
      await running.said("waiting");
      running.interrupt();
      expect((await running.ended).exitCode).toBe(5);
      expect(await folder.left()).toEqual([]);
      expect(readFileSync(join(folder.path, "tenant.json"), "utf8")).toContain('"displayName":"Kept"');
    });

    it.each([
      {
        stdin: "terminal",
        sent: "leaves Ctrl-C to the terminal, which sends it to the command as well",
        code: 4,
      },
      { stdin: "none", sent: "hands an interrupt on, where there is no terminal", code: 9 },
    ] as const)("$sent", async ({ stdin, code }) => {
      const [started, goOn] = [join(folder.path, "started"), join(folder.path, "go-on")];
      const world = testWorld({
        directory: folder.path,
        env: { PATH: "/usr/bin:/bin" },
        stdin: { kind: stdin, read: () => Promise.resolve("") },
      });
      const command = `trap 'exit 9' INT; > '${started}'; until [ -e '${goOn}' ]; do sleep 0.05; done; exit 4`;
      const flags = parseFlags(tenantCommand, ["--exec", command]);
      if (flags === "help") throw new Error("nobody asked for help");
      const ended = tenantCommand.run(flags, world);
      await vi.waitUntil(() => existsSync(started), { timeout: 240_000 });
      process.emit("SIGINT", "SIGINT");
      writeFileSync(goOn, "");
      expect(await ended).toBe(code);
    });

    it("refuses hosts that are not Azure's, and names them", async () => {
      const { exitCode, stderr } = await folder.run(
        "--exec",
        folder.client({ url: "https://example.com/page" }),
      );
      expect(exitCode).toBe(3);
      expect(stderr).toContain(
        "Refused a request to example.com: this host is not emulated. To allow it, add --allow example.com.",
      );
    });

    it("works beside a Pulumi CLI that is too old, and says so", async () => {
      const cli = join(folder.path, "bin", "pulumi");
      writeFileSync(cli, "#!/bin/sh\necho v3.1.0\n");
      await chmod(cli, 0o755);
      const { exitCode, stdout, stderr } = await folder.run("--exec", "echo done");
      expect([exitCode, stdout]).toEqual([0, "done\n"]);
      expect(stderr).toContain("is 3.1.0; this project needs");
    });
  });

  describe("--state", () => {
    it("keeps the tenant between runs, readable only by its owner", async () => {
      const first = await folder.run("--state", "tenant.json", "--exec", folder.client(newApp));
      expect(answerIn(first.stdout).status).toBe(201);
      expect(statSync(join(folder.path, "tenant.json")).mode & 0o777).toBe(0o600);
      const second = await folder.run("--state", "tenant.json", "--exec", folder.client());
      expect(appNames(answerIn(second.stdout))).toContain("Kept");
      const other = await folder.run("--exec", folder.client());
      expect(appNames(answerIn(other.stdout))).not.toContain("Kept");
    });

    it("leaves a damaged file as it is, and runs nothing", async () => {
      const file = join(folder.path, "tenant.json");
      writeFileSync(file, '{"version":1,"tenantId"');
      const { exitCode, stdout, stderr } = await folder.run("--state", "tenant.json", "--exec", "echo ran");
      expect([exitCode, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(`${file} does not hold an emulated tenant: it is not whole JSON`);
      expect(stderr).not.toContain("    at ");
      expect(readFileSync(file, "utf8")).toBe('{"version":1,"tenantId"');
    });
  });

  it("--state in a folder that is not there runs nothing", async () => {
    const { exitCode, stdout, stderr } = await folder.run(
      "--state",
      "none/tenant.json",
      "--exec",
      "echo ran",
    );
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(
      `cannot be kept in ${join(folder.path, "none", "tenant.json")}: there is no such folder`,
    );
  });

  it("--log shows each request with method, path, status and who, and no secret", async () => {
    const { stdout, stderr } = await folder.run("--log", "--exec", folder.client());
    const { clientId, clientSecret, token } = answerIn(stdout);
    expect(stderr.trim().split("\n")).toEqual([
      expect.stringMatching(
        new RegExp(
          `^POST https://login\\.microsoftonline\\.com/\\S+/token -> 200 \\(${clientId}, \\d+ ms\\)$`,
        ),
      ),
      expect.stringMatching(
        new RegExp(
          `^GET https://graph\\.microsoft\\.com/v1\\.0/applications -> 200 \\(${clientId}, \\d+ ms\\)$`,
        ),
      ),
    ]);
    expect([stderr.includes(clientSecret), stderr.includes(token)]).toEqual([false, false]);
  });

  it("--clock sets the tenant's time", async () => {
    const { stdout } = await folder.run("--clock", "2031-01-31T12:00:00Z", "--exec", folder.client());
    const { date, token } = answerIn(stdout);
    expect(date).toContain("31 Jan 2031 12:00:");
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
      iat: number;
    };
    expect(new Date(claims.iat * 1000).getUTCFullYear()).toBe(2031);
  });

  const throttled = JSON.stringify({
    disturbances: [{ service: "graph", action: { kind: "status", status: 429, retryAfterSeconds: 1 } }],
  });
  it.each(["JSON itself", "a file"])("--fault takes %s", async (kind) => {
    writeFileSync(join(folder.path, "plan.json"), throttled);
    const { stdout } = await folder.run(
      "--fault",
      kind === "a file" ? "plan.json" : throttled,
      "--exec",
      folder.client(),
    );
    expect(answerIn(stdout).status).toBe(429);
  });

  it.each([
    [["--clock", "soon"], "--clock soon is not an ISO 8601 time"],
    [["--fault", "nowhere.json"], "--fault nowhere.json: the file does not exist"],
    [["--fault", '{"graphLag":5}'], "graphLag: "],
    [["--as", "root"], "--as root: use one of administrator, deployer, verifier"],
    [["--port", "0"], "--port"],
  ])("reports %j as a usage error and runs nothing", async (flags, words) => {
    const { exitCode, stdout, stderr } = await folder.run(...flags, "--exec", "echo ran");
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("    at ");
  });

  it("says when its port is taken", async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const { exitCode, stdout, stderr } = await folder.run("--port", String(port), "--exec", "echo ran");
    server.close();
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`Port ${port} on 127.0.0.1 is taken`);
  });

  describe("serving", () => {
    it("prints what to load into another shell, which then works there, until Ctrl-C", async () => {
      const running = folder.start("--state", "tenant.json");
      await running.said("Press Ctrl-C to stop it.\n");
      const bashFile = join(folder.path, ".copilot-token", `tenant-${running.pid}.sh`);
      const powerShellFile = bashFile.replace(/sh$/, "ps1");
      expect([bashFile, powerShellFile].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
      const text = execFileSync("/bin/sh", ["-c", `. '${bashFile}'; ${folder.client(newApp)}`], {
        encoding: "utf8",
        env: { ARM_CLIENT_ID: "somebody's own", AZURE_CLIENT_CERTIFICATE_PATH: "/of/theirs" },
      });
      const { status, clientSecret } = answerIn(text);
      expect(status).toBe(201);
      // A kill loses nothing that was answered.
      expect(readFileSync(join(folder.path, "tenant.json"), "utf8")).toContain('"displayName":"Kept"');
      running.interrupt();
      const { exitCode, stdout, stderr } = await running.ended;
      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(stdout).toContain(`. .copilot-token/tenant-${running.pid}.sh`);
      expect(stdout).not.toContain(clientSecret);
      expect(await folder.left()).toEqual([]);
      expect(existsSync(bashFile)).toBe(false);
    });
  });
});
