import { afterEach, beforeEach, expect, it } from "vitest";
import { clearPendingCommand } from "../../core/fix";
import type { RequestLogEntry } from "../../emulator/server/requestLog";
import { loadOutputs } from "../../scripts/shared/stackOutputs";
import { describeWithPulumi, minutes, pulumiStack, type PulumiStack } from "../support/pulumiStack";
import { stackContents } from "../support/stackContents";
import { testWorld } from "../support/testWorld";

const settings = { apps: { CopilotAPIAuth: { permissions: ["User.Read.All"] } } };

describeWithPulumi("a run that was killed, by the real engine", (cli) => {
  let stack: PulumiStack;
  beforeEach(async () => {
    stack = await pulumiStack(cli);
  });
  afterEach(() => stack.close());

  const deployer = () => stack.emulated.tenant.identities.deployer.clientId;
  /** By the request that was answered last. */
  const moments: Readonly<Record<string, (request: RequestLogEntry) => boolean>> = {
    "the resource group": ({ method, path }) => method === "PUT" && /\/resourceGroups\/[^/]+\?/i.test(path),
    "the application": ({ method, path }) => method === "POST" && path === "/v1.0/applications",
    "the service principal": ({ method, path }) => method === "POST" && path === "/v1.0/servicePrincipals",
    "the vault": ({ method, path }) => method === "PUT" && /\/vaults\/[^/]+\?/.test(path),
    "the grant": ({ method, path }) => method === "POST" && path.endsWith("/appRoleAssignedTo"),
    "the client secret": ({ path }) => path.endsWith("/addPassword"),
    "its verification": ({ path, who }) => path.endsWith("/token") && who !== undefined && who !== deployer(),
    "the vault secret": ({ method, path }) => method === "PUT" && /\/vaults\/[^/]+\/secrets\//.test(path),
  };

  it.each(Object.keys(moments))(
    "ends right after a kill at the making of %s",
    async (moment) => {
      const killed = await stack.up({ settings, killAt: moments[moment] ?? (() => false) });
      expect(killed.exitCode).toBeUndefined();
      const locked = await stack.up();
      expect([locked.exitCode === 0, locked.requests]).toEqual([false, []]);
      expect(locked.said).toContain("pulumi cancel");

      await stack.command("cancel", "--yes");
      const run = await stack.up();
      expect(run.exitCode, run.said).toBe(0);
      const { app, keyIds, grants, publishedKeyId, versions } = stackContents(
        stack.emulated.tenant.state,
        await stack.outputs(),
        "CopilotAPIAuth",
      );
      expect(grants()).toEqual(["User.Read.All"]);
      expect(publishedKeyId()).toBe(app.credential.keyId);
      expect(versions().at(-1)?.tags).toMatchObject({ keyId: app.credential.keyId, sequence: "1" });
      // At most one orphan: a kill meets other requests on their way, that for the client secret among them.
      expect(keyIds().length).toBeLessThanOrEqual(2);
      expect((await stack.up()).changes).toEqual([]);
      expect((await stack.refresh()).changes).toEqual([]);
    },
    minutes(4),
  );

  it.each([
    { moment: "the client secret", current: 1 },
    { moment: "its verification", current: 1 },
    // Published: consumers of the vault have it already.
    { moment: "the vault secret", current: 2 },
  ])(
    "ends right after a rotation was killed at $moment",
    async ({ moment, current }) => {
      expect((await stack.up({ settings })).exitCode).toBe(0);
      const killed = await stack.up({
        environment: { COPILOT_TOKEN_ROTATE: "all" },
        killAt: moments[moment] ?? (() => false),
      });
      expect(killed.exitCode).toBeUndefined();
      await stack.command("cancel", "--yes");
      const run = await stack.up();
      expect(run.exitCode, run.said).toBe(0);
      const { app, keyIds, publishedKeyId } = stackContents(
        stack.emulated.tenant.state,
        await stack.outputs(),
        "CopilotAPIAuth",
      );
      expect(app.credential.sequence).toBe(current);
      expect(publishedKeyId()).toBe(app.credential.keyId);
      expect(keyIds()).toHaveLength(2);
      expect(keyIds()[current - 1]).toBe(app.credential.keyId);
      expect((await stack.up()).changes).toEqual([]);
    },
    minutes(4),
  );

  // Slow to answer what azuread asks next, before it tells the engine: else the kill can come too late.
  it.each([
    { moment: "the application", method: "PATCH", path: "/v1.0/applications/" },
    { moment: "the service principal", method: "GET", path: "/v1.0/servicePrincipals/" },
  ])(
    "adopts $moment that is not recorded",
    async ({ moment, method, path }) => {
      const { tenant } = stack.emulated;
      const action = { kind: "slow", milliseconds: minutes(1) } as const;
      tenant.faults = { disturbances: [{ service: "graph", method, path, action }] };
      const killed = await stack.up({ settings, killAt: moments[moment] ?? (() => false) });
      expect(killed.exitCode).toBeUndefined();
      tenant.faults = {};
      await stack.command("cancel", "--yes");
      const run = await stack.up();
      expect(run.exitCode, run.said).toBe(0);
      const adopted = run.steps.filter(({ operation }) => operation === "import").map(({ name }) => name);
      expect(adopted).toContain("CopilotAPIAuth");
    },
    minutes(4),
  );
});

