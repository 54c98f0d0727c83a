import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  armResourceTypes,
  type ArmResourceType,
} from "../../../emulator/pulumi/providers/azureNative/resourceTypes";
import { vaultSecretType } from "../../../emulator/pulumi/providers/azureNative/vaultSecret";
import { execute } from "../../../scripts/shared/command";
import { apiVersionsCommand } from "../../../scripts/apiVersions/command";
import { readProviderApi } from "../../../scripts/shared/providerApi";
import type { ToolResult } from "../../../scripts/shared/world";
import { writeProviderPackage } from "../../support/providerPackage";
import { testWorld } from "../../support/testWorld";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "api-versions-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const npmSays = (stdout: string, exitCode = 0): ToolResult => ({ exitCode, stdout, stderr: "" });

function worldOn(day: string, apiVersion: string, npm = npmSays(""), env = {}) {
  writeProviderPackage(directory, "3.28.0", apiVersion);
  const asked: string[] = [];
  const world = testWorld({
    directory,
    env,
    now: () => new Date(`${day}T12:00:00Z`),
    runTool: (tool, words) => {
      asked.push([tool, ...words].join(" "));
      return Promise.resolve(npm);
    },
  });
  return { world, asked };
}

describe("the installed azure-native", () => {
  const types: [string, ArmResourceType][] = [
    ...Object.entries(armResourceTypes),
    ["azure-native:keyvault:Secret", vaultSecretType],
  ];
  it.each(types)(
    "sends the API version that the emulator's provider sends: %s",
    async (type, { apiVersion }) => {
      expect((await readProviderApi(resolve("."), type)).apiVersion).toBe(apiVersion);
    },
  );

  // The one test that reads the real clock: it fails from 2027-01-15 on, until a provider is in that speaks a version
  // that stays. Then take it: npm install @pulumi/azure-native@latest, and correct the emulator's table.
  it("speaks a Key Vault API version that Azure still takes for six weeks", async () => {
    const world = testWorld({ now: () => new Date() });
    const exitCode = await execute(apiVersionsCommand, [], world);
    console.warn(world.printed.join("\n"));
    expect(exitCode).toBe(0);
  });
});

describe("api-versions", () => {
  it.each([
    ["2026-11-25", "2024-11-01", 0, "notice"],
    ["2026-12-29", "2024-11-01", 0, "warning"],
    ["2027-01-15", "2024-11-01", 1, "error"],
    ["2027-03-01", "2024-11-01", 1, "error"],
    ["2027-03-01", "2026-02-01", 0, "notice"],
  ])("on %s, with %s, ends with %i and says so in GitHub as %s", async (day, apiVersion, exitCode, level) => {
    const { world, asked } = worldOn(day, apiVersion, npmSays(""), { GITHUB_ACTIONS: "true" });
    expect(await execute(apiVersionsCommand, [], world)).toBe(exitCode);
    expect(world.printed).toEqual([
      expect.stringMatching(
        new RegExp(
          `^::${level} title=Key Vault API version::@pulumi/azure-native 3\\.28\\.0 speaks ${apiVersion}`,
        ),
      ),
    ]);
    expect(asked).toEqual([]);
  });

  it("names the end, the days left and the cure", async () => {
    const { world } = worldOn("2026-12-29", "2024-11-01");
    await execute(apiVersionsCommand, [], world);
    expect(world.printed).toEqual([
      "@pulumi/azure-native 3.28.0 speaks 2024-11-01. Azure retires what is older than 2026-02-01 on 2027-02-27, in 59 days. " +
        "Update the package as soon as one speaks 2026-02-01: npm install @pulumi/azure-native@latest, then pulumi preview.",
    ]);
  });

  it.each([
    [npmSays("3.29.0\n"), "@pulumi/azure-native 3.29.0 is there; 3.28.0 is installed"],
    [npmSays("3.28.0\n"), "3.28.0 is the newest @pulumi/azure-native."],
    [npmSays("", 1), "npm did not say which @pulumi/azure-native is the newest."],
  ])("--newer asks npm, and goes on whatever it answers", async (npm, words) => {
    const { world, asked } = worldOn("2026-11-25", "2024-11-01", npm);
    expect(await execute(apiVersionsCommand, ["--newer"], world)).toBe(0);
    expect(world.printed.at(-1)).toContain(words);
    expect(asked).toEqual(["npm view @pulumi/azure-native version"]);
  });

  it("says what to do where the packages are missing", async () => {
    await expect(execute(apiVersionsCommand, [], testWorld({ directory }))).rejects.toMatchObject({
      code: "PROVIDER_UNREADABLE",
      message: expect.stringContaining("npm ci") as string,
    });
  });
});
