import { fixLines } from "../support/fixLines";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isPermitted } from "../../emulator/arm/access";
import type { EngineProcesses } from "../../emulator/pulumi/engineProcess";
import { openStackState, type StackState } from "../../emulator/pulumi/stackState";
import { graphObjectId } from "../../emulator/tenant/seed";
import type { TenantState } from "../../emulator/tenant/tenant";
import { roleGuidIn } from "../../core/access/azureRoles";
import { environmentOf } from "../../core/settings/bootstrapSettings";
import { explainMissingRight } from "../../core/access/missingRight";
import {
  azureRights,
  graphRights,
  isCustomRole,
  rightsOf,
  type IdentityKey,
  type Right,
} from "../../core/access/rights";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { examine } from "../../scripts/doctor/doctor";
import { inlineEngine } from "../../scripts/shared/engines/inlineEngine";
import type { EngineRun, StackEngine } from "../../scripts/shared/engines/stackEngine";
import { startTenant, type EmulatedTenant } from "../../emulator/startTenant";
import { failureText } from "../../scripts/rotate/failures";
import { rotate } from "../../scripts/rotate/rotate";
import { steps } from "../../scripts/shared/steps";
import { verify } from "../../scripts/verify/verify";
import {
  bootstrapIn,
  settingsIn,
  type BootstrapOutputs,
  type BootstrappedIdentity,
} from "../support/bootstrappedTenant";
import { engineProcesses } from "../support/inlineEngine";
import { quickRotation } from "../support/testStack";
import { azureExchange, testWorld, type TestWorld } from "../support/testWorld";

const projectDir = resolve(".");
const repository = "Contoso/Agents";
/** Everything that a deployer's rights are for: an app with a reader is made, the one before removed. */
const changed = (reader: string) => ({
  Second: {
    permissions: ["Group.Read.All"],
    readers: [{ id: reader, type: "ServicePrincipal" }],
  },
});

let emulated: EmulatedTenant;
let folder: string;
let made: BootstrapOutputs;
let who: Readonly<Record<"deployer" | "rotator" | "verifier", BootstrappedIdentity>>;
let outputs: StackOutputs;
let settings: Record<string, unknown>;
let processes: EngineProcesses;
/** Tenant and stack as the deployer left them, for each test anew. */
let deployed: { readonly tenant: TenantState; readonly stack: string };

const stackFile = (): string => join(folder, "stack.json");
const openState = (): StackState =>
  openStackState({ project: "copilot-token", stack: "test", passphrase: "rights", file: stackFile() });
const vaultId = (): string => outputs.vaultResourceId;

/** A job of the repository's environment, signed in only by GitHub's token: no identity here has a secret. */
async function jobOf(
  { clientId }: BootstrappedIdentity,
  environment: string,
): Promise<Record<string, string>> {
  return emulated.environmentOf(await emulated.workflow({ repository, environment }, clientId));
}

function engineOf(environment: Record<string, string>, apps: object, more: object = {}): StackEngine {
  const config = { ...settings, ...more, apps, rotation: quickRotation, protect: false };
  return inlineEngine("test", {
    projectDir,
    environment,
    stack: "test",
    state: openState(),
    processes,
    config: {
      "azure-native:location": "westeurope",
      ...Object.fromEntries(
        Object.entries(config).map(([key, value]) => [`copilot-token:${key}`, JSON.stringify(value)]),
      ),
    },
  });
}

const firstApp = { CopilotAPIAuth: { permissions: ["User.Read.All"] } };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rights-"));
  processes = engineProcesses();
  emulated = await startTenant({
    projectDir,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
  });
  const bootstrap = bootstrapIn(emulated);
  const run = await bootstrap.up({ repositories: [repository] });
  if (!run.ok) throw new Error(run.said);
  made = run.outputs as unknown as BootstrapOutputs;
  const { deployer, rotator, verifier } = made.identities;
  if (deployer === undefined || rotator === undefined || verifier === undefined) throw new Error(run.said);
  settings = settingsIn(made.next.stack);
  who = { deployer, rotator, verifier };
  const up = await engineOf(await jobOf(deployer, "deploy"), firstApp).up();
  if (!up.ok) throw new Error(failuresOf(up));
  outputs = readStackOutputs(up.outputs);
  // What the bootstrap asks for next: the rotator's role moves from the subscription to the vault.
  const narrowed = await bootstrap.up({
    repositories: [repository],
    identities: { deployer: {}, rotator: { scopes: [vaultId()] }, verifier: {} },
  });
  if (!narrowed.ok) throw new Error(narrowed.said);
  deployed = { tenant: structuredClone(emulated.tenant.state), stack: readFileSync(stackFile(), "utf8") };
});