describeWithPulumi("Pulumi's memory of a run that was killed, by the real engine", (cli) => {
  let stack: PulumiStack;
  beforeEach(async () => {
    stack = await pulumiStack(cli);
    const { tenant } = stack.emulated;
    const action = { kind: "slow", milliseconds: minutes(1) } as const;
    const path = "/v1.0/applications/";
    tenant.faults = { disturbances: [{ service: "graph", method: "PATCH", path, action }] };
    const isMade = ({ method, path }: RequestLogEntry) => method === "POST" && path === "/v1.0/applications";
    expect((await stack.up({ settings, killAt: isMade })).exitCode).toBeUndefined();
    tenant.faults = {};
    expect(await stack.pendingOperations()).not.toEqual([]);
  });
  afterEach(() => stack.close());
  const warning = "pending operations from previous deployment";

  it(
    "outlasts pulumi up, and goes by the commands that verify names",
    async () => {
      await stack.command("cancel", "--yes");
      const finished = await stack.up();
      expect([finished.exitCode, finished.said.includes(warning)]).toEqual([0, true]);
      const world = testWorld({
        runTool: async (_tool, words) => {
          const { exitCode, said } = await stack.command(...words);
          return { exitCode, stdout: said, stderr: "" };
        },
      });
      const { pendingCreations = [] } = await loadOutputs(world, { stack: "test", pendingCreations: true });
      expect(pendingCreations).toContainEqual(
        expect.stringMatching(/application:Application::CopilotAPIAuth$/),
      );
      const [, ...words] = clearPendingCommand("test").split(" ");
      const cleared = await stack.command(...words);
      expect(cleared.exitCode, cleared.said).toBe(0);
      expect(await stack.pendingOperations()).toEqual([]);
      const quiet = await stack.up();
      expect([quiet.exitCode, quiet.changes, quiet.said.includes(warning)]).toEqual([0, [], false]);
    },
    minutes(4),
  );

  it.each(["npm run rotate -- --unlock", "npm run rotate"])(
    "goes with %s",
    async (command) => {
      const engine = await stack.engine();
      if (command.endsWith("--unlock")) await engine.unlock();
      else {
        await stack.command("cancel", "--yes");
        const run = await engine.up();
        expect([run.ok, run.failures]).toEqual([true, []]);
      }
      expect(await stack.pendingOperations()).toEqual([]);
      const finished = await stack.up();
      expect([finished.exitCode, finished.said.includes(warning)]).toEqual([0, false]);
    },
    minutes(4),
  );
});

describeWithPulumi("a run that fails, by the real engine", (cli) => {
  let stack: PulumiStack;
  beforeEach(async () => {
    stack = await pulumiStack(cli);
  });
  afterEach(() => stack.close());
  /** Far more than a failure takes, far less than the minutes after which azuread and the verification give up. */
  const promptMilliseconds = minutes(1);

  it("ends soon where Azure refuses in the middle, and the next one goes on from there", async () => {
    stack.emulated.tenant.faults = {
      disturbances: [{ service: "graph", path: "/addPassword", action: { kind: "status", status: 403 } }],
    };
    const run = await stack.up({ settings });
    expect(run.exitCode).not.toBe(0);
    expect(run.milliseconds).toBeLessThan(promptMilliseconds);
    stack.emulated.tenant.faults = {};
    const next = await stack.up();
    expect(next.exitCode, next.said).toBe(0);
    const madeBy = ({ steps }: typeof run) =>
      steps.filter(({ operation }) => operation === "create").map(({ type, name }) => `${type} ${name}`);
    expect(madeBy(run)).toContain("azuread:index/application:Application CopilotAPIAuth");
    expect(madeBy(next).filter((resource) => madeBy(run).includes(resource))).toEqual([]);
  });

  it("ends soon where the program refuses the settings, without having sent a thing", async () => {
    const run = await stack.up({
      settings: { apps: { CopilotAPIAuth: { permissions: ["User.Raed.All"] } } },
    });
    expect(run.exitCode).not.toBe(0);
    expect(run.said).toContain("nearest: User.Read.All");
    expect(run.said).not.toContain("    at ");
    expect(run.changes).toEqual([]);
    expect(run.milliseconds).toBeLessThan(promptMilliseconds);
  });
});
