import { trustSubject } from "../../../emulator/tenant/seedTrust";
import { fixLines } from "../../support/fixLines";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStackState } from "../../../emulator/pulumi/stackState";
import { workflowVariables } from "../../../emulator/github/githubActions";
import { graphObjectId } from "../../../emulator/tenant/seed";
import { ConnectionError } from "../../../azure/connectionError";
import type { HttpAnswer } from "../../../azure/http";
import { execute } from "../../../scripts/shared/command";
import { reportedInOtherProgram } from "../../../core/otherProgram";
import { doctorCommand } from "../../../scripts/doctor/command";
import { initCommand } from "../../../scripts/init/command";
import { localCommand } from "../../../scripts/local/command";
import { checkpointFile } from "../../../scripts/shared/engines/inlineEngine";
import { examine } from "../../../scripts/doctor/doctor";
import type { DoctorCheckId, DoctorReport } from "../../../scripts/doctor/finding";
import type { CheckStatus } from "../../../scripts/verify/report";
import { checkNode } from "../../../scripts/doctor/tools";
import type { Environment } from "../../../azure/proxy";
import type { ToolResult } from "../../../scripts/shared/world";
import { deployStack, stackId, type DeployedStack } from "../../support/deployedStack";
import { writeProviderPackage } from "../../support/providerPackage";
import {
  armEnvironment,
  azureExchange,
  jsonAnswer,
  testWorld,
  type Interception,
} from "../../support/testWorld";

let stack: DeployedStack;
let directory: string;

