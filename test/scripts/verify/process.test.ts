import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { azure } from "../../../emulator/server/azure";
import { startServer, type RunningServer } from "../../../emulator/server/server";
import { bundleCommands, runBundle, runWithoutOutput } from "../../support/commandProcess";
import { deployStack, type DeployedStack } from "../../support/deployedStack";
import { armEnvironment } from "../../support/testWorld";

let bundle: string;
let stack: DeployedStack;
let server: RunningServer;
let folder: string;
let env: Record<string, string | undefined>;

beforeAll(async () => {
  bundle = bundleCommands();
  stack = await deployStack();
  server = await startServer(azure(stack.tenant));
  folder = mkdtempSync(join(tmpdir(), "verify-"));
  writeFileSync(join(folder, "ca.pem"), server.caPem);
  writeFileSync(join(folder, "outputs.json"), JSON.stringify(stack.outputs));
  env = {
    ...armEnvironment(stack.tenant, "deployer"),
    HTTPS_PROXY: server.proxyUrl,
    NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
    // The tenant's clock stands still.
    COPILOT_TOKEN_CLOCK: stack.clock.now().toISOString(),
  };
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function verify(
  commandArguments: readonly string[],
  more: Record<string, string | undefined> = {},
  input?: string,
) {
  return runBundle(bundle, ["verify", ...commandArguments], {
    env: { ...env, ...more },
    ...(input === undefined ? {} : { input }),
  });
}

describe("npm run verify, as a process", () => {
  it("verifies a stack through the proxy, with only its environment to say where Azure is", async () => {
    const { exitCode, stdout, stderr } = await verify(["--outputs", join(folder, "outputs.json")]);

    expect(stderr).toBe(
      "*** EMULATED TIME: COPILOT_TOKEN_CLOCK sets the clock to 2026-11-22T11:00:00.000Z ***\n",
    );
    expect(stdout).toMatch(/VERIFIED: 14 pass; /);
    expect(exitCode).toBe(0);
  });

  it("takes the outputs from a pipe", async () => {
    const { exitCode, stdout } = await verify(["--json"], {}, JSON.stringify(stack.outputs));

    expect(JSON.parse(stdout)).toMatchObject({ verified: true, outputsFrom: "standard input" });
    expect(exitCode).toBe(0);
  });

  it("writes every kind of report, and no secret or token into any", async () => {
    const files = ["report.xml", "report.html", "summary.md"].map((name) => join(folder, name));
    const { exitCode, stdout, stderr } = await verify(
      ["--outputs", join(folder, "outputs.json"), "--junit", files[0] ?? "", "--html", files[1] ?? ""],
      { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: files[2] },
    );
    const written = files.map((file) => readFileSync(file, "utf8"));

    expect(exitCode).toBe(0);
    expect(written.map((text) => text.split("\n", 1)[0])).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      "<!doctype html>",
      "## ✅ Verified",
    ]);
    for (const text of [stdout, stderr, ...written]) {
      for (const secret of stack.secrets) expect(text).not.toContain(secret);
      // How every JSON web token begins.
      expect(text).not.toContain("eyJ");
    }
  });

  it("exits 1, with the reason, when a connection is refused by the proxy", async () => {
    const outputs = structuredClone(stack.outputs);
    const { exitCode, stdout } = await verify(
      ["--outputs", "-", "--wait", "0"],
      { HTTPS_PROXY: "http://127.0.0.1:1" },
      JSON.stringify(outputs),
    );

    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      "The proxy 127.0.0.1:1 (HTTPS_PROXY), asked for login.microsoftonline.com, could not be reached",
    );
    expect(stdout).toMatch(/NOT VERIFIED/);
  });

  it.each([
    [["--nonsense"], /Unknown option '--nonsense'[\s\S]*Flags of npm run verify: --outputs, /],
    [["stray"], /Unexpected argument/],
    [["--wait", "soon"], /--wait soon: give a whole number from 0 to 900/],
    [["--outputs", "a", "--stack", "b"], /two sources/],
    [["--outputs", "nowhere.json"], /^--outputs nowhere\.json: the file does not exist/m],
    [["--outputs", "README.md"], /^The outputs from README\.md are not JSON/m],
  ])("exits 2 on %j", async (commandArguments, words) => {
    const { exitCode, stderr } = await verify(commandArguments);

    expect(stderr).toMatch(words);
    expect(exitCode).toBe(2);
  });

  it("exits 2 on a clock that is no instant", async () => {
    const { exitCode, stdout, stderr } = await verify([], { COPILOT_TOKEN_CLOCK: "tomorrow" });

    expect(stderr).toMatch(
      /^COPILOT_TOKEN_CLOCK is "tomorrow", which is not an ISO 8601 time with an offset\. Write it like /,
    );
    expect([exitCode, stdout]).toEqual([2, ""]);
  });

  it("explains its flags", async () => {
    const { exitCode, stdout } = await verify(["--help"], { COPILOT_TOKEN_CLOCK: undefined });

    expect(stdout).toMatch(
      /Usage: npm run verify -- \[flags\][\s\S]*--strict +also fails on warnings and notes/,
    );
    expect(exitCode).toBe(0);
  });
});

