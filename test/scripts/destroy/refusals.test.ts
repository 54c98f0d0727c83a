import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { execute, Flags } from "../../../scripts/shared/command";
import { destroyCommand } from "../../../scripts/destroy/command";
import { destroyBy } from "../../../scripts/destroy/runDestroy";
import type { AppOutputs } from "../../../core/outputs/stackOutputs";
import { destroyedStack, type DestroyedStack } from "../../support/destroyedStack";
import { armEnvironment, jsonAnswer, testWorld, type Interception } from "../../support/testWorld";

describe("destroy's flags", () => {
  it.each([
    [["--purge", "--restore"], "--purge and --restore do not go together"],
    [["--yes", "--engine", "terraform"], "--engine terraform: it is one of auto, pulumi, inline."],
    [[], "There is no terminal, and --yes is not given"],
    [["--restore"], "There is no terminal, and --yes is not given"],
    [["--now"], "Unknown option '--now'"],
  ])("refuses %j with the reason", async (flags, message) => {
    await expect(execute(destroyCommand, flags, testWorld())).rejects.toMatchObject({
      code: "USAGE_ERROR",
      message: expect.stringContaining(message) as string,
    });
  });

  it("are explained by --help", async () => {
    const world = testWorld();
    expect(await execute(destroyCommand, ["--help"], world)).toBe(0);
    expect(world.printed[0]).toContain("Usage: npm run destroy -- [flags]");
  });
});

