import { readFileSync, statSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import program from "../../infra/index";
import { azureFunctions, createInAzure } from "../support/azureMocks";
import { recordResources } from "../support/recordResources";

beforeEach(() => {
  vi.stubEnv("COPILOT_TOKEN_CLOCK", "");
  vi.stubEnv("COPILOT_TOKEN_ROTATE", "");
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function run(config: Record<string, string>) {
  const recording = await recordResources({ create: createInAzure, functions: azureFunctions });
  pulumi.runtime.setAllConfig(config);
  const outcome = await program().catch((error: unknown) => error);
  await recording.settled();
  return { ...recording, outcome };
}

describe("the program", () => {
  it("is named by its file: for a folder, Pulumi runs what package.json exports", () => {
    const { main } = parse(readFileSync("Pulumi.yaml", "utf8")) as { main: string };
    expect(statSync(main).isFile()).toBe(true);
  });

  it("ends with only the message when its user can fix it", async () => {
    const { outcome, resources } = await run({ "copilot-token:protect": "yes" });
    expect(pulumi.RunError.isInstance(outcome)).toBe(true);
    expect((outcome as Error).message).toContain("2 settings cannot work. Nothing was changed.");
    expect((outcome as Error).message).toContain("pulumi config set azure-native:location westeurope");
    expect(resources).toEqual([]);
  });

  it("keeps the stack of a fault of its own", async () => {
    vi.spyOn(pulumi.runtime, "allConfig").mockImplementation(() => {
      throw new TypeError("a bug");
    });
    const { outcome } = await run({});
    expect(outcome).toBeInstanceOf(TypeError);
    expect((outcome as Error).stack).toContain("index.test.ts");
  });

  it("reads from the environment what is asked for in this run", async () => {
    vi.stubEnv("COPILOT_TOKEN_ROTATE", "Mial");
    const { outcome, resources } = await run({ "azure-native:location": "westeurope" });
    expect((outcome as Error).message).toContain('COPILOT_TOKEN_ROTATE names "Mial"');
    expect(resources).toEqual([]);
  });

  it("refuses a clock that is none", async () => {
    vi.stubEnv("COPILOT_TOKEN_CLOCK", "tomorrow");
    const { outcome } = await run({ "azure-native:location": "westeurope" });
    expect((outcome as Error).message).toContain('COPILOT_TOKEN_CLOCK is "tomorrow"');
  });
});
