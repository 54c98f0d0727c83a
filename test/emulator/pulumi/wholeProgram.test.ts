import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StackState } from "../../../emulator/pulumi/stackState";
import { startEmulatedAzure, type EmulatedAzureServer } from "../../support/emulatedAzureServer";
import { runProgram, testStack, type TestRun } from "../../support/inlineEngine";

let azure: EmulatedAzureServer;
let state: StackState;
beforeAll(async () => {
  azure = await startEmulatedAzure();
  state = testStack();
});
afterAll(() => azure.close());

function up(environment: Record<string, string> = {}, destroy = false): Promise<TestRun> {
  return runProgram("", state, {
    program: "infra/index.ts",
    environment: { ...azure.environment, ...environment },
    config: {
      "azure-native:location": "westeurope",
      "copilot-token:apps": JSON.stringify({ CopilotAPIAuth: { permissions: ["User.Read.All"] } }),
      "copilot-token:rotation": JSON.stringify({ verification: { tokens: 2, overSeconds: 0 } }),
      "copilot-token:protect": "false",
    },
    destroy,
  });
}

/** Every secret value that the tenant's vaults hold. */
const secretValues = (): string[] =>
  Object.values(azure.tenant.state.vaults).flatMap(({ secrets }) =>
    Object.values(secrets).flatMap(({ versions }) => versions.map(({ value }) => value)),
  );

/** The app's client secrets in Entra. */
const passwords = (): readonly object[] =>
  Object.values(azure.tenant.state.directory.applications).find(
    ({ displayName }) => displayName === "CopilotAPIAuth",
  )?.passwordCredentials ?? [];

// One stack's life, step by step: each test goes on where the one before it stopped.
describe("the project's own program under the inline engine", () => {
  it("deploys, and shows its secret nowhere", async () => {
    const run = await up();
    expect(run).toMatchObject({ ok: true, failures: [], printed: "" });

    const [value] = secretValues();
    expect(value).toBeDefined();
    expect(JSON.stringify([run, state.checkpoint()])).not.toContain(value);
  });

  it("changes nothing the second time", async () => {
    azure.requests();
    const { changes } = await up();

    expect(changes).toMatchObject({ create: 0, update: 0, delete: 0, forget: 0 });
    expect(azure.requests().filter((request) => !/^GET |\/oauth2\//.test(request))).toEqual([]);
  });

  it("adds a secret when asked, publishes it, and removes none", async () => {
    const { ok, changes, outputs } = await up({ COPILOT_TOKEN_ROTATE: "CopilotAPIAuth" });

    expect(ok).toBe(true);
    expect(changes).toMatchObject({ create: 0, update: 1, delete: 0, forget: 0 });
    expect(outputs["apps"]).toMatchObject({ CopilotAPIAuth: { credential: { sequence: 2 } } });
    expect(secretValues()).toHaveLength(2);
    expect(passwords()).toHaveLength(2);
  });

  it("removes the new secret again when publishing it failed, and adds another the next time", async () => {
    azure.tenant.faults = {
      disturbances: [
        { service: "arm", method: "PUT", path: "/secrets/", action: { kind: "status", status: 400 } },
      ],
    };
    const failed = await up({ COPILOT_TOKEN_ROTATE: "CopilotAPIAuth" });
    azure.tenant.faults = {};
    expect(failed.failures.map(({ name, type }) => [name, type])).toEqual([
      ["CopilotAPIAuth", "pulumi-nodejs:dynamic/copilot-token:ClientSecret"],
    ]);
    expect(secretValues()).toHaveLength(2);
    expect(passwords()).toHaveLength(2);

    const repaired = await up({ COPILOT_TOKEN_ROTATE: "CopilotAPIAuth" });
    expect(repaired).toMatchObject({ ok: true, changes: { create: 0, update: 1, forget: 0 } });
    expect(repaired.outputs["apps"]).toMatchObject({ CopilotAPIAuth: { credential: { sequence: 3 } } });
  });

  it("goes without a trace but what Azure keeps for recovery", async () => {
    expect(await up({}, true)).toMatchObject({ ok: true, failures: [] });

    const { directory, arm } = azure.tenant.state;
    expect(Object.values(directory.applications).map(({ displayName }) => displayName)).not.toContain(
      "CopilotAPIAuth",
    );
    expect(arm.resources).toEqual({});
    expect(Object.keys(arm.deletedVaults)).toHaveLength(1);
  });
});
