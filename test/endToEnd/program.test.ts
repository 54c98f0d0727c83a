import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { graphObjectId } from "../../emulator/tenant/seed";
import { outputsOf, testStack, type TestStack } from "../support/testStack";
import { secretApp } from "../support/secretApp";

const oneApp = { apps: { CopilotAPIAuth: { permissions: ["User.Read.All"] } } };

/** Every test goes on from the stack that the one before left: the life of one stack. */
describe("the program, deployed into the emulated tenant", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack();
  });
  afterAll(() => stack.close());

  const directory = () => stack.emulated.tenant.state.directory;
  const grantsOf = (servicePrincipalObjectId: string) =>
    Object.values(directory().appRoleAssignments)
      .filter(({ principalId }) => principalId === servicePrincipalObjectId)
      .map(({ appRoleId }) => roleName(appRoleId))
      .sort();
  const roleName = (appRoleId: string) =>
    directory().servicePrincipals[graphObjectId]?.appRoles.find(({ id }) => id === appRoleId)?.value;
  /** The value that the vault holds: what must appear nowhere else. */
  const publishedValue = (vaultName: string) =>
    stack.emulated.tenant.state.vaults[vaultName]?.secrets["copilotapiauth"]?.versions.at(-1)?.value ?? "";

  it("makes app, grant, verified secret and vault", async () => {
    const run = await stack.up(oneApp);
    const outputs = outputsOf(run);
    const app = secretApp(outputs.apps["CopilotAPIAuth"]);
    expect(app.credential.sequence).toBe(1);
    expect(grantsOf(app.servicePrincipalObjectId)).toEqual(["User.Read.All"]);
    const application = directory().applications[app.applicationObjectId];
    expect(application?.passwordCredentials.map(({ keyId }) => keyId)).toEqual([app.credential.keyId]);
    const version =
      stack.emulated.tenant.state.vaults[outputs.vaultName]?.secrets["copilotapiauth"]?.versions[0];
    expect(version?.exp).toBe(Date.parse(app.credential.endsAt) / 1000);
    expect(version?.tags).toMatchObject({
      app: "CopilotAPIAuth",
      clientId: app.clientId,
      keyId: app.credential.keyId,
      sequence: "1",
      cause: "first",
    });
    const secret = publishedValue(outputs.vaultName);
    expect(secret.length).toBeGreaterThan(15);
    expect(
      [run.said, JSON.stringify(run.outputs), JSON.stringify(stack.state.checkpoint())].join(),
    ).not.toContain(secret);
  });

  it("changes nothing the second time", async () => {
    const run = await stack.up(oneApp);
    expect(run.steps).toEqual([]);
    expect(run.ok).toBe(true);
  });

  it("adds a permission by one grant, and takes it away again, replacing nothing", async () => {
    const two = { apps: { CopilotAPIAuth: { permissions: ["User.Read.All", "Group.Read.All"] } } };
    const added = await stack.up(two);
    expect([...added.steps].sort()).toEqual([
      "create CopilotAPIAuth-Group.Read.All",
      "update CopilotAPIAuth",
    ]);
    const removed = await stack.up(oneApp);
    expect([...removed.steps].sort()).toEqual([
      "delete CopilotAPIAuth-Group.Read.All",
      "update CopilotAPIAuth",
    ]);
    const app = outputsOf(removed).apps["CopilotAPIAuth"];
    expect(grantsOf(app?.servicePrincipalObjectId ?? "")).toEqual(["User.Read.All"]);
  });

  it("imports a grant that someone made in the portal", async () => {
    const app = outputsOf(await stack.up(oneApp)).apps["CopilotAPIAuth"];
    const role = directory().servicePrincipals[graphObjectId]?.appRoles.find(
      ({ value }) => value === "Sites.Read.All",
    );
    directory().appRoleAssignments["by-hand"] = {
      id: "by-hand",
      appRoleId: role?.id ?? "",
      principalId: app?.servicePrincipalObjectId ?? "",
      principalDisplayName: "CopilotAPIAuth",
      principalType: "ServicePrincipal",
      resourceId: graphObjectId,
      resourceDisplayName: "Microsoft Graph",
      createdDateTime: "2026-11-01T00:00:00Z",
    };
    const run = await stack.up({
      apps: { CopilotAPIAuth: { permissions: ["User.Read.All", "Sites.Read.All"] } },
    });
    expect([...run.steps].sort()).toEqual(["import CopilotAPIAuth-Sites.Read.All", "update CopilotAPIAuth"]);
    await stack.up(oneApp);
    expect(directory().appRoleAssignments["by-hand"]).toBeUndefined();
  });

  it("rotates when asked: one client secret more, none removed, the vault's secret renewed", async () => {
    const before = secretApp(outputsOf(await stack.up(oneApp)).apps["CopilotAPIAuth"]);
    const run = await stack.up(oneApp, { COPILOT_TOKEN_ROTATE: "CopilotAPIAuth" });
    expect(run.steps).toEqual(["update CopilotAPIAuth"]);
    const after = secretApp(outputsOf(run).apps["CopilotAPIAuth"]);
    const application = directory().applications[after.applicationObjectId];
    expect(application?.passwordCredentials.map(({ keyId }) => keyId)).toEqual([
      before.credential.keyId,
      after.credential.keyId,
    ]);
    expect(after.credential).toMatchObject({ sequence: 2, cause: "asked" });
  });

  it("rotates when due by its own reckoning, and not a moment earlier", async () => {
    const due = secretApp(outputsOf(await stack.up(oneApp)).apps["CopilotAPIAuth"]).credential.nextRotationAt;
    const moment = (milliseconds: number) => ({
      COPILOT_TOKEN_CLOCK: new Date(Date.parse(due) + milliseconds).toISOString(),
    });
    expect((await stack.up(oneApp, moment(-1))).steps).toEqual([]);
    const run = await stack.up(oneApp, moment(0));
    expect(secretApp(outputsOf(run).apps["CopilotAPIAuth"]).credential).toMatchObject({
      sequence: 3,
      cause: "due",
    });
    expect(run.said).toContain("COPILOT_TOKEN_CLOCK is set");
  });

  it("goes by the vault where it is ahead of the outputs, as after a killed run", async () => {
    const { vaultName } = outputsOf(await stack.up(oneApp));
    const versions = stack.emulated.tenant.state.vaults[vaultName]?.secrets["copilotapiauth"]?.versions ?? [];
    const current = versions.at(-1);
    if (current?.tags === undefined) throw new Error("nothing is published");
    current.tags["sequence"] = "9";
    const run = await stack.up(oneApp);
    expect(secretApp(outputsOf(run).apps["CopilotAPIAuth"]).credential.sequence).toBe(9);
  });

  it("names every fault before it changes anything", async () => {
    const run = await stack.up({
      apps: {
        CopilotAPIAuth: { permissions: ["User.Read", "Files.ReadWrite", "User.Raed.All"] },
        Empty: { permissions: [] },
      },
      rotation: { everyDays: 0 },
    });
    expect(run.ok).toBe(false);
    expect(run.steps).toEqual([]);
    expect(run.said).toContain(
      '"User.Read" works only with a signed-in user, so an app cannot hold it; use "User.Read.All".',
    );
    expect(run.said).toContain('use "Files.ReadWrite.All"');
    expect(run.said).toContain("nearest: User.Read.All");
    expect(run.said).toContain("copilot-token:rotation.everyDays: 0");
    expect(run.said).toContain("copilot-token:apps.Empty.permissions: []");
    expect(run.said).not.toContain("    at ");
  });

  it("never writes to Microsoft Graph's own service principal", () => {
    const graph = directory().servicePrincipals[graphObjectId];
    expect(graph?.displayName).toBe("Microsoft Graph");
    expect(directory().deletedItems[graphObjectId]).toBeUndefined();
  });
});
