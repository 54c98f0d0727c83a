import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StackOutputs } from "../../../infra/core/stackOutputs";
import type { Leftover } from "../../../scripts/lib/destroy/leftovers";
import {
  destroyedStack,
  wholeAdoption,
  wholeDestruction,
  type DestroyedStack,
} from "../../support/destroyedStack";
import { stackContents } from "../../support/stackContents";

const oneApp = { apps: { Mail: { permissions: ["User.Read.All"] } } };
const states = (leftovers: readonly Leftover[]): string[] =>
  leftovers.map(({ kind, state }) => `${kind} ${state}`);

/** Every test goes on from the stack that the one before left. */
describe("the life and end of a stack", { timeout: 180_000 }, () => {
  let stack: DestroyedStack;
  let outputs: StackOutputs;
  let vaultId: string;
  const state = () => stack.rehearsal.tenant.state;
  const up = async (settings?: Readonly<Record<string, unknown>>) => {
    const run = await stack.up(settings);
    if (!run.ok) throw new Error(JSON.stringify(run.failures));
    outputs = await stack.outputs();
    return run.steps.map(({ operation, name }) => `${operation} ${name}`).sort();
  };
  const contents = () => stackContents(state(), outputs, "Mail");

  beforeAll(async () => {
    stack = await destroyedStack();
    await up({ ...oneApp, protect: true });
    vaultId = contents().app.secretResourceId.replace(/\/secrets\/.*/, "");
  }, 120_000);
  afterAll(() => stack.close());

  it("is refused while it is protected, before anything goes", async () => {
    const before = structuredClone(state());
    await expect(stack.destroy("destroy")).rejects.toMatchObject({
      code: "STACK_PROTECTED",
      message: expect.stringMatching(
        /guards .*Vault vault.*\n.*\n {2}pulumi config set copilot-token:protect false --stack test\n {2}pulumi up --stack test\n {2}npm run destroy -- --stack test$/,
      ) as string,
    });
    expect(state()).toEqual(before);
    expect(existsSync(join(stack.folder, ".copilot-token", "destroyed-test.json"))).toBe(false);
  });

  it("tells what would go, and changes nothing", async () => {
    await up(oneApp);
    const before = structuredClone(state());
    const { exitCode, report } = await stack.destroy("destroy", { flags: { "dry-run": true } });
    expect([exitCode, state()]).toEqual([0, before]);
    expect(report.steps.map(({ operation, name }) => `${operation} ${name}`).sort()).toEqual(
      wholeDestruction,
    );
    expect(states(report.leftovers)).toEqual([
      "vault live",
      "application live",
      "servicePrincipal live",
      "workspace live",
    ]);
  });

  it("goes, and what Azure keeps is told from Azure", async () => {
    const { exitCode, report } = await stack.destroy("destroy");
    expect([exitCode, report.failures, report.steps.length]).toEqual([0, [], 11]);
    expect(states(report.leftovers)).toEqual([
      "vault deleted",
      "application deleted",
      "servicePrincipal deleted",
      "workspace deleted",
    ]);
    const [vault, application] = report.leftovers;
    const purgeAt = state().arm.deletedVaults[outputs.vaultName]?.scheduledPurgeDate;
    expect(vault).toMatchObject({ id: vaultId, until: purgeAt, isPurgeProtected: true });
    const { app } = contents();
    const deletedAt = state().directory.deletedItems[app.applicationObjectId]?.deletedDateTime ?? "";
    expect(Date.parse(application?.until ?? "") - Date.parse(deletedAt)).toBe(30 * 86_400_000);
    expect(await stack.engine.resources()).toEqual([]);
    expect(await stack.engine.outputs()).toBeUndefined();
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
      apps: { Mail: { permissions: ["User.Read.All"], adopt: app.applicationObjectId } },
      vault: { adopt: vaultId },
    };
    const steps = await up(settings);
    expect(steps).toEqual(wholeAdoption);
    expect([outputs.vaultName, contents().app.clientId]).toEqual([vaultName, app.clientId]);
    expect(contents().app.secretResourceId).toBe(app.secretResourceId);
    expect(contents().grants()).toEqual(["User.Read.All"]);
    expect(contents().keyIds()).toEqual([oldKey, contents().app.credential.keyId]);
    expect(contents().publishedKeyId()).toBe(contents().app.credential.keyId);
    // As after every adoption: the second run brings the properties in line, and the third rests.
    expect(await up()).toEqual(["update Mail", "update vault"]);
    expect(await up()).toEqual([]);
  });

  it("goes for good with --purge: the apps at once, the vault when its time is over", async () => {
    const { app } = contents();
    const { exitCode, report } = await stack.destroy("purge");
    expect(exitCode, JSON.stringify(report)).toBe(0);
    expect(report.outcomes.map(({ kind, id, refusal }) => [kind, id, refusal])).toEqual([
      ["servicePrincipal", app.servicePrincipalObjectId, null],
      ["application", app.applicationObjectId, null],
    ]);
    expect(states(report.leftovers)).toEqual([
      "vault deleted",
      "application gone",
      "servicePrincipal gone",
      "workspace deleted",
    ]);
    expect(state().directory.deletedItems).toEqual({});
    const again = await stack.destroy("purge");
    expect([again.exitCode, again.report.outcomes]).toEqual([0, []]);
  });

  it("names a vault that is deleted before anything is made, with the way to have it back", async () => {
    const before = structuredClone(state());
    for (const vault of [{ name: outputs.vaultName }, { adopt: vaultId }]) {
      const run = await stack.up({ ...oneApp, vault });
      expect([run.ok, run.steps]).toEqual([false, []]);
      expect(run.failures[0]?.message).toContain(
        "npm run destroy -- --stack test --restore where this stack was destroyed",
      );
    }
    expect(state()).toEqual(before);
  });

  it("stands again by a plain run, beside what Azure keeps", async () => {
    await up(oneApp);
    expect(contents().publishedKeyId()).toBe(contents().app.credential.keyId);
    await expect(stack.destroy("restore")).rejects.toMatchObject({ code: "STACK_STANDS" });
  });

  it("goes on where a killed destruction stopped, and knows all that it took away", async () => {
    const { app } = contents();
    const ids = [app.applicationObjectId, app.servicePrincipalObjectId];
    // The engine's process would else be done before the kill reaches it.
    const action = { kind: "slow", milliseconds: 2000 } as const;
    stack.rehearsal.tenant.faults = { disturbances: [{ service: "arm", method: "DELETE", action }] };
    stack.killAt("done delete Application Mail");
    expect((await stack.destroy("destroy")).exitCode).toBe(1);
    stack.rehearsal.tenant.faults = {};
    expect(state().directory.deletedItems).toHaveProperty(app.applicationObjectId);
    expect((await stack.engine.resources()).length).toBeGreaterThan(0);
    const { exitCode, report } = await stack.destroy("purge");
    expect(exitCode, JSON.stringify(report)).toBe(0);
    expect(report.outcomes.map(({ id }) => id).sort()).toEqual([...ids].sort());
  });
});