function restore({ tenant, stack }: typeof deployed): void {
  Object.assign(emulated.tenant.state, structuredClone(tenant));
  writeFileSync(stackFile(), stack);
}

beforeEach(() => {
  restore(deployed);
});

afterAll(async () => {
  await emulated.close();
  rmSync(folder, { recursive: true });
});

function failuresOf({ failures }: EngineRun): string {
  return failures.map(({ message }) => message).join("\n");
}

/** Removes one right, no matter how it was given. */
function takeAway({ servicePrincipalObjectId: objectId }: BootstrappedIdentity, right: Right): void {
  const { directory, arm } = emulated.tenant.state;
  if (right.kind === "ownership") {
    for (const owned of [
      ...Object.values(directory.applications),
      ...Object.values(directory.servicePrincipals),
    ]) {
      owned.ownerIds = owned.ownerIds.filter((id) => id !== objectId);
    }
    return;
  }
  if (right.kind === "graph") {
    const role = directory.servicePrincipals[graphObjectId]?.appRoles.find(
      ({ value }) => value === right.permission,
    );
    dropOne(
      directory.appRoleAssignments,
      ({ principalId, appRoleId }) => principalId === objectId && appRoleId === role?.id,
    );
    return;
  }
  const { role } = right;
  const guid = isCustomRole(role)
    ? Object.values(arm.roleDefinitions).find(({ roleName }) => roleName.startsWith(role.name))?.name
    : role.guid;
  dropOne(
    arm.roleAssignments,
    ({ principalId, roleDefinitionId }) => principalId === objectId && roleGuidIn(roleDefinitionId) === guid,
  );
}

function dropOne<T>(items: Record<string, T>, isTheOne: (item: T) => boolean): void {
  const keys = Object.keys(items).filter((key) => isTheOne(items[key] as T));
  expect(keys).toHaveLength(1);
  Reflect.deleteProperty(items, keys[0] ?? "");
}

function worldOf(env: Readonly<Record<string, string>>): TestWorld {
  const { tenant } = emulated;
  return testWorld({
    env,
    exchange: azureExchange(tenant),
    now: () => tenant.clock.now(),
    onSleep: (milliseconds) => {
      tenant.clock.advance(milliseconds);
    },
    runTool: () => Promise.resolve({ exitCode: 0, stdout: "v3.260.0\n", stderr: "" }),
  });
}

/** State lies where no emulated service keeps blobs: see the last test. */
const testable = (key: IdentityKey): Right[] =>
  rightsOf(key).filter((right) => right.kind !== "azure" || !right.scope.startsWith("state"));

const named = (right: Right): string =>
  right.kind === "graph" ? right.permission : right.kind === "ownership" ? "ownership" : right.role.name;

describe("the deployer that the bootstrap made", () => {
  const deploy = async () =>
    engineOf(await jobOf(who.deployer, "deploy"), changed(who.verifier.servicePrincipalObjectId)).up();

  it("makes an app, grants, lets read, and removes another app", async () => {
    const run = await deploy();
    expect([run.ok, failuresOf(run)]).toEqual([true, ""]);
  });

  it.each(testable("deployer").map((right) => [named(right), right] as const))(
    "cannot without %s, and hears what it lacks",
    async (name, right) => {
      takeAway(who.deployer, right);
      const run = await deploy();
      expect(run.ok).toBe(false);
      const lacks = run.failures.map(({ message }) => explainMissingRight(message) ?? "").join("\n");
      const wanted = name === "ownership" ? "setting owners" : name;
      expect(lacks).toContain(wanted);
    },
  );
});

