import { rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RequestLogEntry } from "../../emulator/server/requestLog";
import {
  deployerGraphPermissions,
  deployerRoleDefinitionIds,
  graphObjectId,
} from "../../emulator/tenant/seed";
import type { TenantState } from "../../emulator/tenant/tenant";
import type { VerifyReport } from "../../scripts/verify/report";
import { bundleCommands, runBundle } from "../support/commandProcess";
import {
  describeWithPulumi,
  minutes,
  pulumiStack,
  type CliRun,
  type PulumiStack,
} from "../support/pulumiStack";
import { stackContents, type StackContents } from "../support/stackContents";
import { giveRights, readerRole } from "../support/tenantRights";

const permissions = ["User.Read.All"];
const oneApp = { apps: { CopilotAPIAuth: { permissions } } };

/** The whole stack, as a first run makes it and `destroy` takes it away. */
const everything = [
  "CopilotAPIAuth",
  "CopilotAPIAuth",
  "CopilotAPIAuth",
  "CopilotAPIAuth-User.Read.All",
  "copilot-token-test-",
  "stack-id",
  "vault",
  "vault",
  "vault",
  "vault-audit-",
];
const creations = everything.map((name) => `create ${name}`);

/** Requests that could change something; getting a token changes nothing. */
const writes = ({ requests }: CliRun): RequestLogEntry[] =>
  requests.filter(({ method, path }) => method !== "GET" && !path.endsWith("/oauth2/v2.0/token"));
const signedIn = ({ requests }: CliRun): Set<string | undefined> =>
  new Set(requests.filter(({ path }) => path.endsWith("/oauth2/v2.0/token")).map(({ who }) => who));
const asked = ({ requests }: CliRun, path: string): RequestLogEntry[] =>
  requests.filter((request) => request.method !== "GET" && request.path.includes(path));
/** What happens to client secrets. */
const secretSteps = ({ steps }: CliRun): string[] =>
  steps.flatMap(({ type, operation, name }) =>
    type.endsWith(":ClientSecret") ? [`${operation} ${name}`] : [],
  );

