import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadState, saveState } from "../../../emulator/tenant/state";
import { createTenant } from "../../../emulator/tenant/tenant";
import { TestDirectory, without } from "../../support/directory";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "copilot-token-state-"));
  file = join(folder, "tenant.json");
});

afterEach(() => rm(folder, { recursive: true }));

describe("state", () => {
  it("comes back as it was kept, in a file of its owner alone and nothing beside it", async () => {
    const directory = await TestDirectory.create();
    const { applicationObjectId } = await directory.register("App");
    await saveState(file, directory.tenant.state);
    const state = await loadState(file);
    expect(state).toEqual(directory.tenant.state);
    expect(state?.directory.applications[applicationObjectId]?.displayName).toBe("App");
    expect([await readdir(folder), (await stat(file)).mode & 0o777]).toEqual([["tenant.json"], 0o600]);
  });

  it("is a new tenant where there is no file yet", async () => {
    expect(await loadState(file)).toBeUndefined();
  });

  it("lets the identities sign in again after a restart, with new secrets, and the old ones no more", async () => {
    const before = await TestDirectory.create();
    await saveState(file, before.tenant.state);
    const state = await loadState(file);
    if (state === undefined) throw new Error("There is no state.");
    const after = await TestDirectory.create({ state });
    const form = {
      client_id: after.tenant.identities.deployer.clientId,
      grant_type: "client_credentials",
      scope: "https://graph.microsoft.com/.default",
    };
    const signIn = async (client_secret: string) => (await after.token({ ...form, client_secret })).status;
    expect(await signIn(after.tenant.identities.deployer.clientSecret)).toBe(200);
    expect(await signIn(before.tenant.identities.deployer.clientSecret)).toBe(401);
    expect(await readFile(file, "utf8")).not.toContain(before.tenant.identities.deployer.clientSecret);
  });

  it.each([
    ["half a file", '{"version":1,"tenantId":'],
    ["an empty file", ""],
    ["another kind of file", '{"name":"copilot-token"}'],
    ["a later version", '{"version":2}'],
  ])("refuses %s, says what to do and leaves it alone", async (_what, text) => {
    await writeFile(file, text);
    await expect(loadState(file)).rejects.toMatchObject({
      code: "STATE_DAMAGED",
      message: expect.stringContaining(`${file} does not hold an emulated tenant`),
    });
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it("refuses what lost a part of its directory, and names the part", async () => {
    const { state } = createTenant();
    const directory = without({ ...state.directory }, "users");
    await writeFile(file, JSON.stringify({ ...state, directory }));
    await expect(loadState(file)).rejects.toThrow("directory.users is wrong");
  });

  it("says where it could not be kept", async () => {
    const { tenant } = await TestDirectory.create();
    const elsewhere = join(folder, "missing", "tenant.json");
    await expect(saveState(elsewhere, tenant.state)).rejects.toMatchObject({
      code: "STATE_NOT_WRITTEN",
      message: expect.stringContaining(elsewhere),
    });
  });
});