/** Refusals change nothing, so that all tests look at the one stack; those behind its destruction come last. */
describe("a destruction that is refused", () => {
  let stack: DestroyedStack;
  let app: AppOutputs;
  let secrets: string[];
  const state = () => stack.tenant.state;
  const recordFile = () => join(stack.folder, ".copilot-token", "destroyed-test.json");
  const answering =
    (method: string, path: string, status: number, code: string, times = Infinity): Interception =>
    (request) => {
      if (request.method !== method || !request.url.includes(path) || times === 0) return undefined;
      times -= 1;
      return jsonAnswer(status, { error: { code, message: "Refused for a test." } }, { "retry-after": "3" });
    };

  beforeAll(async () => {
    stack = await destroyedStack();
    const run = await stack.up({ apps: { Mail: { permissions: ["User.Read.All"] } } });
    if (!run.ok) throw new Error(JSON.stringify(run.failures));
    const outputs = await stack.outputs();
    app = outputs.apps["Mail"] as AppOutputs;
    const versions = state().vaults[outputs.vaultName]?.secrets["mail"]?.versions ?? [];
    secrets = [stack.tenant.identities.deployer.clientSecret, ...versions.map(({ value }) => value)];
  });
  afterAll(() => {
    stack.close();
  });

  it("without the stack's name typed, after a list of what will happen", async () => {
    const before = structuredClone(state());
    const asked: string[] = [];
    const answer = (text: string) => ({
      stdin: { kind: "terminal" as const, read: () => Promise.resolve("") },
      ask: (question: string) => {
        asked.push(question);
        return Promise.resolve(text);
      },
    });
    const flags = { yes: false };
    const { exitCode, world } = await stack.destroy("destroy", {
      flags: { ...flags, json: false },
      world: answer("y"),
    });
    expect([exitCode, asked, state()]).toEqual([1, ["Type the stack's name to destroy this: "], before]);
    expect(world.told[0]).toBe(`Stack test in tenant ${state().tenantId}:`);
    expect(world.told.slice(1).sort()).toEqual([
      "  deletes AppRoleAssignment Mail-User.Read.All",
      "  deletes Application Mail",
      "  deletes ClientSecret Mail",
      "  deletes DiagnosticSetting vault",
      "  deletes RandomString vault",
      "  deletes RandomUuid stack-id",
      "  deletes ResourceGroup copilot-token-test-",
      "  deletes ServicePrincipal Mail",
      "  deletes Vault vault",
      "  deletes Workspace vault-audit-",
      "That is not the stack's name; nothing was changed.",
    ]);
  });

  it("to a sign-in of another tenant, from which everything would look gone", async () => {
    const before = structuredClone(state());
    const other = "00000000-1111-4222-8333-444444444444";
    const token = [{ alg: "none" }, { tid: other }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const intercept: Interception = ({ url }) =>
      url.includes("/oauth2/v2.0/token")
        ? jsonAnswer(200, { token_type: "Bearer", expires_in: 3599, access_token: `${token}.x` })
        : undefined;
    await expect(stack.destroy("destroy", { intercept })).rejects.toMatchObject({
      code: "TENANT_DIFFERS",
      message: expect.stringContaining(`az login --tenant ${state().tenantId}`) as string,
    });
    expect(state()).toEqual(before);
  });

  it.each(["purge", "restore"] as const)("as %s, where nothing tells what was the stack's", async (mode) => {
    const empty = { ...stack.engine, stack: "other", resources: () => Promise.resolve([]) };
    const world = testWorld({ directory: stack.folder });
    await expect(destroyBy(empty, mode, new Flags({ yes: true }), world)).rejects.toMatchObject({
      code: "DESTROY_RECORD_MISSING",
    });
  });

  it.each(["destroy", "purge", "restore"] as const)(
    "as %s, by the record of another organization's stack of the same name",
    async (mode) => {
      const before = structuredClone(state());
      const record = JSON.stringify({
        version: 1,
        stack: "fabrikam/copilot-token/test",
        tenantId: state().tenantId,
        startedAt: "2026-11-25T10:00:00Z",
        directoryObjects: [],
        vaults: [],
        workspaces: [],
        managedIdentities: false,
      });
      mkdirSync(join(stack.folder, ".copilot-token"), { recursive: true });
      writeFileSync(recordFile(), record);
      await expect(stack.destroy(mode)).rejects.toMatchObject({
        code: "DESTROY_RECORD_OTHER_STACK",
        message: expect.stringContaining(
          "took away, and this is stack test; nothing was changed. If it is the same stack under its longer or shorter " +
            "name: --stack fabrikam/copilot-token/test. ",
        ) as string,
      });
      expect([state(), readFileSync(recordFile(), "utf8")]).toEqual([before, record]);
      rmSync(recordFile());
    },
  );

  it("in part keeps in its state what Azure kept, and goes on from there", async () => {
    const path = `/applications/${app.applicationObjectId}`;
    const action = { kind: "status", status: 403 } as const;
    stack.tenant.faults = { disturbances: [{ service: "graph", method: "DELETE", path, action }] };
    const { exitCode, report } = await stack.destroy("destroy");
    expect([exitCode, report.ok, report.failures.map(({ resource }) => resource)]).toEqual([
      1,
      false,
      ["Mail"],
    ]);
    expect((await stack.engine.resources()).map(({ type }) => type)).toEqual([
      // Its mark names the stack.
      "random:index/randomUuid:RandomUuid",
      "azuread:index/application:Application",
    ]);
    expect(report.leftovers.map(({ kind, state: seen }) => `${kind} ${seen}`)).toEqual([
      "vault deleted",
      "application live",
      "servicePrincipal deleted",
      "workspace deleted",
    ]);
    expect(JSON.parse(readFileSync(recordFile(), "utf8"))).not.toHaveProperty("finishedAt");
    stack.tenant.faults = {};
  });

  it("is told as it is where Azure lets the caller see nothing", async () => {
    const { exitCode, report } = await stack.destroy("destroy", {
      intercept: answering("GET", "/deletedVaults", 403, "AuthorizationFailed"),
    });
    expect(exitCode).toBe(0);
    const [vault] = report.leftovers;
    expect(vault).toMatchObject({ kind: "vault", state: "unseen", until: null });
    expect(vault?.reason).toContain("403 AuthorizationFailed");
  });

  it("keeps a record with only identifiers", () => {
    const text = readFileSync(recordFile(), "utf8");
    const record = JSON.parse(text) as object;
    expect(Object.keys(record)).toEqual([
      "version",
      "stack",
      "tenantId",
      "startedAt",
      "stackId",
      "directoryObjects",
      "vaults",
      "workspaces",
      "managedIdentities",
      "earlier",
      "finishedAt",
    ]);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  it("waits for the replica that has not heard of the deletion, and for a busy one", async () => {
    const record = readFileSync(recordFile(), "utf8");
    const deleted = `/directory/deletedItems/${app.applicationObjectId}`;
    const busy = answering("GET", deleted, 429, "TooManyRequests", 2);
    const { exitCode, report, world } = await stack.destroy("destroy", { intercept: busy });
    expect([exitCode, world.sleptSeconds()]).toEqual([0, 6]);
    expect(report.leftovers.find(({ kind }) => kind === "application")?.state).toBe("deleted");
    expect(readFileSync(recordFile(), "utf8")).toBe(record);
  });

  it("where a changed record names what is another's: it is neither purged nor restored", async () => {
    const text = readFileSync(recordFile(), "utf8");
    const record = JSON.parse(text) as { directoryObjects: { objectId: string }[] };
    const own = record.directoryObjects.find(({ objectId }) => objectId === app.applicationObjectId);
    const { deletedItems } = state().directory;
    const deleted = deletedItems[app.applicationObjectId ?? ""];
    if (own === undefined || deleted === undefined) throw new Error("the record has no application");
    const objectId = "0b7d2a51-6c3e-4f80-9d1a-2e5f8c7b6a49";
    for (const mark of ["unmarked:", "copilot-token:id:6f0b2c1d-3e4a-4b5c-8d7e-9f0a1b2c3d4e"]) {
      deletedItems[objectId] = JSON.parse(
        JSON.stringify(deleted)
          .replaceAll(app.applicationObjectId ?? "", objectId)
          .replace(/copilot-token:id:[0-9a-f-]+/g, mark),
      ) as typeof deleted;
      const forged = { ...record, directoryObjects: [{ ...own, objectId }], vaults: [], workspaces: [] };
      writeFileSync(recordFile(), JSON.stringify(forged));
      for (const mode of ["purge", "restore"] as const) {
        const { exitCode, report } = await stack.destroy(mode);
        expect([exitCode, report.outcomes, objectId in deletedItems]).toEqual([1, [], true]);
        expect(report.leftovers[0]?.reason).toMatch(/does not carry this stack's mark/);
      }
    }
    Reflect.deleteProperty(deletedItems, objectId);
    for (const id of [
      "/subscriptions/../x",
      "/subscriptions/s/resourceGroups/g?x=",
      "/subscriptions/s//evil.example",
    ]) {
      writeFileSync(recordFile(), JSON.stringify({ ...record, workspaces: [id] }));
      await expect(stack.destroy("purge")).rejects.toMatchObject({ code: "DESTROY_RECORD_INVALID" });
    }
    writeFileSync(recordFile(), text);
  });

  it("to purge names the right that is missing, leaves the rest done and says so", async () => {
    const before = structuredClone(state().directory.deletedItems);
    const intercept = answering("DELETE", "/deletedItems/", 403, "Authorization_RequestDenied");
    const { exitCode, world } = await stack.destroy("purge", { intercept, flags: { json: false } });
    expect([exitCode, state().directory.deletedItems]).toEqual([1, before]);
    const text = world.printed.join("\n");
    expect(text).toContain("This needs Microsoft Graph's Application.ReadWrite.OwnedBy and to be an owner");
    expect(text.split("\n").at(-1)).toBe(
      "NOT DONE: 0 purged; see what failed above. Run it again: it continues where it stopped.",
    );
  });

  it("to a caller without the rights of the emulated tenant, in purging and in restoring", async () => {
    const before = structuredClone(state());
    const env = armEnvironment(stack.tenant, "verifier");
    for (const mode of ["purge", "restore"] as const) {
      const { exitCode, report } = await stack.destroy(mode, { world: { env } });
      expect([exitCode, report.leftovers.map((one) => one.state)]).toEqual([
        1,
        ["unseen", "unseen", "unseen", "unseen"],
      ]);
    }
    expect(state()).toEqual(before);
  });

  it("to recover the vault brings the apps back all the same", async () => {
    const intercept = answering("PUT", "/Microsoft.KeyVault/vaults/", 403, "AuthorizationFailed");
    const { exitCode, report } = await stack.destroy("restore", { intercept });
    expect(exitCode).toBe(1);
    expect(
      report.outcomes.map(({ kind, refusal }) => [kind, refusal?.replace(/.*, or /, "or ") ?? null]),
    ).toEqual([
      ["vault", "or Key Vault Contributor where the resource group is still there."],
      ["application", null],
      ["servicePrincipal", null],
    ]);
  });

  it("is behind it where the vault comes back slowly: the command waits", async () => {
    stack.tenant.faults = { armAsync: true };
    const { exitCode, report, world } = await stack.destroy("restore");
    expect([exitCode, report.outcomes.map(({ kind }) => kind)]).toEqual([0, ["vault"]]);
    expect(world.progressed.join("\n")).toContain("the vault is being recovered");
  });

  it("no longer: what was done is told for people, with what to do next", async () => {
    const { world } = await stack.destroy("restore", { flags: { json: false } });
    const [vaultId] = Object.values(state().arm.resources).flatMap(({ id, type }) =>
      type === "Microsoft.KeyVault/vaults" ? [id] : [],
    );
    const lines = (world.printed.at(-1) ?? "").split("\n");
    expect(lines.slice(1, 6)).toEqual([
      "As Azure shows it:",
      `  vault             ${vaultId?.split("/").at(-1) ?? ""}: is there`,
      `  application       Mail (${app.applicationObjectId}): is there`,
      `  service principal Mail (${app.servicePrincipalObjectId}): is there`,
      expect.stringMatching(/^ {2}audit log {9}vault-audit-.*: deleted; it can be recovered for 14 days/),
    ]);
    expect(lines.slice(-6)).toEqual([
      "To adopt them into the stack:",
      `  pulumi config set --path 'copilot-token:vault.adopt' ${vaultId ?? ""} --stack test`,
      `  pulumi config set --path 'copilot-token:apps.Mail.adopt' ${app.applicationObjectId} --stack test`,
      "  pulumi up --stack test",
      "",
      "DONE: nothing was left to do.",
    ]);
  });

  it("by a record that is damaged, which is left as it is", async () => {
    mkdirSync(join(stack.folder, ".copilot-token"), { recursive: true });
    writeFileSync(recordFile(), '{"version":1}');
    await expect(stack.destroy("purge")).rejects.toMatchObject({ code: "DESTROY_RECORD_INVALID" });
    expect(readFileSync(recordFile(), "utf8")).toBe('{"version":1}');
    rmSync(recordFile());
    const { exitCode, world } = await stack.destroy("destroy", { flags: { json: false } });
    expect(exitCode).toBe(0);
    expect(world.printed.join("\n")).toContain("no record tells what an earlier destruction left");
  });
});