/** Every test goes on from the stack that the one before left: the life of one stack. */
describeWithPulumi("the life of a stack, by the real engine", (cli) => {
  let stack: PulumiStack;
  let state: TenantState;
  let seeded: TenantState;
  const contents = async (): Promise<StackContents> =>
    stackContents(state, await stack.outputs(), "CopilotAPIAuth");
  const succeeded = (run: CliRun): CliRun => {
    if (run.exitCode !== 0) throw new Error(run.said);
    return run;
  };

  beforeAll(async () => {
    stack = await pulumiStack(cli);
    ({ state } = stack.emulated.tenant);
    seeded = structuredClone(state);
  });
  afterAll(() => stack.close());

  it("previews on nothing: needs to read alone, changes nothing and sends no secret", async () => {
    const { tenant } = stack.emulated;
    const { verifier } = tenant.identities;
    const takeAway = giveRights(tenant, verifier, ["Application.Read.All"], [readerRole]);
    const before = structuredClone(state);
    const run = succeeded(await stack.preview({ settings: oneApp, as: verifier }));
    expect(run.changes).toEqual(creations);
    expect(writes(run)).toEqual([]);
    expect([...signedIn(run)]).toEqual([verifier.clientId]);
    expect(state).toEqual(before);
    takeAway();
    expect(state).toEqual(seeded);
  });

  it("goes up: app, grant, verified secret, vault", async () => {
    const run = succeeded(await stack.up());
    expect(run.changes).toEqual(creations);
    const { app, grants, keyIds, versions, publishedKeyId } = await contents();
    expect(grants()).toEqual(permissions);
    expect(keyIds()).toEqual([app.credential.keyId]);
    expect(publishedKeyId()).toBe(app.credential.keyId);
    expect(versions().map(({ tags }) => tags?.["sequence"])).toEqual(["1"]);
    // Verified: the app itself signed in before the secret was published.
    expect([...signedIn(run)]).toContain(app.clientId);
    expect(asked(run, "/addPassword")).toHaveLength(1);
  });

  it("goes up again without a change, and finds no drift", async () => {
    const run = succeeded(await stack.up());
    expect([run.changes, writes(run)]).toEqual([[], []]);
    const refreshed = succeeded(await stack.refresh());
    expect([refreshed.changes, writes(refreshed)]).toEqual([[], []]);
  });

  it("adds a permission by one grant, takes it away by one removal, and replaces nothing", async () => {
    const two = { apps: { CopilotAPIAuth: { permissions: [...permissions, "Group.Read.All"] } } };
    const added = succeeded(await stack.up({ settings: two }));
    expect(added.changes).toEqual(["create CopilotAPIAuth-Group.Read.All", "update CopilotAPIAuth"]);
    expect(asked(added, "/appRoleAssignedTo").map(({ method }) => method)).toEqual(["POST"]);
    expect((await contents()).grants()).toEqual(["Group.Read.All", "User.Read.All"]);
    const removed = succeeded(await stack.up({ settings: oneApp }));
    expect(removed.changes).toEqual(["delete CopilotAPIAuth-Group.Read.All", "update CopilotAPIAuth"]);
    expect(asked(removed, "/appRoleAssignedTo").map(({ method }) => method)).toEqual(["DELETE"]);
    expect((await contents()).grants()).toEqual(permissions);
  });

  it("adopts a grant that someone made in the portal", async () => {
    const { grantByHand, grants } = await contents();
    const byHand = grantByHand("Sites.Read.All");
    const wanted = { apps: { CopilotAPIAuth: { permissions: [...permissions, "Sites.Read.All"] } } };
    const run = succeeded(await stack.up({ settings: wanted }));
    expect(run.changes).toEqual(["import CopilotAPIAuth-Sites.Read.All", "update CopilotAPIAuth"]);
    expect(state.directory.appRoleAssignments[byHand.id]).toEqual(byHand);
    succeeded(await stack.up({ settings: oneApp }));
    expect(grants()).toEqual(permissions);
  });

  it("rotates: one client secret more, none removed, the vault's secret renewed, the app untouched", async () => {
    const before = await contents();
    const rotate = { COPILOT_TOKEN_ROTATE: "all" };
    const rotation = ["update CopilotAPIAuth"];
    const planned = succeeded(await stack.preview({ environment: rotate }));
    expect([planned.changes, writes(planned)]).toEqual([rotation, []]);
    const application = structuredClone(state.directory.applications[before.app.applicationObjectId]);
    const run = succeeded(await stack.up({ environment: rotate }));
    expect(run.changes).toEqual(rotation);
    expect(run.steps).toContainEqual({
      operation: "update",
      type: "pulumi-nodejs:dynamic/copilot-token:ClientSecret",
      name: "CopilotAPIAuth",
    });
    const { app, keyIds, versions, publishedKeyId } = await contents();
    expect(keyIds()).toEqual([before.app.credential.keyId, app.credential.keyId]);
    expect(publishedKeyId()).toBe(app.credential.keyId);
    expect(versions().map(({ tags }) => tags?.["sequence"])).toEqual(["1", "2"]);
    expect({ ...state.directory.applications[app.applicationObjectId], passwordCredentials: [] }).toEqual({
      ...application,
      passwordCredentials: [],
    });
    expect(writes(run).map(({ method, host }) => `${method} ${host}`)).toEqual([
      "POST graph.microsoft.com",
      "PUT management.azure.com",
    ]);
  });

  const reader = { id: "3e1a7c58-9b04-4f6d-82e5-d7c6b0a9f143", type: "User" };
  const environmentId = "0f2d6a8c-1b3e-4c57-9d80-a1b2c3d4e5f6";
  const powerPlatformReaders = [
    "create CopilotAPIAuth-reader-57c2f8b0-e649-4d3a-a18b-9d7e5c0f2a86",
    "create CopilotAPIAuth-reader-a90e5d27-3b68-4c1f-b7d4-06f2e8c9a153",
    "update CopilotAPIAuth",
  ];
  const app = { permissions };
  const settings: readonly (readonly [string, Readonly<Record<string, unknown>>, readonly string[]])[] = [
    [
      "apps.displayName",
      { apps: { CopilotAPIAuth: { ...app, displayName: "Our agent" } } },
      ["update CopilotAPIAuth"],
    ],
    [
      "apps.permissions",
      { apps: { CopilotAPIAuth: { permissions: ["Group.Read.All"] } } },
      [
        "create CopilotAPIAuth-Group.Read.All",
        "delete CopilotAPIAuth-User.Read.All",
        "update CopilotAPIAuth",
      ],
    ],
    [
      "apps.readers",
      { apps: { CopilotAPIAuth: { ...app, readers: [reader] } } },
      [`create CopilotAPIAuth-reader-${reader.id}`],
    ],
    [
      "apps, one more",
      { apps: { CopilotAPIAuth: app, Reports: app } },
      ["create Reports", "create Reports", "create Reports", "create Reports-User.Read.All"],
    ],
    ["rotation.everyDays", { rotation: { everyDays: 90 } }, []],
    ["rotation.keepDays", { rotation: { everyDays: 30, keepDays: 30 } }, []],
    ["rotation.graceDays", { rotation: { graceDays: 7 } }, []],
    ["rotation.verification", { rotation: { verification: { tokens: 7, overSeconds: 30 } } }, []],
    ["vault.retentionDays", { vault: { retentionDays: 30 } }, ["update vault"]],
    ["vault.sku", { vault: { sku: "premium" } }, ["update vault"]],
    ["vault.readers", { vault: { readers: [reader] } }, [`create vault-reader-${reader.id}`]],
    ["vault.allowedIpRanges", { vault: { allowedIpRanges: ["203.0.113.0/24"] } }, ["update vault"]],
    ["owners", { owners: [reader.id] }, ["update CopilotAPIAuth", "update CopilotAPIAuth"]],
    ["protect", { protect: true }, []],
    [
      "alerts.email",
      { alerts: { email: "ops@contoso.com" } },
      ["create expiry", "create expiry-", "create expiry-"],
    ],
    ["powerPlatform.environmentId", { powerPlatform: { environmentId } }, powerPlatformReaders],
    [
      "powerPlatform.agents",
      { powerPlatform: { environmentId, agents: ["contoso_helpdesk"] } },
      powerPlatformReaders,
    ],
    [
      "powerPlatform.publisherPrefix",
      { powerPlatform: { environmentId, publisherPrefix: "contoso" } },
      powerPlatformReaders,
    ],
    [
      "powerPlatform.importers",
      { powerPlatform: { environmentId, importers: [reader] } },
      [`create CopilotAPIAuth-reader-${reader.id}`, ...powerPlatformReaders],
    ],
  ];
  it.each(settings)("touches no client secret when %s changes", async (key, changed, changes) => {
    const run = succeeded(await stack.preview({ settings: { ...oneApp, ...changed } }));
    expect(run.changes).toEqual(changes);
    // Power Platform's tags are written on the version that is published.
    const tags = key.startsWith("powerPlatform.") ? ["update CopilotAPIAuth"] : [];
    expect(secretSteps(run).filter((step) => step !== "create Reports")).toEqual(tags);
  });

  it("lets no other vault take the place of its own", async () => {
    const run = await stack.preview({ settings: { ...oneApp, vault: { name: "copilot-other-name" } } });
    expect(run.exitCode).not.toBe(0);
    expect(run.changes).toEqual([]);
    expect(run.said).toContain("pulumi config rm --path 'copilot-token:vault.name'");
  });

  it("shows on refresh what was changed behind its back, and puts it right", async () => {
    const { app, grants } = await contents();
    const { applications, appRoleAssignments } = state.directory;
    const application = applications[app.applicationObjectId];
    if (application === undefined) throw new Error("the app is gone");
    application["web"] = { ...(application["web"] as object), redirectUris: ["https://elsewhere.example/"] };
    for (const { id, principalId } of Object.values(appRoleAssignments)) {
      if (principalId === app.servicePrincipalObjectId) Reflect.deleteProperty(appRoleAssignments, id);
    }
    const refreshed = succeeded(await stack.refresh({ settings: oneApp }));
    expect(refreshed.changes).toEqual(["delete CopilotAPIAuth-User.Read.All", "update CopilotAPIAuth"]);
    const run = succeeded(await stack.up());
    expect(run.changes).toEqual(["create CopilotAPIAuth-User.Read.All", "update CopilotAPIAuth"]);
    expect(grants()).toEqual(permissions);
    expect(application["web"]).toMatchObject({ redirectUris: [] });
  });

  it("leaves a grant alone that it does not know; verify names it", async () => {
    const { grantByHand } = await contents();
    const byHand = grantByHand("Mail.Read");
    expect(succeeded(await stack.refresh()).changes).toEqual([]);
    const outputsFile = `.copilot-token/real-engine-${process.pid}.json`;
    writeFileSync(outputsFile, JSON.stringify(await stack.outputs()));
    const { stdout } = await runBundle(bundleCommands(), ["verify", "--outputs", outputsFile, "--json"], {
      env: stack.emulated.environmentOf(stack.emulated.tenant.identities.deployer),
    });
    rmSync(outputsFile);
    const { checks } = JSON.parse(stdout) as VerifyReport;
    expect(checks.find(({ id }) => id.includes("permissions-extra"))).toMatchObject({
      status: "fail",
      summary: "in the token, but not requested: Mail.Read",
    });
    Reflect.deleteProperty(state.directory.appRoleAssignments, byHand.id);
  });

  it("changes nothing when another identity deploys", async () => {
    const { tenant } = stack.emulated;
    const { verifier } = tenant.identities;
    const takeAway = giveRights(tenant, verifier, deployerGraphPermissions, deployerRoleDefinitionIds);
    const run = succeeded(await stack.up({ as: verifier }));
    expect([run.changes, writes(run)]).toEqual([[], []]);
    expect([...signedIn(run)]).toEqual([verifier.clientId]);
    takeAway();
  });

  it("shows what happened to the published secret behind its back, and adds another one", async () => {
    const { app, keyIds, versions } = await contents();
    const before = keyIds();
    const current = versions().at(-1);
    if (current === undefined) throw new Error("nothing is published");
    current.enabled = false;
    expect(succeeded(await stack.refresh()).changes).toEqual(["update CopilotAPIAuth"]);
    const run = succeeded(await stack.up());
    expect([run.changes, secretSteps(run)]).toEqual([["update CopilotAPIAuth"], ["update CopilotAPIAuth"]]);
    const after = await contents();
    expect(keyIds()).toEqual([...before, after.app.credential.keyId]);
    expect(after.app.credential.sequence).toBe(app.credential.sequence);
    expect([after.publishedKeyId(), succeeded(await stack.refresh()).changes]).toEqual([
      after.app.credential.keyId,
      [],
    ]);
  });

  it("wrote no secret in plain text anywhere", async () => {
    const { versions } = await contents();
    const { deployer, verifier } = stack.emulated.tenant.identities;
    const secrets = [...versions().map(({ value }) => value), deployer.clientSecret, verifier.clientSecret];
    const written = await stack.files();
    expect(secrets).toHaveLength(5);
    expect(written.length).toBeGreaterThan(100_000);
    for (const secret of secrets) expect(written.includes(secret)).toBe(false);
  });

  it("refuses to destroy what is protected", async () => {
    succeeded(await stack.up({ settings: { ...oneApp, protect: true } }));
    const before = structuredClone(state);
    const run = await stack.destroy();
    expect(run.exitCode).not.toBe(0);
    expect(run.said).toContain("protect");
    expect(state).toEqual(before);
  });

  it(
    "is destroyed to the last trace, once unprotected: soft-deleted vault, secret and audit log stay",
    async () => {
      const { vaultName } = await stack.outputs();
      const { app, keyIds } = await contents();
      const kept = keyIds();
      succeeded(await stack.up({ settings: oneApp }));
      expect(keyIds()).toEqual(kept);
      const run = succeeded(await stack.destroy());
      expect(secretSteps(run)).toEqual(["delete CopilotAPIAuth"]);
      expect(Object.keys(state.vaults)).toEqual([vaultName]);
      expect(state.vaults[vaultName]?.secrets).toEqual({});
      expect(Object.keys(state.vaults[vaultName]?.deletedSecrets ?? {})).toEqual(["copilotapiauth"]);
      expect(Object.keys(state.arm.deletedVaults)).toEqual([vaultName]);
      // The audit log, kept under its name for 14 days.
      expect(Object.keys(state.arm.deletedWorkspaces ?? {})).toHaveLength(1);
      expect(Object.keys(state.directory.deletedItems).sort()).toEqual(
        [app.applicationObjectId, app.servicePrincipalObjectId].sort(),
      );
      expect(state).toEqual({
        ...seeded,
        directory: { ...seeded.directory, deletedItems: state.directory.deletedItems },
        arm: {
          ...seeded.arm,
          deletedVaults: state.arm.deletedVaults,
          deletedWorkspaces: state.arm.deletedWorkspaces,
        },
        vaults: state.vaults,
      });
      // Microsoft Graph's own service principal was never written to, let alone deleted.
      expect(
        asked(run, `/servicePrincipals/${graphObjectId}`).map(({ method, path }) => [method, path]),
      ).toEqual([
        ["DELETE", expect.stringContaining(`/servicePrincipals/${graphObjectId}/appRoleAssignedTo/`)],
      ]);
    },
    minutes(5),
  );

  it("goes up again after that", async () => {
    expect(succeeded(await stack.up()).changes).toEqual(creations);
    const { keyIds, publishedKeyId, grants } = await contents();
    expect(keyIds()).toEqual([publishedKeyId()]);
    expect(grants()).toEqual(permissions);
  });
});