describe.runIf(existsSync("/dev/full"))("a process whose output cannot be written", () => {
  const outputs = (): string => JSON.stringify(stack.outputs);
  const claims = Buffer.from('{"aud":"x","exp":1e300,"nbf":1e300,"xms_tcdt":1e300}').toString("base64url");
  const token = `${Buffer.from('{"alg":"RS256"}').toString("base64url")}.${claims}.c2ln`;
  const commands: [string[], () => string][] = [
    [["verify", "--json"], outputs],
    [["rotate", "--history"], outputs],
    [["copilot", "--out", join(tmpdir(), `copilot-unwritten-${process.pid}`)], outputs],
    [["token"], () => token],
    [["--help"], () => ""],
  ];

  afterAll(() => {
    rmSync(join(tmpdir(), `copilot-unwritten-${process.pid}`), { recursive: true, force: true });
  });

  it.each(commands)("fails with one message where the disk is full: %j", async (words, input) => {
    const { exitCode, stderr } = await runWithoutOutput(bundle, words, "full", { env, input: input() });
    expect(stderr).toMatch(
      /could not be written to standard output \(ENOSPC.*Free space, or write elsewhere/,
    );
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(exitCode).toBe(1);
  });

  it.each(commands)("keeps its exit code where the reader has left: %j", async (words, input) => {
    const { exitCode, stderr } = await runWithoutOutput(bundle, words, "closed", { env, input: input() });
    expect(stderr).not.toMatch(/EPIPE|^\s+at /m);
    expect(exitCode).toBe(0);
  });

  it("fails with one message where the step summary cannot be written", async () => {
    const { exitCode, stderr } = await runBundle(bundle, ["verify"], {
      env: { ...env, GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: "/dev/full" },
      input: outputs(),
    });
    expect(stderr).toMatch(/The step summary \(GITHUB_STEP_SUMMARY\) cannot be written: ENOSPC/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(exitCode).toBe(1);
  });

  it("names HTTPS_PROXY where a % in it is malformed, and shows no part of it", async () => {
    const { exitCode, stdout, stderr } = await runBundle(bundle, ["verify", "--wait", "0"], {
      env: { ...env, HTTPS_PROXY: "http://user%:secret-word@proxy.example:8080" },
      input: outputs(),
    });
    expect(stdout + stderr).toMatch(/HTTPS_PROXY holds no address of a proxy/);
    expect(stdout + stderr).not.toMatch(/secret-word|^\s+at /m);
    expect(exitCode).toBe(1);
  });

  it("trusts no certificate that Node is told not to check", async () => {
    const { exitCode, stdout, stderr } = await runBundle(bundle, ["verify", "--wait", "0"], {
      env: { ...env, NODE_EXTRA_CA_CERTS: undefined, NODE_TLS_REJECT_UNAUTHORIZED: "0" },
      input: outputs(),
    });
    expect(stdout + stderr).toMatch(/NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the check of certificates/);
    expect(exitCode).toBe(1);
  });
});
