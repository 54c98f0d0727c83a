import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectorClientId } from "../../../core/agent/logicAppRequest";
import { releasedTag } from "../../../core/ownershipMark";
import type { StackOutputs } from "../../../core/outputs/stackOutputs";
import type { Leftover } from "../../../scripts/destroy/leftovers";
import {
  destroyedStack,
  wholeAdoption,
  wholeDestruction,
  type DestroyedStack,
} from "../../support/destroyedStack";
import { stackContents } from "../../support/stackContents";

const permissions = ["User.Read.All"];
const agent = {
  permissions,
  credential: "managedIdentity",
  identity: "agent",
  logicApp: { callers: [connectorClientId], users: ["11111111-2222-4333-8444-555555555555"] },
};
/** One app with a client secret, and one that a Logic App asks for, with an app registration for the callers of that. */
const bothApps = { identities: { agent: {} }, apps: { Mail: { permissions }, Agent: agent } };
/** What a run makes or deletes for the app with the Logic App. */
const ofAgent = (operation: string): string[] =>
  ["Agent", "Agent-User.Read.All", ...Array<string>(4).fill("Agent-logic-app"), "agent"].map(
    (name) => `${operation} ${name}`,
  );
const states = (leftovers: readonly Leftover[]): string[] =>
  leftovers.map(({ kind, state }) => `${kind} ${state}`).sort();

