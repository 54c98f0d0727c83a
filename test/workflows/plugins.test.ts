import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = resolve(".github/actions/set-up/install-plugins");
const hash = "0123456789abcdef".repeat(4);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plugins-"));
  mkdirSync(join(folder, ".github"));
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "package.json"), '{"dependencies":{"@pulumi/azuread":"6.9.1"}}');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the script with a Pulumi CLI that ends so and says what it was called with. */
function installed(pins: string | undefined, cliExitCode = 0) {
  if (pins !== undefined) writeFileSync(join(folder, ".github/pulumi-plugins.txt"), pins);
  const cli = `#!/bin/sh\necho "$@" >> "${folder}/calls"\nexit ${cliExitCode}\n`;
  writeFileSync(join(folder, "bin/pulumi"), cli, { mode: 0o755 });
  const env = {
    PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
    GITHUB_ENV: join(folder, "env"),
  };
  const { status, stderr } = spawnSync(script, { cwd: folder, env, encoding: "utf8" });
  const read = (name: string): string =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";
  return { status, stderr, calls: read("calls"), env: read("env") };
}

describe("install-plugins", () => {
  it("installs each pinned plugin by its hash, and lets the CLI download no other", () => {
    expect(installed(`# Pins.\n\nazuread 6.9.1 ${hash}\n`)).toEqual({
      status: 0,
      stderr: "",
      calls: `plugin install resource azuread 6.9.1 --exact --checksum ${hash}\n`,
      env: "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true\n",
    });
  });

  it("does nothing without pins", () => {
    expect(installed(undefined)).toEqual({ status: 0, stderr: "", calls: "", env: "" });
  });

  it.each([
    ["another version than the package's", `azuread 6.9.0 ${hash}\n`, /package\.json has 6\.9\.1/],
    ["a plugin that no package asks for", `evil 1.0.0 ${hash}\n`, /package\.json has undefined/],
    ["no hash", "azuread 6.9.1\n", /NAME VERSION SHA-256/],
    ["more words", `azuread 6.9.1 ${hash} --server https://evil.example\n`, /NAME VERSION SHA-256/],
  ])("fails before it installs anything for a pin of %s", (_name, pins, words) => {
    const { status, stderr, calls, env } = installed(pins);
    expect([status === 0, calls, env]).toEqual([false, "", ""]);
    expect(stderr).toMatch(words);
  });

  it("fails where the CLI refuses the file's hash", () => {
    const { status, env } = installed(`azuread 6.9.1 ${hash}\n`, 255);
    expect([status, env]).toEqual([255, ""]);
  });
});
