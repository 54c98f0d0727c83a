import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clouds } from "../../core/cloud/clouds";
import type { LocalReport } from "../../scripts/local/localReport";
import { bundleCommands, runBundle } from "../support/commandProcess";

/** Hosts and audiences that no other cloud than the public one has. */
const publicOnly =
  /graph\.microsoft\.com|microsoftonline\.com|vault\.azure\.net|management\.azure\.com|AzureADTokenExchange(?!USGov|China)/;

describe("npm run local -- --cloud", () => {
  let bundle: string;
  let folder: string;
  beforeAll(() => {
    bundle = bundleCommands();
    folder = mkdtempSync(join(tmpdir(), "clouds-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const run = (commandArguments: string[], env: Record<string, string> = {}) =>
    runBundle(bundle, commandArguments, { env: { HOME: process.env["HOME"], ...env }, timeout: 240_000 });

  it.each([
    ["usgovernment", "usgovernment"],
    ["usgovernmentdod", "usgovernmentl5"],
    ["china", "china"],
  ] as const)("does the whole job in %s, and sends nothing to another cloud", async (name, variable) => {
    const { exitCode, stdout, stderr } = await run([
      "local",
      "--engine",
      "inline",
      "--json",
      "--cloud",
      name,
    ]);
    expect([exitCode, stderr], stdout).toEqual([0, ""]);
    const { verified, refusedHosts, outputs } = JSON.parse(stdout) as LocalReport;
    expect([verified, refusedHosts, outputs?.cloud]).toEqual([true, [], name]);
    expect(outputs?.vaultUri).toMatch(new RegExp(`\\.${clouds[name].vaultSuffix.replaceAll(".", "\\.")}/$`));
    expect(stdout).not.toMatch(publicOnly);

    // The files for Copilot Studio follow the outputs, where the environment agrees.
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(outputs));
    const out = join(folder, name);
    const made = await run(["copilot", "--outputs", file, "--out", out], { ARM_ENVIRONMENT: variable });
    expect(made.exitCode, made.stderr).toBe(0);
    const collection = readFileSync(join(out, "CopilotAPIAuth/postman/collection.json"), "utf8");
    expect(collection).toContain(`${clouds[name].authority}/{{tenantId}}/oauth2/v2.0/token`);
    expect(collection).not.toMatch(publicOnly);
    const refused = await run(["copilot", "--outputs", file, "--out", out]);
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringContaining(`Set ARM_ENVIRONMENT=${variable}.`),
    ]);
  });

  it("refuses a name that no cloud has", async () => {
    const { exitCode, stderr } = await run(["local", "--cloud", "gcc"]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("GCC is in the public one.")]);
  });
});