describe("a granter that the bootstrap made apart", () => {
  let apart: typeof deployed;
  let both: Readonly<Record<"deployer" | "granter" | "rotator", BootstrappedIdentity>>;
  let granterSettings: Record<string, unknown>;
  const apps = { Apart: { permissions: ["User.Read.All"] } };
  const more = { Apart: { permissions: ["User.Read.All", "Group.Read.All"] } };
  const deploy = async (environment: string, wanted: object) =>
    engineOf(await jobOf(both.deployer, environment), wanted, granterSettings).up();

  beforeAll(async () => {
    const run = await bootstrapIn(emulated, "apart").up({
      repositories: [repository],
      identities: { deployer: {}, granter: {}, rotator: {} },
    });
    const { identities, next } = run.outputs as unknown as BootstrapOutputs;
    const { deployer, granter, rotator } = identities;
    if (deployer === undefined || granter === undefined || rotator === undefined) throw new Error(run.said);
    both = { deployer, granter, rotator };
    granterSettings = settingsIn(next.stack);
    rmSync(stackFile());
    const first = await deploy("grant", apps);
    if (!first.ok) throw new Error(failuresOf(first));
    apart = { tenant: structuredClone(emulated.tenant.state), stack: readFileSync(stackFile(), "utf8") };
  });
  beforeEach(() => {
    restore(apart);
  });

  it("gives consent in the deployer's run, which can give none itself", async () => {
    const run = await deploy("grant", more);
    expect([run.ok, failuresOf(run)]).toEqual([true, ""]);
  });

  it.each(testable("granter").map((right) => [named(right), right] as const))(
    "cannot without %s, and the deployer hears what it lacks",
    async (name, right) => {
      takeAway(both.granter, right);
      const run = await deploy("grant", more);
      const lacks = run.failures.map(({ message }) => explainMissingRight(message) ?? "").join("\n");
      expect(run.ok).toBe(false);
      expect(lacks).toContain(name);
    },
  );

  it("cannot sign in from the deployer's own environment", async () => {
    const run = await deploy("deploy", more);
    expect(run.ok).toBe(false);
    expect(failuresOf(run)).toContain("AADSTS700213");
  });

  describe("is not asked by the rotator", () => {
    const granted = (): string[] => {
      const { servicePrincipals, appRoleAssignments } = emulated.tenant.state.directory;
      const app = Object.values(servicePrincipals).find(({ displayName }) => displayName === "Apart");
      const roles = servicePrincipals[graphObjectId]?.appRoles ?? [];
      return Object.values(appRoleAssignments)
        .filter(({ principalId }) => principalId === app?.id)
        .map(({ appRoleId }) => roles.find(({ id }) => id === appRoleId)?.value ?? appRoleId)
        .sort();
    };
    const rotateNow = async (wanted: object) => {
      const environment = await jobOf(both.rotator, "rotate");
      const world = worldOf(environment);
      const engine = engineOf(environment, wanted, granterSettings);
      return rotate(world, steps(world, true), { engine, wish: "now", dryRun: false });
    };
    const tellsOf = (report: Awaited<ReturnType<typeof rotateNow>>) =>
      report.verifiedAfter?.checks
        .filter(({ status }) => status === "fail")
        .map(({ id, summary }) => `${id}: ${summary}`);

    it("whose run leaves the consents as they are, in the tenant and in the state", async () => {
      const consents = () =>
        openState()
          .checkpoint()
          .resources.filter(({ type }) => type.includes("appRoleAssignment"));
      const before = consents();
      const report = await rotateNow(apps);
      expect([report.ok, report.failures, report.apps.map(({ after }) => after?.sequence)]).toEqual([
        true,
        [],
        [2],
      ]);
      expect([consents(), granted()]).toEqual([before, ["User.Read.All"]]);
    });

    it("who does not grant what waits in the settings, and says that it waits; the deployer grants it", async () => {
      const report = await rotateNow(more);
      expect([report.failures, report.apps.map(({ after }) => after?.sequence)]).toEqual([[], [2]]);
      expect([granted(), tellsOf(report)]).toEqual([
        ["User.Read.All"],
        ["grants: declared and not granted: Group.Read.All"],
      ]);
      const deployment = await deploy("grant", more);
      expect([deployment.ok, failuresOf(deployment)]).toEqual([true, ""]);
      expect(granted()).toEqual(["Group.Read.All", "User.Read.All"]);
    });

    it("who does not take back what the settings no longer name", async () => {
      expect((await deploy("grant", more)).ok).toBe(true);
      const report = await rotateNow(apps);
      expect(report.failures).toEqual([]);
      expect(granted()).toEqual(["Group.Read.All", "User.Read.All"]);
      expect((await deploy("grant", apps)).ok).toBe(true);
      expect(granted()).toEqual(["User.Read.All"]);
    });
  });
});

