import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StackState } from "../../emulator/pulumi/stackState";
import { connectorToken, emulatedPlatform } from "../../scripts/copilot/trial/emulatedPlatform";
import { deployerRequests, grantPermissions } from "../../scripts/copilot/trial/trialTenant";
import { startEmulatedAzure, type EmulatedAzureServer } from "../support/emulatedAzureServer";
import { runProgram, testStack, type TestRun } from "../support/inlineEngine";

const user = "3f1f0a52-6f5d-4b0e-9a1d-27c6b1e0d9a4";

let azure: EmulatedAzureServer;
let state: StackState;
beforeAll(async () => {
  azure = await startEmulatedAzure();
  state = testStack();
});
afterAll(() => azure.close());

function up(destroy = false): Promise<TestRun> {
  const { tenant, environment } = azure;
  return runProgram("logicApp", state, {
    environment,
    config: {
      "test:tenantId": tenant.state.tenantId,
      "test:owner": tenant.identities.deployer.objectId,
      "test:user": user,
    },
    destroy,
  });
}

// One stack's life, step by step: each test goes on where the one before it stopped.
describe("a deployed Logic App", () => {
  let outputs: Record<string, string>;

  it("is made with signatures off, and its audience with the connector preauthorised", async () => {
    const run = await up();
    expect(run).toMatchObject({ ok: true, failures: [], printed: "" });
    outputs = run.outputs as Record<string, string>;
    const { arm } = azure.tenant.state;
    const workflow = arm.resources[String(outputs["resourceId"]).toLowerCase()];
    expect(workflow?.properties["accessControl"]).toMatchObject({
      triggers: { sasAuthenticationPolicy: { state: "Disabled" } },
    });
  });

  it("changes nothing the second time", async () => {
    expect((await up()).changes).toMatchObject({ create: 0, update: 0, delete: 0 });
  });

  it("answers only its user's connection, as its identity", async () => {
    const { tenant } = azure;
    const permissions = ["User.Read.All"];
    await grantPermissions(deployerRequests(tenant), tenant, String(outputs["principalId"]), permissions);
    const platform = emulatedPlatform(tenant);
    const ask = async (userObjectId: string): Promise<[number, unknown]> => {
      const connection = { userObjectId, resourceUri: String(outputs["audience"]), baseUrl: "" };
      const response = await platform.send(
        new Request(`${String(outputs["endpoint"])}&request=default`, {
          headers: { Authorization: `Bearer ${await connectorToken(tenant, connection)}` },
        }),
      );
      return [response.status, await response.json()];
    };
    expect(await ask(user)).toEqual([
      200,
      { answer: "Adele Vance, Alex Wilber, Megan Bowen", count: "3", problem: "", code: "" },
    ]);
    expect(await ask(randomUUID())).toMatchObject([403, { error: { code: "MisMatchingOAuthClaims" } }]);
  });

  it("goes without a trace", async () => {
    expect(await up(true)).toMatchObject({ ok: true, failures: [] });
    const { directory, arm } = azure.tenant.state;
    const names = Object.values(directory.applications).map(({ displayName }) => displayName);
    expect([arm.resources, names.includes("Agent (Logic App)")]).toEqual([{}, false]);
  });
});
