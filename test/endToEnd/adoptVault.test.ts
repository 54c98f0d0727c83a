import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { killableStack, type KillableStack } from "../support/killPoints";
import { stackContents } from "../support/stackContents";

describe("a vault that holds something already", () => {
  let stack: KillableStack;
  const mail = { Mail: { permissions: ["User.Read.All"], displayName: "Mail (test)" } };
  let vault: { name?: string; adopt?: string };
  let apps: Record<string, object>;
  beforeEach(async () => {
    vault = {};
    apps = mail;
    stack = await killableStack(() => ({ vault, apps }));
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
  );

  it("refuses a vault in which another stack publishes its client secrets, before anything is made", async () => {
    vault = { adopt: await makeVault(true) };
    const before = JSON.stringify(stack.tenant.state.vaults);
    const run = await stack.up();
    expect([run.ok, run.writes, JSON.stringify(stack.tenant.state.vaults)]).toEqual([false, [], before]);
    expect(run.said).toMatch(/The vault's secret Mail is a client secret of stack \S+ \(ID [0-9a-f-]{36}\)/);
  });

  it.each([
    ["secret", "Files"],
    ["certificate", "Files-signing-key"],
  ])(
    "refuses an app with a %s whose vault secret %s was made by hand, before anything is made",
    async (credential, name) => {
      expect((await stack.up()).ok).toBe(true);
      const [contents] = Object.values(stack.tenant.state.vaults);
      const own = contents?.secrets["mail"];
      if (contents === undefined || own === undefined) throw new Error("The vault has no secret.");
      const versions = own.versions.map((version) => ({ ...version, tags: { team: "finance" } }));
      contents.secrets[name.toLowerCase()] = { ...own, name, versions };
      const before = JSON.stringify(stack.tenant.state);

      apps = { ...mail, Files: { permissions: ["User.Read.All"], credential } };
      const run = await stack.up();
      expect([run.ok, run.writes]).toEqual([false, []]);
      expect(run.said).toContain(`under a name that an app needs: ${name}.`);
      expect(run.said).toContain("Give the app another key");
      expect(JSON.stringify(stack.tenant.state)).toBe(before);
    },
  );

  it.each([false, true])(
    "keeps a certificate that was made by hand under the name of an app's (deleted: %s)",
    async (isDeleted) => {
      apps = { ...mail, Files: { permissions: ["User.Read.All"], credential: "certificate" } };
      expect((await stack.up()).ok).toBe(true);
      apps = mail;
      expect((await stack.up()).ok).toBe(true);
      const [contents] = Object.values(stack.tenant.state.vaults);
      const deleted = contents?.deletedCertificates?.["files-certificate"];
      if (contents?.certificates === undefined || deleted === undefined) throw new Error("No certificate.");
      const versions = deleted.versions.map((version) => ({ ...version, tags: { team: "finance" } }));
      if (isDeleted) contents.deletedCertificates = { "files-certificate": { ...deleted, versions } };
      else {
        contents.deletedCertificates = {};
        contents.certificates["files-certificate"] = { ...deleted, versions };
      }
      const found = (): string => {
        const shelves = [contents.certificates, contents.deletedCertificates];
        return JSON.stringify(shelves.map((shelf) => shelf?.["files-certificate"]?.versions ?? "none"));
      };
      const before = found();

      apps = { ...mail, Files: { permissions: ["User.Read.All"], credential: "certificate" } };
      const run = await stack.up();
      expect(run.ok).toBe(false);
      expect(run.said).toContain("certificate Files-certificate that this program did not make");
      expect(found()).toBe(before);
    },
  );

  it("refuses another vault than the one that it has made already", async () => {
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
  });
});