beforeEach(async () => {
  // An app of another name is there already, with a vault.
  stack = await deployStack({ apps: { Other: ["User.Read.All"] } });
  directory = mkdtempSync(join(tmpdir(), "doctor-"));
  writeFileSync(join(directory, "Pulumi.yaml"), "name: copilot-token\nruntime: nodejs\n");
  writeProviderPackage(directory, "3.28.0", "2024-11-01");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

interface Setting {
  /** Of this project, by key; the deployer is a reader unless said otherwise. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Of others, by full key. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Environment;
  readonly intercept?: Interception;
  readonly clockAheadMinutes?: number;
  readonly tools?: Readonly<Record<string, ToolResult>>;
}

const ok = (stdout: string): ToolResult => ({ exitCode: 0, stdout, stderr: "" });

function worldOf({
  settings = {},
  config = {},
  env = {},
  intercept,
  clockAheadMinutes = 0,
  tools = {},
}: Setting) {
  const { tenant, clock } = stack;
  const readers = [{ id: tenant.identities.deployer.objectId, type: "ServicePrincipal" }];
  const all = {
    "azure-native:location": "westeurope",
    ...config,
    "copilot-token:vault": { readers },
    ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [`copilot-token:${key}`, value])),
  };
  writeFileSync(join(directory, "Pulumi.dev.yaml"), JSON.stringify({ config: all }));
  return testWorld({
    directory,
    env: { ...armEnvironment(tenant, "deployer"), ...env },
    exchange: azureExchange(tenant, intercept),
    now: () => new Date(clock.now().getTime() + clockAheadMinutes * 60_000),
    runTool: (tool, toolArguments) => {
      const command = [tool, ...toolArguments].join(" ");
      // Nothing but PATH has tools here.
      if (tool.includes("/")) return Promise.resolve({ exitCode: undefined, stdout: "", stderr: "" });
      const all = { "pulumi version": ok("v3.260.0\n"), ...tools };
      const answer = Object.entries(all).find(([start]) => command.startsWith(start))?.[1];
      return Promise.resolve(answer ?? { exitCode: 1, stdout: "", stderr: "no" });
    },
  });
}

async function examined(setting: Setting = {}): Promise<DoctorReport> {
  return examine(worldOf(setting));
}

/** Everything that did not pass, by check. */
function troubles({ checks }: DoctorReport): Record<string, string> {
  return Object.fromEntries(
    checks.filter(({ status }) => status !== "pass").map(({ id, status }) => [id, status]),
  );
}

function finding({ checks }: DoctorReport, id: DoctorCheckId) {
  const found = checks.find((check) => check.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
}

/** The tenant's policy on client secrets is closed to the deployer. */
const usual = { "secret-policy": "skip" };
/** Before the first deployment there are no outputs. */
const usualBefore = { ...usual, deployed: "skip" };

describe("doctor", () => {
  it("finds a deployer with the rights of the README ready, and says what it could not see", async () => {
    const report = await examined();

    expect(troubles(report)).toEqual(usualBefore);
    expect(report.ready).toBe(true);
    expect(finding(report, "deployed").summary).toContain("no outputs of this stack were found");
    expect(finding(report, "identity").summary).toBe(
      `copilot-token deployer, object ${stack.tenant.identities.deployer.objectId}, for the engine and the scripts`,
    );
  });

  it("changes nothing", async () => {
    const before = JSON.stringify(stack.tenant.state);
    await examined();
    expect(JSON.stringify(stack.tenant.state)).toBe(before);
  });

  it("prints a line for each finding, and exits 1 when something fails", async () => {
    const world = worldOf({ settings: { apps: { A: { permissions: ["User.Read"] } } } });

    expect(await execute(doctorCommand, [], world)).toBe(1);
    expect(world.printed.join("\n")).toMatch(
      /✗ permission-names +copilot-token:apps\.A\.permissions\[0\] "User\.Read": .*\n +-> pulumi config set --path .* User\.Read\.All/,
    );
    expect(world.printed.at(-1)).toBe("NOT READY: fix the failed checks, then run this again.");
  });

  it("prints JSON without a secret or a token", async () => {
    const world = worldOf({});
    await execute(doctorCommand, ["--json"], world);

    expect(JSON.parse(world.printed.join("\n"))).toMatchObject({
      schemaVersion: 1,
      ready: true,
      stack: "dev",
    });
    for (const secret of stack.secrets) expect(world.printed.join("\n")).not.toContain(secret);
    expect(world.printed.join("\n")).not.toContain("eyJ");
  });
});

describe("doctor, of a stack that the inline engine holds", () => {
  it("takes the stack's own app for no other one of that name", async () => {
    const file = checkpointFile(directory, "dev");
    const state = openStackState({ project: "copilot-token", stack: "dev", passphrase: "emulated", file });
    state.record({ kind: "outputs", outputs: { ...stack.outputs } });
    // A state without a resource is no stack.
    const resource = {
      urn: "urn:pulumi:dev::copilot-token::a:b:C::d",
      type: "a:b:C",
      name: "d",
      custom: false,
    };
    state.record({ kind: "put", resource: { ...resource, inputs: {}, outputs: {}, dependencies: [] } });
    state.save();
    const env = { COPILOT_TOKEN_EMULATOR: "http://127.0.0.1:1", PULUMI_CONFIG_PASSPHRASE: "emulated" };
    const settings = { apps: { Other: { permissions: ["User.Read.All"] } } };

    expect(troubles(await examined({ settings }))).toMatchObject({ "same-name": "fail" });
    expect(troubles(await examined({ settings, env }))).not.toHaveProperty("same-name");
  });
});

describe("doctor, in a program of another project", () => {
  const world = (setting: Setting & { readonly exported?: unknown } = {}) => {
    const { exported = { agent: { forCommands: stack.outputs } }, tools = {}, ...rest } = setting;
    const given = worldOf({
      ...rest,
      tools: { "pulumi stack output": ok(JSON.stringify(exported)), ...tools },
    });
    // Its settings are its own.
    writeFileSync(join(directory, "Pulumi.yaml"), "name: own\nruntime: nodejs\n");
    rmSync(join(directory, "Pulumi.dev.yaml"));
    return { ...given, inOtherProgram: true, words: reportedInOtherProgram };
  };
  const usualThere = { ...usual, readers: "skip" };

  it("looks at what the stack publishes, wherever it is exported", async () => {
    const report = await examine(world());
    expect(troubles(report)).toEqual(usualThere);
    expect(finding(report, "settings").summary).toBe("stack dev publishes Other");
    expect(finding(report, "permission-names").summary).toContain("User.Read.All");
    expect(finding(report, "vault-name").summary).toContain(`${stack.outputs.vaultName} is there`);
    expect(finding(report, "azure-rights").summary).toContain(stack.outputs.vaultResourceId);
    expect((await examine(world(), undefined, "rotator")).checks.map(({ id }) => id)).toContain("deployed");
  });

  it("says what it could not look at where nothing is deployed yet, and what to do", async () => {
    const found = finding(await examine(world({ exported: {} })), "settings");
    expect([found.status, found.summary]).toEqual(["warn", expect.stringContaining("publishes no app yet")]);
    expect(fixLines(found)).toContain("Export its output details");
  });

  it("fails where the stack's outputs have no details", async () => {
    const found = finding(await examine(world({ exported: { clientId: "x" } })), "settings");
    expect(found.status).toBe("fail");
    expect(fixLines(found)).toContain("Export the output details");
  });

  it("finds consent that is missing, and names what grants it again", async () => {
    const { directory: entra } = stack.tenant.state;
    const principal = stack.outputs.apps["Other"]?.servicePrincipalObjectId;
    for (const [id, { principalId }] of Object.entries(entra.appRoleAssignments)) {
      if (principalId === principal) Reflect.deleteProperty(entra.appRoleAssignments, id);
    }
    const found = finding(await examine(world()), "deployed");
    expect([found.status, found.summary]).toEqual(["fail", "Other: consent is missing for User.Read.All"]);
    expect(fixLines(found)).toContain("pulumi up --refresh --stack dev");
  });

  it.each([
    [61, "warn", /a rotation of Other is due/],
    [125, "warn", /Other publishes ends at/],
    [200, "fail", /Other publishes expired at/],
  ])("warns of credentials: %i days on", async (days, status, words) => {
    const { clock } = stack;
    const credential = stack.outputs.apps["Other"]?.credential;
    const now = new Date(new Date(credential?.startsAt ?? "").getTime() + days * 86_400_000);
    const context = await examine({ ...world(), now: () => now });
    const found = finding(context, "deployed");
    expect(clock.now() < now).toBe(true);
    expect([found.status, found.summary]).toEqual([status, expect.stringMatching(words)]);
  });

  it("names commands and arguments as they are there", async () => {
    const there = world({ exported: {} });
    await execute(doctorCommand, [], there);
    expect(there.printed.join("\n")).not.toMatch(/npm run|copilot-token:(?!id)/);
    expect(there.printed.join("\n")).toContain("npx copilot-token verify");
  });

  it("leaves init and local to a clone, with what to do instead", async () => {
    await expect(execute(initCommand, ["--yes"], world())).rejects.toThrow(
      /no clone of copilot-token.*pulumi new/,
    );
    await expect(execute(localCommand, [], world())).rejects.toThrow(/no clone of copilot-token.*pulumi up/s);
  });
});

describe("doctor, for a local run with --keep", () => {
  const settings = { apps: { Other: { permissions: ["User.Read.All"] } } };
  beforeEach(() => {
    mkdirSync(join(directory, ".copilot-token"));
    writeFileSync(join(directory, ".copilot-token", "outputs.json"), JSON.stringify(stack.outputs));
  });

  it("knows the stack's own app by the outputs that lie there, whichever engine made it", async () => {
    expect(troubles(await examined({ settings }))).not.toHaveProperty("same-name");
  });

  it("takes them for no other stack's", async () => {
    const tools = { "pulumi stack --show-name": ok("dev\n") };
    expect(troubles(await examined({ settings, tools }))).toMatchObject({ "same-name": "fail" });
  });
});

const otherApp = () => {
  const { applications } = stack.tenant.state.directory;
  const found = Object.values(applications).find(({ displayName }) => displayName === "Other");
  if (found === undefined) throw new Error("the tenant has no such app");
  return found;
};
const changeOther = (change: Readonly<Record<string, unknown>>): void => {
  Object.assign(otherApp(), change);
};

interface Case extends Setting {
  readonly spoil?: () => unknown;
  readonly check: DoctorCheckId;
  readonly status: CheckStatus;
  readonly words: RegExp;
  readonly repair?: RegExp;
}

function tokenOf(claims: object): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${encode({})}.${encode(claims)}.c2ln`;
}

const graph = "https://graph.microsoft.com/v1.0";

function loseGraphPermission(permission: string): void {
  const { appRoleAssignments } = stack.tenant.state.directory;
  for (const [id, grant] of Object.entries(appRoleAssignments)) {
    const isDeployers = grant.principalId === stack.tenant.identities.deployer.objectId;
    if (isDeployers && grant.appRoleId === stack.roleId(permission))
      Reflect.deleteProperty(appRoleAssignments, id);
  }
}

function loseAzureRole(roleId: string): void {
  const { roleAssignments } = stack.tenant.state.arm;
  for (const [id, { roleDefinitionId }] of Object.entries(roleAssignments)) {
    if (roleDefinitionId.endsWith(roleId)) Reflect.deleteProperty(roleAssignments, id);
  }
}

/** As if the deployer might read the tenant's policy. */
function policyAnswers(
  passwordCredentials: readonly object[],
  keyCredentials: readonly object[] = [],
): Interception {
  return ({ url }) =>
    url.includes("defaultAppManagementPolicy")
      ? {
          status: 200,
          headers: {},
          body: JSON.stringify({
            id: "policy",
            isEnabled: true,
            applicationRestrictions: { passwordCredentials, keyCredentials },
          }),
        }
      : undefined;
}

const byCertificate = { apps: { Reports: { permissions: ["User.Read.All"], credential: "certificate" } } };

const inEnvironment = { powerPlatform: { environmentId: "e1f0c2d4-5a6b-4c7d-8e9f-0a1b2c3d4e5f" } };

function agentService() {
  const { servicePrincipals } = stack.tenant.state.directory;
  const found = Object.values(servicePrincipals).find(
    ({ displayName }) => displayName === "Power Virtual Agents Service",
  );
  if (found === undefined) throw new Error("the seed has no agent service");
  return found;
}

const cases: Readonly<Record<string, Case>> = {
  "a Pulumi CLI that is missing": {
    tools: { "pulumi version": { exitCode: undefined, stdout: "", stderr: "" } },
    check: "pulumi",
    status: "fail",
    words: /not installed/,
    repair: /npm run local/,
  },
  "a Pulumi CLI that is old": {
    tools: { "pulumi version": ok("v3.259.9") },
    check: "pulumi",
    status: "fail",
    words: /on PATH \(pulumi\) is 3\.259\.9; this project needs 3\.260\.0 or later/,
  },
  "a provider whose Key Vault API version nears its end": {
    spoil: () => {
      stack.clock.advance(40 * 86_400_000);
    },
    check: "key-vault-api",
    status: "warn",
    words:
      /azure-native 3\.28\.0 speaks 2024-11-01 to Key Vault, which Azure retires on 2027-02-27, in 56 days/,
    repair: /npm install @pulumi\/azure-native@latest/,
  },
  "a provider whose Key Vault API version has ended": {
    spoil: () => {
      stack.clock.advance(100 * 86_400_000);
    },
    check: "key-vault-api",
    status: "fail",
    words: /which Azure has retired on 2027-02-27/,
  },
  "packages that are not installed": {
    spoil: () => {
      rmSync(join(directory, "node_modules"), { recursive: true });
    },
    check: "key-vault-api",
    status: "skip",
    words: /not known: .*npm ci/,
  },
  "settings that cannot work": {
    settings: { rotation: { everyDays: 0 } },
    check: "settings",
    status: "fail",
    words: /copilot-token:rotation\.everyDays 0: At least 1 day/,
    repair: /pulumi config/,
  },
  "owners without the deployer": {
    settings: { owners: ["22222222-2222-4333-8444-555555555555"] },
    check: "graph-rights",
    status: "fail",
    words: /is not among the owners/,
    repair: /pulumi config set --path 'copilot-token:owners\[1\]' [0-9a-f-]{36}/,
  },
  "a location that is missing": {
    config: { "azure-native:location": "" },
    check: "settings",
    status: "fail",
    words: /azure-native:location \(absent\): Azure needs the region/,
  },
  "hosts that a proxy refuses": {
    intercept: ({ url }) =>
      url === "https://management.azure.com/"
        ? new ConnectionError(
            "PROXY_REFUSED",
            "The proxy p:1 (HTTPS_PROXY) refused to connect to management.azure.com: 403.",
          )
        : undefined,
    check: "network",
    status: "fail",
    words: /p:1 .*refused to connect to management\.azure\.com/,
  },
  "a CA file that cannot be read": {
    env: { NODE_EXTRA_CA_CERTS: "/nonexistent.pem" },
    check: "network",
    status: "fail",
    words: /\/nonexistent\.pem, which cannot be read/,
  },
  "a clock that is an hour ahead": {
    clockAheadMinutes: 60,
    check: "clock",
    status: "fail",
    words: /36\d\d s ahead of Azure's/,
  },
  "a sign-in that Entra refuses": {
    env: { ARM_CLIENT_SECRET: "wrong" },
    check: "identity",
    status: "fail",
    words: /refused \(AADSTS7000215\)/,
  },
  "a sign-in that is half there": {
    env: { ARM_CLIENT_ID: "" },
    check: "identity",
    status: "fail",
    words: /ARM_CLIENT_ID is not/,
  },
  "an engine with a sign-in of its own": {
    config: { "azuread:clientId": "0b7d2a51-6c3e-4f80-9d1a-2e5f8c7b6a49" },
    check: "identity",
    status: "warn",
    words: /the engine by settings of the providers \(azuread:clientId\)/,
  },
  "a missing right to consent": {
    spoil: () => {
      loseGraphPermission("AppRoleAssignment.ReadWrite.All");
    },
    check: "graph-rights",
    status: "fail",
    words: /^the identity may not grant admin consent$/,
    repair: /Give it AppRoleAssignment\.ReadWrite\.All/,
  },
  "a missing right to consent to delegated permissions": {
    settings: { apps: { Agent: { delegated: ["User.Read"] } } },
    spoil: () => {
      loseGraphPermission("DelegatedPermissionGrant.ReadWrite.All");
    },
    check: "graph-rights",
    status: "fail",
    words: /^the identity may not consent to delegated permissions$/,
    repair: /Give it DelegatedPermissionGrant\.ReadWrite\.All/,
  },
  "a missing right to make apps": {
    spoil: () => {
      loseGraphPermission("Application.ReadWrite.OwnedBy");
    },
    check: "graph-rights",
    status: "fail",
    words: /^the identity may not create apps and client secrets$/,
    repair: /Give it Application\.ReadWrite\.OwnedBy/,
  },
  "a missing right to write to the subscription": {
    spoil: () => {
      loseAzureRole("b24988ac-6180-42a0-ab88-20f7382dd24c");
    },
    check: "azure-rights",
    status: "fail",
    words: /may not .*Microsoft\.KeyVault\/vaults\/write/,
    repair: /--role Contributor/,
  },
  "a missing right to assign roles": {
    spoil: () => {
      loseAzureRole("f58310d9-a9f6-439a-9e8d-f62e7b41a168");
    },
    check: "azure-rights",
    status: "fail",
    words:
      /^the identity may not Microsoft\.Authorization\/roleAssignments\/write, Microsoft\.Authorization\/roleAssignments\/delete$/,
    repair:
      /--role 'Role Based Access Control Administrator' .*--condition '.*GuidEquals \{4633458b-17de-408a-b874-0445c86b69e6\}.*' --condition-version 2\.0$/,
  },
  "a missing right that only a later run needs": {
    spoil: () => {
      loseAzureRole("b86a8fe4-44ce-4948-aee5-eccb2c155cd7");
    },
    check: "azure-rights",
    status: "warn",
    words: /^the identity may not Microsoft\.KeyVault\/vaults\/secrets\/delete, /,
    repair: /--role 'Key Vault Secrets Officer'/,
  },
  "a resource provider that is not registered": {
    spoil: () => {
      const { registeredProviders } = stack.tenant.state.arm;
      registeredProviders.splice(registeredProviders.indexOf("Microsoft.KeyVault"), 1);
    },
    check: "resource-providers",
    status: "fail",
    words: /^not registered: Microsoft\.KeyVault$/,
    repair: /^az provider register --namespace Microsoft\.KeyVault$/,
  },
  "a delegated permission": {
    settings: { apps: { A: { permissions: ["User.Read"] } } },
    check: "permission-names",
    status: "fail",
    words: /works only with a signed-in user/,
  },
  "an app of the same name that was made by hand": {
    settings: { apps: { A: { displayName: "Other", permissions: ["User.Read.All"] } } },
    spoil: () => {
      changeOther({ tags: [], passwordCredentials: [] });
    },
    check: "same-name",
    status: "fail",
    words: /has an app "Other" already/,
    repair:
      /^Choose another displayName, or adopt it: pulumi config set --path 'copilot-token:apps\.A\.adopt' [0-9a-f-]{36} --stack dev$/,
  },
  "an app of the same name that another stack has": {
    settings: { apps: { A: { displayName: "Other", permissions: ["User.Read.All"] } } },
    check: "same-name",
    status: "fail",
    words: /which belongs to stack copilot-token\/test \(ID 57ac1d00-/,
    repair:
      /^Choose another displayName: pulumi config set --path 'copilot-token:apps\.A\.displayName' 'Other \(dev\)' --stack dev$/,
  },
  "an app of the same name that a stack has from before the mark": {
    settings: { apps: { A: { displayName: "Other", permissions: ["User.Read.All"] } } },
    spoil: () => {
      changeOther({ tags: [] });
    },
    check: "same-name",
    status: "fail",
    words: /with client secrets that this program made, and without a stack's mark/,
    repair: /^Choose another displayName: .*\nRun pulumi up in the stack that made it, which marks it\./,
  },
  "an app of the same name that another program works on": {
    settings: { apps: { A: { displayName: "Other", permissions: ["User.Read.All"] } } },
    spoil: () => {
      const { objectId } = stack.tenant.identities.verifier;
      changeOther({ tags: [], passwordCredentials: [], ownerIds: [objectId] });
    },
    check: "same-name",
    status: "fail",
    words: /which copilot-token verifier owns and works on/,
    repair: /^Choose another displayName: [^;]*$/,
  },
  "an app of the same name that an interrupted run of this stack made": {
    settings: { apps: { Other: { permissions: ["User.Read.All"] } } },
    tools: {
      "pulumi stack export": {
        exitCode: 0,
        stdout: JSON.stringify({
          deployment: { resources: [{ urn: "urn:pulumi:dev::p::r::stack-id", id: stackId }] },
        }),
        stderr: "",
      },
    },
    check: "same-name",
    status: "pass",
    words: /^an interrupted run of this stack made Other; the next pulumi up adopts it$/,
  },
  "an app of another stack that is to be adopted": {
    get settings() {
      return { apps: { A: { adopt: otherApp().id, permissions: ["User.Read.All"] } } };
    },
    check: "same-name",
    status: "fail",
    words: /^A: It belongs to stack copilot-token\/test \(ID 57ac1d00-/,
  },
  "a vault name that is taken": {
    settings: { vault: { name: "copilot-test" } },
    check: "vault-name",
    status: "fail",
    words: /^the vault name copilot-test is already used/,
  },
  "a vault that the stack adopts": {
    settings: {
      vault: {
        adopt:
          "/subscriptions/s/resourceGroups/copilot-token-dev-1/providers/Microsoft.KeyVault/vaults/copilot-dev-1",
      },
    },
    check: "vault-name",
    status: "pass",
    words: /^the stack adopts copilot-dev-1$/,
  },
  "a run that was interrupted": {
    tools: {
      "pulumi stack export --stack dev": ok(
        JSON.stringify({
          deployment: {
            pending_operations: [
              { type: "creating", resource: { urn: "urn:pulumi:dev::copilot-token::a:b:C::vault" } },
            ],
          },
        }),
      ),
    },
    check: "pulumi",
    status: "warn",
    words: /; an interrupted run of the stack left 1 operation open$/,
    repair: /pulumi up --stack dev && pulumi refresh --clear-pending-creates/,
  },
  "a vault of another stack that the stack is to adopt": {
    spoil: () => {
      const { arm } = stack.tenant.state;
      const moved = JSON.stringify(arm.resources).replaceAll("rg-copilot", "copilot-token-other");
      Object.assign(arm.resources, JSON.parse(moved));
      return Promise.resolve();
    },
    get settings() {
      const { subscriptionId } = stack.tenant.state;
      const group = `/subscriptions/${subscriptionId}/resourceGroups/copilot-token-other`;
      return { vault: { adopt: `${group}/providers/Microsoft.KeyVault/vaults/copilot-test` } };
    },
    check: "vault-name",
    status: "fail",
    words: /^The vault's secret Other is a client secret of stack copilot-token\/test \(ID 57ac1d00-/,
  },
  "a vault name that is soft-deleted": {
    spoil: async () => {
      const vaultId = stack.outputs.apps["Other"]?.secretResourceId.replace(/\/secrets\/.*/, "") ?? "";
      await stack.call("DELETE", `https://management.azure.com${vaultId}?api-version=2024-11-01`);
    },
    settings: { vault: { name: "copilot-test" } },
    check: "vault-name",
    status: "fail",
    words: /is a deleted vault of this subscription/,
    repair: /az keyvault recover --name copilot-test && pulumi config set --path .copilot-token:vault.adopt/,
  },
  "a lifetime beyond the tenant's policy": {
    intercept: policyAnswers([
      { restrictionType: "passwordLifetime", state: "enabled", maxLifetime: "P90D" },
    ]),
    check: "secret-policy",
    status: "fail",
    words: /would live 134 days .* allows 90/,
    repair: /pulumi config set --path 'copilot-token:rotation\.keepDays' 38/,
  },
  "a tenant without client secrets": {
    intercept: policyAnswers([{ restrictionType: "passwordAddition", state: "enabled", maxLifetime: null }]),
    check: "secret-policy",
    status: "fail",
    words: /forbids client secrets/,
  },
  "a tenant whose certificates end earlier": {
    settings: byCertificate,
    intercept: policyAnswers(
      [],
      [{ restrictionType: "asymmetricKeyLifetime", state: "enabled", maxLifetime: "P90D" }],
    ),
    check: "secret-policy",
    status: "fail",
    words: /^certificates would live 134 days .* allows 90$/,
    repair: /pulumi config set --path 'copilot-token:rotation\.keepDays' 38/,
  },
  "a tenant that takes certificates of trusted authorities only": {
    settings: byCertificate,
    intercept: policyAnswers([], [{ restrictionType: "trustedCertificateAuthority", state: "enabled" }]),
    check: "secret-policy",
    status: "fail",
    words: /accepts certificates of trusted authorities only, and the vault's are self-signed/,
  },
  "a missing right to make certificates": {
    settings: byCertificate,
    spoil: () => {
      loseAzureRole("a4417e6f-fecd-4de8-b567-7b0420556985");
    },
    check: "azure-rights",
    status: "fail",
    words: /may not .*Microsoft\.KeyVault\/vaults\/certificates\/create\/action/,
    repair: /--role 'Key Vault Certificates Officer'/,
  },
  "a missing right to sign": {
    settings: byCertificate,
    spoil: () => {
      loseAzureRole("12338af0-0e69-4776-bea7-57ae8d297424");
    },
    check: "azure-rights",
    status: "fail",
    words: /^the identity may not Microsoft\.KeyVault\/vaults\/keys\/sign\/action$/,
    repair: /--role 'Key Vault Crypto User'/,
  },
  "a missing right to sign that no app needs": {
    spoil: () => {
      loseAzureRole("12338af0-0e69-4776-bea7-57ae8d297424");
      loseAzureRole("a4417e6f-fecd-4de8-b567-7b0420556985");
    },
    check: "azure-rights",
    status: "pass",
    words: /./,
  },
  "a firewall before the vault is there": {
    settings: { vault: { allowedIpRanges: ["203.0.113.0/24"] } },
    check: "vault-firewall",
    status: "skip",
    words: /which address this machine has shows once the vault is there/,
  },
  "an environment whose resource provider is not registered": {
    settings: inEnvironment,
    check: "resource-providers",
    status: "fail",
    words: /^not registered: Microsoft\.PowerPlatform$/,
    repair: /^az provider register --namespace Microsoft\.PowerPlatform$/,
  },
  "an agent service of another stack": {
    settings: inEnvironment,
    spoil: () => {
      agentService().appOwnerOrganizationId = "bad0bad0-0000-4000-8000-000000000000";
    },
    check: "power-platform",
    status: "fail",
    words: /is not Microsoft's: its application belongs to tenant bad0bad0.*virtualAgentsServiceObjectId/,
  },
  "an agent service and a Dataverse that are not there": {
    settings: inEnvironment,
    spoil: () => {
      const { servicePrincipals } = stack.tenant.state.directory;
      for (const { id, displayName } of Object.values(servicePrincipals)) {
        if (/^(?:Dataverse|Power Virtual Agents Service)$/.test(displayName)) {
          Reflect.deleteProperty(servicePrincipals, id);
        }
      }
    },
    check: "power-platform",
    status: "fail",
    words: /^Dataverse .*az ad sp create.* No enterprise application "Power Virtual Agents Service"/,
  },
  "a firewall that Power Platform does not pass": {
    settings: { ...inEnvironment, vault: { allowedIpRanges: ["203.0.113.0/24"] } },
    check: "power-platform",
    status: "warn",
    words: /not a trusted service/,
    repair: /allowedIpRanges/,
  },
  "services of Power Platform that cannot be looked up": {
    settings: inEnvironment,
    intercept: ({ url }) =>
      url.includes("appOwnerOrganizationId")
        ? {
            status: 403,
            headers: {},
            body: '{"error":{"code":"Authorization_RequestDenied","message":"No."}}',
          }
        : undefined,
    check: "power-platform",
    status: "warn",
    words: /could not be looked up/,
  },
  "an identity that is no reader": {
    settings: { vault: {} },
    check: "readers",
    status: "warn",
    words: /not named among the readers of CopilotAPIAuth: npm run verify would be refused/,
    repair: /type: ServicePrincipal } to copilot-token:vault\.readers/,
  },
};