describe("the rotator that the bootstrap made", () => {
  const rotateNow = async () => {
    const environment = await jobOf(who.rotator, "rotate");
    const world = worldOf(environment);
    const engine = engineOf(environment, firstApp);
    return rotate(world, steps(world, true), { engine, wish: "leaked", dryRun: false });
  };

  it("replaces a leaked secret, verifies the new one and removes the old one", async () => {
    const report = await rotateNow();
    expect([report.ok, report.failures]).toEqual([true, []]);
    expect(report.apps.map(({ after, removed }) => [after?.sequence, removed.length])).toEqual([[2, 1]]);
    expect(report.verifiedAfter?.checks.filter(({ status }) => status === "fail")).toEqual([]);
  });

  it.each(testable("rotator").map((right) => [named(right), right] as const))(
    "cannot without %s, and hears what it lacks",
    async (name, right) => {
      takeAway(who.rotator, right);
      const report = await rotateNow();
      expect(report.ok).toBe(false);
      const said = [
        ...report.failures.map(failureText),
        ...(report.verifiedAfter?.checks ?? []).map(fixLines),
      ].join("\n");
      expect(said).toContain(name === "ownership" ? "setting owners" : name);
    },
  );
});

describe("the verifier that the bootstrap made", () => {
  const verifyNow = async (environment = "verify") =>
    verify(worldOf(await jobOf(who.verifier, environment)), { loaded: { outputs, from: "outputs.json" } });

  it("verifies the apps with nothing but the outputs and the secrets", async () => {
    const report = await verifyNow();
    expect(report.checks.filter(({ status }) => status === "fail")).toEqual([]);
    expect(report.verified).toBe(true);
  });

  it("cannot without Key Vault Secrets User, and hears what it lacks", async () => {
    const [right] = testable("verifier");
    if (right === undefined) throw new Error("no right");
    takeAway(who.verifier, right);
    const report = await verifyNow();
    expect(report.verified).toBe(false);
    expect(fixLines(report.checks.find(({ id }) => id === "vault-secret"))).toContain(named(right));
  });

  it("cannot sign in from another environment, or from a repository in another case", async () => {
    const report = await verifyNow("rotate");
    expect(report.verified).toBe(false);
    expect(JSON.stringify(report.checks)).toContain("AADSTS700213");
  });

  it("may nothing else", () => {
    const { directory, arm } = emulated.tenant.state;
    const { servicePrincipalObjectId: objectId } = who.verifier;
    expect(Object.values(directory.appRoleAssignments).filter((one) => one.principalId === objectId)).toEqual(
      [],
    );
    expect(
      Object.values(arm.roleAssignments)
        .filter(({ principalId }) => principalId === objectId)
        .map(({ scope }) => scope),
    ).toEqual([vaultId()]);
  });
});

