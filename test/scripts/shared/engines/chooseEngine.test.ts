import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ageOf } from "../../../../core/instant";
import { chooseEngine, readEngineChoice } from "../../../../scripts/shared/engines/chooseEngine";
import { checkpointFile } from "../../../../scripts/shared/engines/inlineEngine";
import { findPulumiCli } from "../../../../scripts/shared/engines/pulumiCli";
import type { StackEngine } from "../../../../scripts/shared/engines/stackEngine";
import type { ToolResult } from "../../../../scripts/shared/world";
import { testWorld } from "../../../support/testWorld";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
const projectFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "engines-"));
  folders.push(folder);
  return folder;
};

/** A machine with these tools; each says its version. */
const withTools = (tools: Readonly<Record<string, ToolResult>>) =>
  testWorld({
    env: { HOME: "/home/ann" },
    runTool: (tool) => Promise.resolve(tools[tool] ?? { exitCode: undefined, stdout: "", stderr: "" }),
  });
const says = (stdout: string): ToolResult => ({ exitCode: 0, stdout, stderr: "" });
const emulated = { COPILOT_TOKEN_EMULATOR: "http://127.0.0.1:1", PULUMI_CONFIG_PASSPHRASE: "x" };

describe("findPulumiCli", () => {
  it.each([
    ["on PATH", "pulumi"],
    ["in ~/.pulumi/bin", "/home/ann/.pulumi/bin/pulumi"],
    ["in node_modules/.bin", "/project/node_modules/.bin/pulumi"],
  ])("finds it %s", async (place, command) => {
    const world = withTools({ [command]: says("v3.260.0\n") });
    expect(await findPulumiCli(world, "/project")).toEqual({ command, version: "3.260.0", place });
  });

  it.each(["v3.259.9", "3.99.0", "v2.300.0"])("refuses %s, and says what is needed", async (version) => {
    await expect(findPulumiCli(withTools({ pulumi: says(version) }), "/project")).rejects.toMatchObject({
      code: "PULUMI_TOO_OLD",
      message: expect.stringContaining("needs 3.260.0 or later") as string,
    });
  });

  it.each(["v3.260.1-dev.0", "v3.1000.0", "4.0.0"])("takes %s", async (version) => {
    expect(await findPulumiCli(withTools({ pulumi: says(version) }), "/project")).toBeDefined();
  });

  it("does not pass over one that is broken", async () => {
    const world = withTools({ pulumi: { exitCode: 127, stdout: "", stderr: "libc.so.6: not found\n" } });
    await expect(findPulumiCli(world, "/project")).rejects.toMatchObject({ code: "PULUMI_BROKEN" });
  });
});

describe("chooseEngine", () => {
  const choose = (
    choice: "auto" | "pulumi" | "inline",
    environment: Record<string, string>,
    projectDir = projectFolder(),
  ) => chooseEngine(choice, withTools({}), { projectDir, environment, stack: "dev" });

  it("takes the inline engine where Azure is emulated and no CLI is", async () => {
    expect(await choose("auto", emulated)).toMatchObject({
      name: "inline",
      stack: "dev",
      why: "Azure is emulated, and no Pulumi CLI was found",
    });
  });

  it("stays with the engine that has the stack's state", async () => {
    const folder = projectFolder();
    const file = checkpointFile(folder, "dev");
    mkdirSync(dirname(file));
    writeFileSync(file, "{}");
    const engine = await chooseEngine("auto", withTools({ pulumi: says("v3.260.0") }), {
      projectDir: folder,
      environment: emulated,
      stack: "dev",
    });
    expect(engine.why).toBe(`Azure is emulated, and this stack's state is ${file}`);
  });

  describe("without a stack's name", () => {
    /** Which engine and stack it is, where the inline engine holds dev and the CLI says this of its stack. */
    const chosen = async (showName: ToolResult, environment: Record<string, string>): Promise<string> => {
      const folder = projectFolder();
      mkdirSync(dirname(checkpointFile(folder, "dev")));
      writeFileSync(checkpointFile(folder, "dev"), "{}");
      const world = testWorld({
        env: { HOME: "/home/ann" },
        runTool: (_tool, [word]) => Promise.resolve(word === "version" ? says("v3.260.0") : showName),
      });
      const options = { projectDir: folder, environment };
      const { name, why } = await chooseEngine("auto", world, options, (_cli, reason) =>
        Promise.resolve({ name: "pulumi", why: reason } as StackEngine),
      );
      return `${name}: ${why.replace(folder, "")}`;
    };
    const noneSelected: ToolResult = { exitCode: 255, stdout: "", stderr: "error: no stack selected" };

    it("takes the stack that Pulumi has selected before one that the inline engine holds, and says how to get that", async () => {
      expect(await chosen(says("ann/copilot-token/prod\n"), emulated)).toBe(
        "pulumi: found on PATH, which has stack prod selected; for the inline engine's dev: --stack dev",
      );
    });

    it("takes the one that the inline engine holds where Pulumi has none selected", async () => {
      expect(await chosen(noneSelected, emulated)).toBe(
        "inline: Azure is emulated, and this stack's state is /.copilot-token/dev.checkpoint.json",
      );
    });

    it("leaves it to Pulumi wherever Azure is real", async () => {
      expect(await chosen(noneSelected, {})).toBe("pulumi: found on PATH");
    });
  });

  it.each([
    ["auto", {}, "PULUMI_MISSING"],
    ["pulumi", emulated, "PULUMI_MISSING"],
    ["inline", {}, "EMULATOR_REQUIRED"],
  ] as const)("refuses %s in %j with %s", async (choice, environment, code) => {
    await expect(choose(choice, environment)).rejects.toMatchObject({ code });
  });

  it("knows three names", () => {
    expect([undefined, "auto", "pulumi", "inline"].map(readEngineChoice)).toEqual([
      "auto",
      "auto",
      "pulumi",
      "inline",
    ]);
    expect(() => readEngineChoice("terraform")).toThrow(
      "--engine terraform: it is one of auto, pulumi, inline.",
    );
  });
});

describe("ageOf", () => {
  const now = new Date("2026-11-22T10:00:00Z");
  it.each([
    [-5, "0 seconds"],
    [1, "1 second"],
    [59, "59 seconds"],
    [60, "1 minute"],
    [7199, "1 hour"],
    [86_400, "1 day"],
    [5_184_000, "60 days"],
  ])("calls %i seconds %s", (seconds, age) => {
    expect(ageOf(new Date(now.getTime() - seconds * 1000), now)).toBe(age);
  });
});
