import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadOutputs, type OutputsRequest } from "../../../scripts/shared/stackOutputs";
import type { ToolResult } from "../../../scripts/shared/world";
import type { StackOutputs } from "../../../core/outputs/stackOutputs";
import { deployStack } from "../../support/deployedStack";
import { piped, testWorld } from "../../support/testWorld";

let directory: string;
let outputs: StackOutputs;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "outputs-"));
  ({ outputs } = await deployStack());
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Outputs whose publisher prefix tells where they came from. */
function from(source: string): string {
  return JSON.stringify({ ...outputs, powerPlatform: { agents: [], publisherPrefix: source } });
}

function writeInlineFile(): void {
  mkdirSync(join(directory, ".copilot-token"));
  writeFileSync(join(directory, ".copilot-token", "outputs.json"), from("inline"));
}

async function load(request: OutputsRequest, stdin: string | undefined, pulumi?: ToolResult) {
  const calls: string[] = [];
  const world = testWorld({
    directory,
    ...(stdin === undefined ? {} : { stdin: piped(stdin) }),
    runTool: (tool, toolArguments) => {
      calls.push([tool, ...toolArguments].join(" "));
      return Promise.resolve(pulumi ?? { exitCode: undefined, stdout: "", stderr: "" });
    },
  });
  const loaded = await loadOutputs(world, request);
  return { source: loaded.outputs.powerPlatform.publisherPrefix, from: loaded.from, calls };
}

const failed = (stderr: string): ToolResult => ({ exitCode: 255, stdout: "", stderr });

describe("loadOutputs", () => {
  it("takes --outputs first", async () => {
    writeFileSync(join(directory, "mine.json"), from("file"));
    expect(await load({ file: "mine.json" }, from("pipe"))).toEqual({
      source: "file",
      from: "mine.json",
      calls: [],
    });
  });

  it.runIf(existsSync("/dev/zero"))("reads no file that is longer than any outputs", async () => {
    await expect(load({ file: "/dev/zero" }, undefined)).rejects.toThrow(
      "The outputs from /dev/zero are longer than 16 MiB",
    );
  });

  it("takes a pipe before it asks Pulumi", async () => {
    expect(await load({}, from("pipe"))).toEqual({ source: "pipe", from: "standard input", calls: [] });
  });

  it("asks Pulumi when the pipe is empty", async () => {
    const pulumi = { exitCode: 0, stdout: from("pulumi"), stderr: "" };
    expect(await load({ pendingCreations: true }, "", pulumi)).toEqual({
      source: "pulumi",
      from: "pulumi stack output",
      calls: ["pulumi stack output --json", "pulumi stack export"],
    });
  });

  it("starts Pulumi once where interrupted operations do not matter", async () => {
    const pulumi = { exitCode: 0, stdout: from("pulumi"), stderr: "" };
    expect((await load({}, "", pulumi)).calls).toEqual(["pulumi stack output --json"]);
  });

  it("asks Pulumi for the stack that --stack names, whatever is piped in", async () => {
    const pulumi = { exitCode: 0, stdout: from("pulumi"), stderr: "" };
    expect(await load({ stack: "prod", pendingCreations: true }, from("pipe"), pulumi)).toEqual({
      source: "pulumi",
      from: "pulumi stack output --stack prod",
      calls: ["pulumi stack output --json --stack prod", "pulumi stack export --stack prod"],
    });
  });

  it.each<[string, ToolResult | undefined]>([
    ["is not installed", undefined],
    ["has no stack", failed("error: no stack selected")],
    ["has a stack without outputs", { exitCode: 0, stdout: "{}\n", stderr: "" }],
  ])("takes what the inline engine wrote when Pulumi %s", async (_name, pulumi) => {
    writeInlineFile();
    expect(await load({}, undefined, pulumi)).toMatchObject({
      source: "inline",
      from: ".copilot-token/outputs.json",
    });
  });

  it("never takes the inline engine's file for a stack asked for by name", async () => {
    writeInlineFile();
    await expect(
      load({ stack: "prod" }, undefined, failed("error: no stack named 'prod' found")),
    ).rejects.toMatchObject({
      name: "UsageError",
      code: "STACK_MISSING",
      message: expect.stringMatching(/^There is no stack prod in Pulumi's state backend/) as string,
    });
  });

  it.each<[string, OutputsRequest, string | undefined, string, RegExp]>([
    [
      "a file that is not there",
      { file: "none.json" },
      undefined,
      "OUTPUTS_MISSING",
      /--outputs none\.json: the file does not exist/,
    ],
    [
      "a folder, without a command that writes there",
      { file: "." },
      undefined,
      "OUTPUTS_MISSING",
      /^The outputs from \S+ cannot be read \(EISDIR.*\)\. Name a file that you may read, with the stack's outputs as JSON\.$/,
    ],
    ["an empty pipe that was asked for", { file: "-" }, " \n", "OUTPUTS_MISSING", /standard input was empty/],
    [
      "a file that is no JSON",
      { file: "no.json" },
      undefined,
      "OUTPUTS_INVALID",
      /from no\.json are not JSON/,
    ],
    ["text that is not JSON", {}, "hello", "OUTPUTS_INVALID", /standard input are not JSON \(5 characters\)/],
  ])("reports %s as a usage error", async (_name, request, stdin, code, words) => {
    writeFileSync(join(directory, "no.json"), "tenantId: x");
    await expect(load(request, stdin)).rejects.toMatchObject({
      name: "UsageError",
      code,
      message: expect.stringMatching(words) as string,
    });
  });

  it("finds a fault of the stack, and none of the caller's, where Pulumi's own answer is no JSON", async () => {
    await expect(load({}, undefined, { exitCode: 0, stdout: "hello", stderr: "" })).rejects.toMatchObject({
      name: "OperatorError",
      code: "OUTPUTS_INVALID",
    });
  });

  it("names every field that is missing", async () => {
    await expect(load({}, '{"tenantId":"x","apps":{}}')).rejects.toThrow(
      /standard input: These are not the outputs[\s\S]*tenantId: [\s\S]*vaultName: [\s\S]*vaultUri: /,
    );
  });
});