describe("doctor", () => {
  const prefixed = (given: object) =>
    Object.fromEntries(Object.entries(given).map(([key, value]) => [`copilot-token:${key}`, value]));

  const examined = async (key: keyof typeof who) => {
    const directory = mkdtempSync(join(folder, "project-"));
    writeFileSync(join(directory, "Pulumi.yaml"), "name: copilot-token\nruntime: nodejs\n");
    const config = { "azure-native:location": "westeurope", ...prefixed({ ...settings, apps: firstApp }) };
    writeFileSync(join(directory, "Pulumi.test.yaml"), JSON.stringify({ config }));
    const runTool: TestWorld["runTool"] = (_, [verb]) =>
      Promise.resolve({
        exitCode: 0,
        stdout: verb === "version" ? "v3.260.0\n" : JSON.stringify(outputs),
        stderr: "",
      });
    const world = worldOf(await jobOf(who[key], environmentOf(key, undefined)));
    return examine({ ...world, directory, runTool }, "test", key);
  };
  const troubles = (report: Awaited<ReturnType<typeof examined>>) =>
    report.checks.filter(({ status }) => status === "fail" || status === "warn").map(({ id }) => id);

  it.each(["rotator", "verifier"] as const)(
    "finds that the %s has its rights, and looks at no others",
    async (key) => {
      const report = await examined(key);
      expect(troubles(report)).toEqual([]);
      expect(
        report.checks.filter(({ id }) => id.endsWith("-rights")).map(({ id, status }) => [id, status]),
      ).toEqual([
        ...(graphRights(rightsOf(key)).length > 0 ? [["graph-rights", "pass"]] : []),
        ["azure-rights", "pass"],
      ]);
    },
  );

  it("finds that the deployer has its rights, and may not verify", async () => {
    expect(troubles(await examined("deployer"))).toEqual(["readers"]);
  });

  it.each(["deployer", "rotator", "verifier"] as const)("names each right that the %s lacks", async (key) => {
    for (const right of testable(key).filter(({ kind }) => kind !== "ownership")) {
      Object.assign(emulated.tenant.state, structuredClone(deployed.tenant));
      takeAway(who[key], right);
      const report = await examined(key);
      const found = report.checks.find(
        ({ id }) => id === (right.kind === "graph" ? "graph-rights" : "azure-rights"),
      );
      expect([named(right), found?.status, fixLines(found)]).toEqual([
        named(right),
        right.kind === "azure" && right.later === true ? "warn" : "fail",
        expect.stringContaining(named(right)),
      ]);
    }
  });
});

describe("the state", () => {
  it("is given only to the deployer and the rotator, where the bootstrap knows its place", async () => {
    const { tenant } = emulated;
    const group = `/subscriptions/${made.subscriptionId}/resourceGroups/state`;
    const account = `${group}/providers/Microsoft.Storage/storageAccounts/copilotstate`;
    const vault = `${group}/providers/Microsoft.KeyVault/vaults/state-kv`;
    const { resources } = tenant.state.arm;
    const place = (id: string, type: string) => {
      resources[id.toLowerCase()] = {
        id,
        name: id.split("/").at(-1) ?? "",
        type,
        location: "westeurope",
        properties: {},
      };
    };
    place(group, "Microsoft.Resources/resourceGroups");
    place(account, "Microsoft.Storage/storageAccounts");
    place(vault, "Microsoft.KeyVault/vaults");
    const container = `${account}/blobServices/default/containers/pulumi`;
    const key = `${vault}/keys/pulumi`;
    const run = await bootstrapIn(emulated, "withState").up({
      repositories: [repository],
      identities: { deployer: {}, granter: {}, rotator: {}, verifier: {} },
      state: { container, key },
    });
    const { identities, next } = run.outputs as unknown as BootstrapOutputs;
    const state = azureRights(rightsOf("rotator")).filter(({ scope }) => scope.startsWith("state"));
    const may = (principal: string, scope: string) =>
      state
        .flatMap(({ uses }) => uses)
        .filter((use) => isPermitted(tenant, principal, use, scope))
        .map((use) => ("dataAction" in use ? use.dataAction.split("/").at(-2) : ""));
    const held = Object.entries(identities).map(([name, identity]) => {
      const principal = identity.servicePrincipalObjectId;
      return [name, may(principal, container), may(principal, key), may(principal, `${container}-other`)];
    });
    const blobs = ["blobs", "blobs", "blobs"];
    const keys = ["decrypt", "encrypt"];
    expect(held).toEqual([
      ["deployer", blobs, keys, []],
      ["granter", [], [], []],
      ["rotator", blobs, keys, []],
      ["verifier", [], [], []],
    ]);
    expect(next.github).toContain(
      `gh variable set PULUMI_BACKEND_URL --repo '${repository}' --body 'azblob://pulumi?storage_account=copilotstate'`,
    );
  });
});
