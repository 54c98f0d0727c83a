import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectorClientId } from "../../core/agent/logicAppRequest";
import { addDays } from "../../core/secrets/rotation";
import type { StackOutputs } from "../../core/outputs/stackOutputs";
import { verify } from "../../scripts/verify/verify";
import { verifyStack } from "../../scripts/local/verifyStack";
import { bundleCommands, runBundle } from "../support/commandProcess";
import { outputsOf, testStack, type TestStack } from "../support/testStack";
import { secretApp } from "../support/secretApp";
import { armEnvironment, azureExchange, testWorld } from "../support/testWorld";

const permissions = ["User.Read.All"];
const serviceId = "22222222-2222-4333-8444-555555555555";
const userId = "11111111-2222-4333-8444-555555555555";
const trust = { github: "Contoso/Agents", environment: "prod" };

let stack: TestStack;
let folder: string;
let commandsBundle: string;
beforeAll(async () => {
  commandsBundle = bundleCommands();
  stack = await testStack();
  folder = await mkdtemp(join(tmpdir(), "secretless-"));
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true });
});

const readers = () => [{ id: stack.emulated.tenant.identities.verifier.objectId, type: "ServicePrincipal" }];

/** Verifies as the tenant's verifier, with the outputs as a file and nothing else. */
async function verified(outputs: StackOutputs) {
  const file = join(folder, "outputs.json");
  await writeFile(file, JSON.stringify(outputs));
  const { ok, value, detail } = await verifyStack(
    (commandArguments, env) => runBundle(commandsBundle, ["verify", ...commandArguments], { env }),
    stack.emulated,
    outputs,
    file,
  );
  const tokens = (value?.checks ?? [])
    .filter(({ id }) => id === "token")
    .map(({ app, status, summary }) => [app, status, summary.replace(/;.*$/, "")]);
  return { ok, detail, tokens };
}

describe("apps without a client secret, deployed into the emulated tenant", () => {
  it("are verified by each trusted identity: a managed identity itself, another's token, a workflow", async () => {
    const run = await stack.up({
      vault: { readers: readers() },
      identities: { agent: {}, caller: {} },
      apps: {
        Agent: {
          permissions,
          credential: "managedIdentity",
          identity: "agent",
          logicApp: { callers: [connectorClientId], users: [userId] },
        },
        Called: { permissions, credential: "federated", federated: [{ identity: "caller" }] },
        Workflow: { permissions, credential: "federated", federated: [trust] },
      },
    });
    const outputs = outputsOf(run);
    const { ok, detail, tokens } = await verified(outputs);
    expect([ok, detail]).toEqual([true, expect.stringContaining("checks passed")]);
    expect(tokens).toEqual([
      ["Agent", "pass", "Entra accepts the managed identity itself"],
      [
        "Called",
        "pass",
        `Entra accepts the managed identity ${outputs.identities["caller"]?.clientId ?? ""}`,
      ],
      ["Workflow", "pass", "Entra accepts the token of repo:Contoso/Agents:environment:prod"],
    ]);
    const { logicApp } = outputs.apps["Agent"] ?? {};
    const workflow = stack.emulated.tenant.state.arm.resources[logicApp?.resourceId.toLowerCase() ?? ""];
    expect(workflow?.properties["accessControl"]).toMatchObject({
      triggers: { sasAuthenticationPolicy: { state: "Disabled" } },
    });
    expect(logicApp?.requests.map(({ path }) => path)).toEqual(["/v1.0/users?$top=5&$select=displayName"]);
    const { applications } = stack.emulated.tenant.state.directory;
    const made = Object.values(applications).filter(({ displayName }) =>
      ["Agent", "Called", "Workflow"].includes(displayName),
    );
    const passwords = made.map(({ displayName, passwordCredentials }) => [displayName, passwordCredentials]);
    expect(Object.fromEntries(passwords)).toEqual({ Called: [], Workflow: [] });
    expect(stack.emulated.tenant.state.vaults[outputs.vaultName]?.secrets).toEqual({});
  });

  it("have a Logic App of which every other access or use is reported", async () => {
    const { tenant } = stack.emulated;
    const outputs = outputsOf(
      await stack.up({
        identities: { agent: {} },
        apps: {
          Agent: {
            permissions,
            credential: "managedIdentity",
            identity: "agent",
            logicApp: { callers: [connectorClientId, serviceId], users: [userId] },
          },
        },
      }),
    );
    const check = async () => {
      const world = testWorld({
        env: armEnvironment(tenant, "deployer"),
        exchange: azureExchange(tenant),
        now: () => tenant.clock.now(),
      });
      const { checks } = await verify(world, { loaded: { outputs, from: "test" } });
      const found = checks.find(({ id }) => id === "logic-app");
      return [found?.status, found?.summary];
    };
    expect(await check()).toEqual([
      "pass",
      "open to 1 user and 1 service with Entra tokens only; performs 1 request and nothing else",
    ]);
    const workflow =
      tenant.state.arm.resources[outputs.apps["Agent"]?.logicApp?.resourceId.toLowerCase() ?? ""];
    if (workflow === undefined) throw new Error("there is no Logic App");
    const { properties } = workflow;
    const { accessControl, definition } = structuredClone(properties);
    Object.assign(properties, { accessControl: { triggers: {} } });
    expect(await check()).toEqual([
      "fail",
      "others may call it than the settings say (triggers); others may call it than the settings say (contents)",
    ]);
    Object.assign(properties, {
      accessControl,
      definition: { ...(definition as object), actions: {} },
      state: "Disabled",
    });
    expect(await check()).toEqual([
      "fail",
      "it is Disabled; it does something else than the stack made it for (actions)",
    ]);
  });

  it("are left alone by a second run, and go with their settings", async () => {
    const settings = {
      vault: { readers: readers() },
      identities: { agent: {}, caller: {} },
      apps: { Agent: { permissions, credential: "managedIdentity", identity: "agent" } },
    };
    await stack.up(settings);
    expect((await stack.up(settings)).steps).toEqual([]);
    const { directory, arm } = stack.emulated.tenant.state;
    const run = await stack.up({ apps: { Mail: { permissions } } });
    expect(run.ok).toBe(true);
    const identities = Object.values(arm.resources).filter(({ type }) => type.includes("ManagedIdentity"));
    expect(identities).toEqual([]);
    expect(
      Object.values(directory.servicePrincipals).filter(
        ({ servicePrincipalType }) => servicePrincipalType === "ManagedIdentity",
      ),
    ).toEqual([]);
  });
});

