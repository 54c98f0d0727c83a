import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { killableStack, type KillableStack } from "../support/killPoints";
import { stackContents } from "../support/stackContents";

const minutes = (count: number): number => count * 60_000;

describe("adopting a vault after a first run that failed", () => {
  let stack: KillableStack;
  let vault: { name?: string; adopt?: string };
  beforeEach(async () => {
    vault = {};
    stack = await killableStack(() => ({
      vault,
      apps: { Mail: { permissions: ["User.Read.All"], displayName: "Mail (test)" } },
    }));
  });
  afterEach(() => stack.close());

  const failAt = async (service: "arm" | "graph", method: string, path: string): Promise<void> => {
    const action = { kind: "status", status: 403 } as const;
    stack.tenant.faults = { disturbances: [{ service, method, path, action }] };
    expect((await stack.up()).ok).toBe(false);
    stack.tenant.faults = {};
  };
  /**
   * As another stack leaves one behind that was destroyed, its vault recovered.
   *
   * @param isThere Instead, the other stack is still there with its app.
   */
  const makeVault = async (isThere = false): Promise<string> => {
    const displayName = "Mail (donor)";
    const donor = await killableStack(() => ({
      apps: { Mail: { permissions: ["User.Read.All"], displayName } },
    }));
    const { outputs } = await donor.up();
    const { resources } = donor.tenant.state.arm;
    const { vaults: contents, directory } = donor.tenant.state;
    await donor.close();
    Object.assign(stack.tenant.state.arm.resources, resources);
    Object.assign(stack.tenant.state.vaults, contents);
    for (const application of Object.values(directory.applications)) {
      if (!isThere || application.displayName !== displayName) continue;
      stack.tenant.state.directory.applications[application.id] = application;
    }
    return readStackOutputs(outputs).vaultResourceId;
  };

  it.each([
    ["made by this release", false],
    ["made under a random name by a release before", true],
  ])(
    "keeps the resource group that it has, %s, and adopts the vault in its own",
    async (_whose, isRandom) => {
      await failAt("arm", "PUT", "/vaults/");
      const group = stack.checkpoint().resources.find(({ type }) => type.endsWith(":ResourceGroup"));
      if (isRandom) Object.assign(group?.inputs ?? {}, { __createBeforeDelete: true });
      vault = { adopt: await makeVault() };
      const run = await stack.up();
      expect(run.ok, run.said).toBe(true);
      expect(run.steps).toContain("import vault");
      const { vaultResourceId } = readStackOutputs(run.outputs);
      expect(vaultResourceId).toBe(vault.adopt);
      const kept = stack.checkpoint().resources.find(({ type }) => type.endsWith(":ResourceGroup"));
      expect(kept?.id).toBe(group?.id);
      const { publishedKeyId, app } = stackContents(
        stack.tenant.state,
        readStackOutputs(run.outputs),
        "Mail",
      );
      expect(publishedKeyId()).toBe(app.credential.keyId);
      const aligned = await stack.up();
      expect(aligned.ok, aligned.said).toBe(true);
      expect((await stack.up()).steps).toEqual([]);
    },
    minutes(1),
  );

  it(
    "refuses a vault in which another stack publishes its client secrets, before anything is made",
    async () => {
      vault = { adopt: await makeVault(true) };
      const before = JSON.stringify(stack.tenant.state.vaults);
      const run = await stack.up();
      expect([run.ok, run.writes, JSON.stringify(stack.tenant.state.vaults)]).toEqual([false, [], before]);
      expect(run.said).toMatch(
        /The vault's secret Mail is a client secret of stack \S+ \(ID [0-9a-f-]{36}\)/,
      );
    },
    minutes(1),
  );

  it(
    "refuses another vault than the one that it has made already",
    async () => {
      await failAt("graph", "POST", "/addPassword");
      const [own] = Object.values(stack.tenant.state.arm.resources).filter(
        ({ type }) => type === "Microsoft.KeyVault/vaults",
      );
      vault = { adopt: await makeVault() };
      const run = await stack.up();
      expect([run.ok, run.writes]).toEqual([false, []]);
      expect(run.said).toContain("another would take its place");
      vault = {};
      const next = await stack.up();
      expect(next.ok, next.said).toBe(true);
      expect(readStackOutputs(next.outputs).vaultResourceId).toBe(own?.id);
    },
    minutes(1),
  );
});