describe("doctor, before it goes wrong", () => {
  it.each(Object.entries(cases))(
    "names %s",
    async (_name, { spoil, check, status, words, repair, ...setting }) => {
      await spoil?.();
      const report = await examined(setting);
      const found = finding(report, check);

      expect([found.status, found.summary]).toEqual([status, expect.stringMatching(words)]);
      if (repair !== undefined) expect(fixLines(found)).toMatch(repair);
      expect(report.ready).toBe(!report.checks.some((one) => one.status === "fail"));
    },
  );

  it("asks no right to consent of a deployer beside a granter", async () => {
    loseGraphPermission("AppRoleAssignment.ReadWrite.All");
    const granter = { clientId: "0b7d2a51-6c3e-4f80-9d1a-2e5f8c7b6a49" };
    const { checks } = await examined({ settings: { granter } });
    expect(checks.find(({ id }) => id === "graph-rights")?.status).toBe("pass");
  });

  it("compares this machine's address with the firewall as soon as there is a vault", async () => {
    const tools = { "pulumi stack output": ok(JSON.stringify(stack.outputs)) };
    const allowing = (...allowedIpRanges: string[]): Setting => ({
      tools,
      settings: { vault: { allowedIpRanges } },
    });
    const inside = await examined(allowing("0.0.0.0/0"));
    const outside = await examined(allowing("203.0.113.0/24"));

    expect(finding(inside, "vault-firewall").summary).toBe("this machine's address, 127.0.0.1, is let in");
    expect(finding(outside, "vault-firewall").status).toBe("fail");
  });

  it("passes an environment whose services are there, or named by the settings", async () => {
    const found = finding(await examined({ settings: inEnvironment }), "power-platform");
    expect([found.status, found.evidence["virtualAgentsService"]]).toEqual(["pass", agentService().id]);

    const virtualAgentsServiceObjectId = agentService().id;
    agentService().displayName = "Copilot Studio";
    const named = { powerPlatform: { ...inEnvironment.powerPlatform, virtualAgentsServiceObjectId } };
    expect(finding(await examined({ settings: named }), "power-platform").status).toBe("pass");
  });

  it("shows what an app that is adopted holds, and which of it the settings do not request", async () => {
    changeOther({ tags: [], passwordCredentials: [] });
    const { applicationObjectId, servicePrincipalObjectId } = stack.outputs.apps["Other"] ?? {};
    await stack.call("POST", `${graph}/servicePrincipals/${graphObjectId}/appRoleAssignedTo`, {
      appRoleId: stack.roleId("Mail.Send"),
      principalId: servicePrincipalObjectId,
      resourceId: graphObjectId,
    });
    const report = await examined({
      settings: {
        apps: { Mine: { displayName: "Other", permissions: ["User.Read.All"], adopt: applicationObjectId } },
      },
    });

    expect(troubles(report)).toEqual({ ...usualBefore, "existing-grants": "warn" });
    expect(finding(report, "existing-grants").summary).toBe(
      "held beyond the settings, and kept: Mine: Mail.Send",
    );
    expect(finding(report, "existing-grants").evidence["grants"]).toEqual([
      "Mine: User.Read.All",
      "Mine: Mail.Send",
    ]);
  });

  it("says to which delegated permissions no user can consent alone", async () => {
    const delegated = ["User.Read", "Files.ReadWrite", "User.Read.All"];
    const found = finding(
      await examined({ settings: { apps: { Agent: { delegated, credential: "federated" } } } }),
      "permission-names",
    );
    expect([found.status, found.summary]).toEqual([
      "pass",
      "User.Read, Files.ReadWrite, User.Read.All: known to this tenant. Only an administrator, or an app with that right, can consent to User.Read.All",
    ]);
  });

  it("refuses to adopt an app with consent that the settings do not request, before a run does", async () => {
    changeOther({ tags: [], passwordCredentials: [] });
    const { applicationObjectId, servicePrincipalObjectId } = stack.outputs.apps["Other"] ?? {};
    await stack.call("POST", `${graph}/oauth2PermissionGrants`, {
      clientId: servicePrincipalObjectId,
      consentType: "AllPrincipals",
      principalId: null,
      resourceId: graphObjectId,
      scope: "User.Read Mail.Read",
    });
    const look = async (delegated: readonly string[]) => {
      const adopted = { displayName: "Other", delegated, adopt: applicationObjectId };
      return finding(await examined({ settings: { apps: { Mine: adopted } } }), "existing-grants");
    };
    expect(await look(["User.Read"])).toMatchObject({
      status: "fail",
      summary: "consent beyond the settings, which the stack would take away: Mine: Mail.Read for all users",
    });
    expect(await look(["User.Read", "Mail.Read"])).toMatchObject({ evidence: { grants: expect.anything() } });
    expect((await look(["User.Read", "Mail.Read"])).summary).not.toContain("consent");
    loseGraphPermission("DelegatedPermissionGrant.ReadWrite.All");
    expect(await look(["User.Read"])).toMatchObject({
      status: "warn",
      summary: expect.stringContaining("consent cannot be read: Mine: Microsoft Graph answered 403"),
    });
  });

  it("does not take the stack's own app for a stranger of the same name", async () => {
    const report = await examined({
      tools: { "pulumi stack output": ok(JSON.stringify(stack.outputs)) },
      settings: { apps: { Other: { permissions: ["User.Read.All"] } } },
    });
    expect(finding(report, "same-name").status).toBe("pass");
  });

  it.each([
    [
      "somebody else",
      "another-object",
      "warn",
      /the engine as object another-object \(the Azure CLI's sign-in\)/,
    ],
    ["the same", "this-object", "pass", /^Ada, object this-object, for the engine and the scripts$/],
  ])(
    "compares the scripts' default sign-in with the Azure CLI's: %s",
    async (_name, cliObjectId, status, words) => {
      const world = worldOf({
        env: { ARM_CLIENT_SECRET: "" },
        tools: { "az account": ok(tokenOf({ oid: cliObjectId })) },
      });
      const token = tokenOf({ oid: "this-object", upn: "Ada" });
      const report = await examine(world, "dev", "deployer", () =>
        Promise.resolve({ getToken: () => Promise.resolve({ token }) }),
      );
      const found = finding(report, "identity");

      expect([found.status, found.summary]).toEqual([status, expect.stringMatching(words)]);
    },
  );

  describe("of a job of GitHub Actions", () => {
    const [repository, environment] = ["Contoso/Agents", "deploy"];
    const place = "https://api.github.com/repos/Contoso/Agents/environments/deploy";
    const rules = (...types: string[]) =>
      jsonAnswer(200, { name: environment, protection_rules: types.map((type) => ({ id: 1, type })) });

    /** @returns the finding, and what GitHub was asked. */
    async function inJob(
      answer: HttpAnswer,
      more: Environment = { GH_TOKEN: "gh-token" },
      job = { repository, environment },
    ) {
      const { tenant } = stack;
      trustSubject(
        tenant,
        tenant.identities.deployer.applicationObjectId,
        `repo:${repository}:${"environment" in job ? `environment:${environment}` : "ref:refs/heads/main"}`,
      );
      const asked: string[] = [];
      const variables = await workflowVariables(stack.tenant, job);
      const report = await examined({
        env: { ...variables, GITHUB_ACTIONS: "false", ARM_CLIENT_SECRET: "", ARM_USE_OIDC: "true", ...more },
        intercept: ({ url, headers }) => {
          if (new URL(url).hostname !== "api.github.com") return undefined;
          asked.push(`${url} ${headers?.["Authorization"] ?? ""}`);
          return answer;
        },
      });
      return { found: finding(report, "github-environment"), asked };
    }

    it.each<[string, string[], CheckStatus, RegExp]>([
      ["protected", ["branch_policy", "required_reviewers"], "pass", /is protected$/],
      ["open to every branch", ["required_reviewers"], "warn", /every branch may deploy to it/],
      ["without a reviewer", ["branch_policy", "wait_timer"], "warn", /jobs need no approval/],
      ["open to everyone", [], "warn", /every branch.*; jobs need no approval/],
    ])("says that the environment is %s", async (_name, types, status, words) => {
      const { found, asked } = await inJob(rules(...types));
      expect([found.status, found.summary]).toEqual([status, expect.stringMatching(words)]);
      expect(asked).toEqual([`${place} Bearer gh-token`]);
    });

    it.each<[string, HttpAnswer, CheckStatus]>([
      ["is not shown to the token", jsonAnswer(404, { message: "Not Found" }), "skip"],
      [
        "is a portal's page",
        { status: 200, headers: { "content-type": "text/html" }, body: "<html>" },
        "fail",
      ],
      ["is of another shape", jsonAnswer(200, { name: environment }), "fail"],
      ["cannot be had", jsonAnswer(501, {}), "fail"],
    ])("never calls the environment protected where the answer %s", async (_name, answer, status) => {
      const { found } = await inJob(answer);
      expect([found.status, found.summary]).toEqual([status, expect.stringMatching(/could not be seen: /)]);
    });

    it("says that it could not look without a token, and asks GitHub nothing", async () => {
      const { found, asked } = await inJob(rules(), {});
      expect([found.status, asked]).toEqual(["skip", []]);
      expect(found.summary).toMatch(/there is no token for GitHub$/);
    });

    it("names a job without an environment", async () => {
      const { found, asked } = await inJob(rules(), { GH_TOKEN: "t" }, { repository } as never);
      expect([found.status, asked]).toEqual(["warn", []]);
      expect(found.summary).toMatch(
        /signs in without an environment, as repo:Contoso\/Agents:ref:refs\/heads\/main/,
      );
    });
  });

  it("names a caller of the Logic App that the tenant shows to be a public client, and trusts that are open", async () => {
    const { clientId = "" } = stack.outputs.apps["Other"] ?? {};
    changeOther({ isFallbackPublicClient: true });
    const subject = "repo:o/r:pull_request";
    const report = await examined({
      settings: {
        apps: {
          Flow: {
            permissions: ["User.Read.All"],
            credential: "managedIdentity",
            identity: "agent",
            logicApp: { callers: [clientId] },
          },
        },
        identities: {
          agent: { federated: [{ issuer: "https://token.actions.githubusercontent.com", subject }] },
        },
      },
    });
    const found = finding(report, "open-access");
    expect(found.status).toBe("warn");
    expect(found.evidence["settings"]).toEqual([
      "copilot-token:identities.agent.federated",
      "copilot-token:apps.Flow.logicApp.callers[0]",
    ]);
    expect(found.summary).toMatch(/Other is a public client: every user who can sign in with it/);
  });

  it.each([
    ["v20.19.0", "pass"],
    ["v24.1.0", "pass"],
    ["v20.18.3", "fail"],
    ["v18.20.0", "fail"],
  ])("judges Node %s: %s", (version, status) => {
    expect(checkNode(version).status).toBe(status);
  });
});