/** Every test goes on from where the one before left the app. */
describe("an app that moves from its secret to federation, and back", () => {
  const bySecret = () => ({ vault: { readers: readers() }, apps: { Mail: { permissions } } });
  const byFederation = () => ({
    vault: { readers: readers() },
    apps: { Mail: { permissions, credential: "federated", federated: [trust] } },
  });
  const at = (instant: Date) => ({ COPILOT_TOKEN_CLOCK: instant.toISOString() });
  const secretInVault = ({ vaultName }: StackOutputs) =>
    stack.emulated.tenant.state.vaults[vaultName]?.secrets["mail"];
  let movedAt: Date;

  it("can sign in both ways at once, so that no consumer is cut off", async () => {
    const before = outputsOf(await stack.up(bySecret()));
    movedAt = addDays(stack.emulated.tenant.clock.now(), 1);
    const run = await stack.up(byFederation(), at(movedAt));
    const after = outputsOf(run);
    expect(run.steps).toEqual([
      expect.stringMatching(/^create Mail-github-Contoso-Agents-environment-prod-/),
    ]);
    expect(run.said).toContain(`stays published until ${addDays(movedAt, 60).toISOString()}`);
    expect(secretInVault(after)?.versions.map(({ value }) => value)).toEqual(
      secretInVault(before)?.versions.map(({ value }) => value),
    );
    expect(secretApp(after.apps["Mail"]).credential).toMatchObject({
      keyId: secretApp(before.apps["Mail"]).credential.keyId,
      retiredSince: movedAt.toISOString(),
    });
    const { ok, tokens } = await verified(after);
    expect([ok, tokens]).toEqual([
      true,
      [["Mail", "pass", "Entra accepts the token of repo:Contoso/Agents:environment:prod"]],
    ]);
  });

  it("changes nothing until its time is over", async () => {
    const run = await stack.up(byFederation(), at(addDays(movedAt, 59)));
    expect(run.steps).toEqual([]);
    expect(secretApp(outputsOf(run).apps["Mail"]).credential.retiredSince).toBe(movedAt.toISOString());
  });

  it("loses the vault's secret then, and keeps its number in mind", async () => {
    const run = await stack.up(byFederation(), at(addDays(movedAt, 60)));
    expect([...run.steps].sort()).toEqual(["delete Mail"]);
    const outputs = outputsOf(run);
    expect(outputs.apps["Mail"]).not.toHaveProperty("credential");
    expect(secretInVault(outputs)).toBeUndefined();
  });

  it("comes back by a new secret, with the next number, verified before it is published", async () => {
    const run = await stack.up(bySecret(), at(addDays(movedAt, 61)));
    const app = secretApp(outputsOf(run).apps["Mail"]);
    expect(app.credential).toMatchObject({ sequence: 2, cause: "first" });
    expect(app.credential).not.toHaveProperty("retiredSince");
    expect(run.steps.at(-1)).toMatch(/^delete Mail-github-Contoso-Agents-environment-prod-/);
    const { ok, tokens } = await verified(outputsOf(run));
    expect([ok, tokens]).toEqual([true, [["Mail", "pass", "Entra accepts the client secret"]]]);
  });
});