/** Every test goes on from the stack that the one before left. */
describe("the life and end of a stack", () => {
  let stack: DestroyedStack;
  let outputs: StackOutputs;
  let vaultId: string;
  const state = () => stack.tenant.state;
  const up = async (settings?: Readonly<Record<string, unknown>>) => {
    const run = await stack.up(settings);
    if (!run.ok) throw new Error(JSON.stringify(run.failures));
    outputs = await stack.outputs();
    return run.steps.map(({ operation, name }) => `${operation} ${name}`).sort();
  };
  const contents = () => stackContents(state(), outputs, "Mail");

  beforeAll(async () => {
    stack = await destroyedStack();
    await up({ ...bothApps, protect: true });
    vaultId = contents().app.secretResourceId.replace(/\/secrets\/.*/, "");
  });
  afterAll(() => {
    stack.close();
  });

  it("is refused while it is protected, before anything goes", async () => {
    const before = structuredClone(state());
    await expect(stack.destroy("destroy")).rejects.toMatchObject({
      code: "STACK_PROTECTED",
      message: expect.stringMatching(
        /Without the protection, a destruction:\n(?: {2}deletes .*\n)* {2}deletes Vault vault \(protected\)\n(?: {2}deletes .*\n)*.*\n {2}pulumi config set --path 'copilot-token:protect' false --stack test\n {2}pulumi up --stack test\n {2}npm run destroy -- --stack test$/,
      ) as string,
    });
    expect(state()).toEqual(before);
    expect(existsSync(join(stack.folder, ".copilot-token", "destroyed-test.json"))).toBe(false);
  });

  it("tells what would go, and changes nothing", async () => {
    await up(bothApps);
    const before = structuredClone(state());
    const { exitCode, report } = await stack.destroy("destroy", { flags: { "dry-run": true } });
    expect([exitCode, state()]).toEqual([0, before]);
    expect(report.steps.map(({ operation, name }) => `${operation} ${name}`).sort()).toEqual(
      [...wholeDestruction, ...ofAgent("delete")].sort(),
    );
    expect(states(report.leftovers)).toEqual([
      "application live",
      "application live",
      "servicePrincipal live",
      "servicePrincipal live",
      "vault live",
      "workspace live",
    ]);
  });

  it("goes, and what Azure keeps is told from Azure", async () => {
    const { exitCode, report } = await stack.destroy("destroy");
    expect([exitCode, report.failures, report.steps.length]).toEqual([0, [], 17]);
    expect(states(report.leftovers)).toEqual([
      "application deleted",
      "application deleted",
      "servicePrincipal deleted",
      "servicePrincipal deleted",
      "vault deleted",
      "workspace deleted",
    ]);
    const [vault] = report.leftovers;
    const application = report.leftovers.find(({ kind, name }) => kind === "application" && name === "Mail");
    const purgeAt = state().arm.deletedVaults[outputs.vaultName]?.scheduledPurgeDate ?? "";
    // Azure answers whole seconds.
    const until = purgeAt.replace(/\.\d+Z$/, "Z");
    expect(vault).toMatchObject({ id: vaultId, until, isPurgeProtected: true });
    const { app } = contents();
    const deletedAt = state().directory.deletedItems[app.applicationObjectId]?.deletedDateTime ?? "";
    expect(Date.parse(application?.until ?? "") - Date.parse(deletedAt)).toBe(30 * 86_400_000);
    expect(await stack.engine.resources()).toEqual([]);
    expect(await stack.engine.outputs()).toBeUndefined();
  });

  it("says of what the Logic App's callers asked for that it does not come back", async () => {
    const { world } = await stack.destroy("destroy", { flags: { json: false } });
    expect(world.printed.join("\n")).toMatch(
      /application {7}Agent-logic-app \(.*\): deleted, and kept until .*; it is not restored: pulumi up makes another/,
    );
  });

  it("is done again without a change, and shows the same", async () => {
    const before = structuredClone(state());
    const { exitCode, report } = await stack.destroy("destroy");
    expect([exitCode, report.steps, state()]).toEqual([0, [], before]);
    expect(states(report.leftovers)).toContain("vault deleted");
  });

  it("comes back: vault, application and service principal, with the commands that take them in", async () => {
    const { app } = contents();
    const { exitCode, report } = await stack.destroy("restore");
    expect(exitCode, JSON.stringify(report.outcomes)).toBe(0);
    expect(report.outcomes.map(({ kind, refusal }) => [kind, refusal])).toEqual([
      ["vault", null],
      ["application", null],
      ["servicePrincipal", null],
    ]);
    expect(report.wayIn).toEqual([
      `pulumi config set --path 'copilot-token:vault.adopt' ${vaultId} --stack test`,
      `pulumi config set --path 'copilot-token:apps.Mail.adopt' ${app.applicationObjectId} --stack test`,
      "pulumi up --stack test",
    ]);
    expect(states(report.leftovers).filter((line) => !/vault|workspace/.test(line))).toEqual([
      "application deleted",
      "application live",
      "servicePrincipal deleted",
      "servicePrincipal live",
    ]);
    expect(state().directory.applications[app.applicationObjectId]?.appId).toBe(app.clientId);
    expect(state().directory.servicePrincipals[app.servicePrincipalObjectId]?.appId).toBe(app.clientId);
    expect(state().arm.resources[vaultId.toLowerCase()]?.name).toBe(outputs.vaultName);
    const again = await stack.destroy("restore");
    expect([again.exitCode, again.report.outcomes]).toEqual([0, []]);
  });

  it("takes in by the next run what came back, with the same client ID, vault and vault secret", async () => {
    const { app, keyIds } = contents();
    const [oldKey] = keyIds();
    const { vaultName } = outputs;
    const settings = {
      ...bothApps,
      apps: { Mail: { permissions, adopt: app.applicationObjectId }, Agent: agent },
      vault: { adopt: vaultId },
    };
    const steps = await up(settings);
    expect(steps).toEqual([...wholeAdoption, ...ofAgent("create")].sort());
    expect([outputs.vaultName, contents().app.clientId]).toEqual([vaultName, app.clientId]);
    expect(contents().app.secretResourceId).toBe(app.secretResourceId);
    expect(contents().grants()).toEqual(["User.Read.All"]);
    expect(contents().keyIds()).toEqual([oldKey, contents().app.credential.keyId]);
    expect(contents().publishedKeyId()).toBe(contents().app.credential.keyId);
    // As after every adoption: the second run brings the properties in line, and the third rests.
    expect(await up()).toEqual(["update Mail", "update Mail", "update vault"]);
    expect(await up()).toEqual([]);
  });

  it("keeps the vault that it took in: without the setting another would take its place", async () => {
    const before = structuredClone(state());
    const run = await stack.up(bothApps);
    expect([run.ok, run.steps]).toEqual([false, []]);
    expect(run.failures.map(({ message }) => message)).toEqual([
      expect.stringContaining(`pulumi config set --path 'copilot-token:vault.adopt' ${vaultId}`),
    ]);
    expect(state()).toEqual(before);
  });

  it("goes for good with --purge: the apps at once, the vault when its time is over", async () => {
    const { app } = contents();
    const earlier = Object.keys(state().directory.deletedItems);
    const { exitCode, report } = await stack.destroy("purge");
    expect(exitCode, JSON.stringify(report)).toBe(0);
    expect(report.outcomes.map(({ kind, name, refusal }) => [kind, name, refusal]).sort()).toEqual([
      ["application", "Agent-logic-app", null],
      ["application", "Mail", null],
      ["servicePrincipal", "Agent-logic-app", null],
      ["servicePrincipal", "Mail", null],
    ]);
    expect(report.outcomes.filter(({ name }) => name === "Mail").map(({ id }) => id)).toEqual([
      app.servicePrincipalObjectId,
      app.applicationObjectId,
    ]);
    expect(states(report.leftovers)).toEqual([
      "application gone",
      "application gone",
      "servicePrincipal gone",
      "servicePrincipal gone",
      "vault deleted",
      "workspace deleted",
    ]);
    // What an earlier destruction took, and restoring left, is not this one's.
    expect(Object.keys(state().directory.deletedItems)).toEqual(earlier);
    expect(earlier).toHaveLength(2);
    const again = await stack.destroy("purge");
    expect([again.exitCode, again.report.outcomes]).toEqual([0, []]);
  });

  it("names a vault that is deleted before anything is made, with the way to have it back", async () => {
    const before = structuredClone(state());
    for (const vault of [{ name: outputs.vaultName }, { adopt: vaultId }]) {
      const run = await stack.up({ ...bothApps, vault });
      expect([run.ok, run.steps]).toEqual([false, []]);
      expect(run.failures[0]?.message).toContain(
        "If this stack was destroyed, bring back all of it: npm run destroy -- --stack test --restore",
      );
    }
    expect(state()).toEqual(before);
  });

  it("stands again by a plain run, beside what Azure keeps", async () => {
    await up(bothApps);
    expect(contents().publishedKeyId()).toBe(contents().app.credential.keyId);
    await expect(stack.destroy("restore")).rejects.toMatchObject({ code: "STACK_STANDS" });
  });

  it("goes on where a killed destruction stopped, and knows all that it took away", async () => {
    const { app } = contents();
    const ids = [app.applicationObjectId, app.servicePrincipalObjectId];
    stack.killAt("done delete Application Mail");
    expect((await stack.destroy("destroy")).exitCode).toBe(1);
    expect(state().directory.deletedItems).toHaveProperty(app.applicationObjectId);
    expect((await stack.engine.resources()).length).toBeGreaterThan(0);
    const { exitCode, report } = await stack.destroy("purge");
    expect(exitCode, JSON.stringify(report)).toBe(0);
    expect(report.outcomes.flatMap(({ name, id }) => (name === "Mail" ? [id] : [])).sort()).toEqual(
      [...ids].sort(),
    );
    expect(report.outcomes).toHaveLength(4);
  });

  it("keeps what earlier destructions took away, and restores it when one is chosen", async () => {
    await up(bothApps);
    const first = contents().app;
    await stack.destroy("destroy");
    // Each destruction is known by its start.
    stack.tenant.clock.advance(1000);
    await up(bothApps);
    const second = contents().app;
    const { report } = await stack.destroy("destroy");
    const [startedAt = ""] = report.earlierDestructions;
    const { world } = await stack.destroy("destroy", { flags: { json: false } });
    expect(world.printed.join("\n")).toContain(`npm run destroy -- --stack test --restore --of ${startedAt}`);

    await expect(stack.destroy("restore", { flags: { of: "2020-01-01T00:00:00Z" } })).rejects.toThrow(
      startedAt,
    );
    const restored = await stack.destroy("restore", { flags: { of: startedAt } });
    expect(restored.exitCode, JSON.stringify(restored.report)).toBe(0);
    expect(Object.keys(state().directory.applications)).toContain(first.applicationObjectId);
    expect(Object.keys(state().directory.deletedItems)).toContain(second.applicationObjectId);
    expect(state().directory.applications[first.applicationObjectId]?.["tags"]).toEqual([releasedTag]);
  });
});
