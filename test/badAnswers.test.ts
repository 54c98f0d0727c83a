import { trustSubject } from "../emulator/tenant/seedTrust";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credentialDisplayName } from "../core/secrets/credentialName";
import { isOperatorError } from "../core/errors";
import { workflowVariables } from "../emulator/github/githubActions";
import { commands } from "../scripts/commands";
import { copilotCommand } from "../scripts/copilot/command";
import { destroyBy } from "../scripts/destroy/runDestroy";
import { recordFile, type DestroyRecord } from "../scripts/destroy/destroyRecord";
import { doctorCommand } from "../scripts/doctor/command";
import { initCommand } from "../scripts/init/command";
import { rotateCommand } from "../scripts/rotate/command";
import { rotateBy } from "../scripts/rotate/runRotate";
import {
  describeFailure,
  execute,
  exitCodeOf,
  Flags,
  type Command,
  type ExitCode,
} from "../scripts/shared/command";
import type { EngineRun, HeldResource, StackEngine } from "../scripts/shared/engines/stackEngine";
import type { World } from "../scripts/shared/world";
import { tokenCommand } from "../scripts/token/command";
import { verifyCommand } from "../scripts/verify/command";
import {
  badAnswerNames,
  spoiledNetwork,
  type BadAnswerName,
  type SpoiledNetwork,
  type Spoiling,
} from "./support/badAnswers";
import { deployStack, stackId, type DeployedStack } from "./support/deployedStack";
import { writeProviderPackage } from "./support/providerPackage";
import { armEnvironment, azureExchange, piped, testWorld, type TestWorldOptions } from "./support/testWorld";
import { trimGraph } from "./support/trimmedGraph";

const entra = "login.microsoftonline.com";
const graph = "graph.microsoft.com";
const arm = "management.azure.com";
const vault = "copilot-test.vault.azure.net";
const github = "token.actions.githubusercontent.com";

/** A command as a user runs it. */
interface Scenario {
  readonly name: string;
  readonly run: (world: World) => Promise<ExitCode>;
  readonly world?: () => TestWorldOptions | Promise<TestWorldOptions>;
  /** Every host that it talks to. */
  readonly hosts: readonly string[];
  /** Every host where it changes something. */
  readonly writes?: readonly string[];
  /** Whether the tenant shows that the work is done. Default: it shows nothing of a reading command. */
  readonly isDone?: () => boolean;
  /** Bad answers of a host, or to its writes alone, with which the command succeeds all the same, and what it then says. */
  readonly succeeds?: Readonly<Record<string, Partial<Record<BadAnswerName, RegExp | undefined>>>>;
}

let stack: DeployedStack;
let directory: string;
let network: SpoiledNetwork;
/** Everything that a run may change, to go back to. */
let saved: string;

beforeAll(async () => {
  stack = await deployStack({ faults: { callerAddress: "203.0.113.7" } });
  network = await spoiledNetwork();
  directory = mkdtempSync(join(tmpdir(), "bad-answers-"));
  mkdirSync(join(directory, ".copilot-token"));
  writeFileSync(join(directory, "Pulumi.yaml"), "name: copilot-token\nruntime: nodejs\n");
  writeProviderPackage(directory, "3.28.0", "2024-11-01");
  const readers = [{ id: stack.tenant.identities.deployer.objectId, type: "ServicePrincipal" }];
  const config = {
    "azure-native:location": "westeurope",
    "copilot-token:apps": { CopilotAPIAuth: { permissions: ["User.Read.All"] } },
    "copilot-token:vault": { name: "copilot-free", readers, allowedIpRanges: ["203.0.113.7"] },
  };
  writeFileSync(join(directory, "Pulumi.dev.yaml"), JSON.stringify({ config }));
  trimGraph(stack.tenant);
  saved = JSON.stringify(stack.tenant.state);
});
afterAll(async () => {
  await network.close();
  rmSync(directory, { recursive: true });
});

const started = "2026-11-22T11:00:00.000Z";

/** What an engine says of the deployed stack, and does to it by the healthy Azure: its own process has its own network. */
function destroyingEngine(held = true): StackEngine {
  const app = stack.outputs.apps["CopilotAPIAuth"];
  const { vaultResourceId } = stack.outputs;
  const resource = (type: string, name: string, id = ""): HeldResource => ({
    type,
    name,
    id,
    parentType: undefined,
    isProtected: false,
    isRetained: false,
  });
  const resources = [
    resource("random:index/randomUuid:RandomUuid", "stack-id", stackId),
    resource("azuread:index/application:Application", "CopilotAPIAuth", app?.applicationObjectId),
    resource(
      "azuread:index/servicePrincipal:ServicePrincipal",
      "CopilotAPIAuth",
      app?.servicePrincipalObjectId,
    ),
    resource("azure-native:keyvault:Vault", "vault", vaultResourceId),
  ];
  const run: EngineRun = { ok: true, outputs: undefined, steps: [], failures: [] };
  return engineOf({
    outputs: () => Promise.resolve(held ? stack.outputs : undefined),
    resources: () => Promise.resolve(held ? resources : []),
    destroy: async () => {
      await deleteStack();
      return run;
    },
  });
}

async function deleteStack(): Promise<void> {
  const { call, outputs } = stack;
  const { applicationObjectId = "" } = outputs.apps["CopilotAPIAuth"] ?? {};
  await call("DELETE", `https://graph.microsoft.com/v1.0/applications/${applicationObjectId}`);
  await call("DELETE", `https://management.azure.com${outputs.vaultResourceId}?api-version=2024-11-01`);
}

/** The stack is destroyed already, and its record is there. */
async function destroyed(): Promise<TestWorldOptions> {
  await deleteStack();
  const { applicationObjectId, servicePrincipalObjectId } = stack.outputs.apps["CopilotAPIAuth"] ?? {};
  const object = { purpose: "app", app: "CopilotAPIAuth" } as const;
  const record: DestroyRecord = {
    version: 1,
    stack: "dev",
    tenantId: stack.outputs.tenantId,
    stackId,
    startedAt: started,
    finishedAt: started,
    directoryObjects: [
      { ...object, kind: "application", objectId: applicationObjectId ?? "" },
      { ...object, kind: "servicePrincipal", objectId: servicePrincipalObjectId ?? "" },
    ],
    vaults: [{ vaultId: stack.outputs.vaultResourceId, location: "westeurope" }],
    workspaces: [],
    managedIdentities: false,
    earlier: [],
  };
  writeFileSync(recordFile(directory, "dev"), JSON.stringify(record));
  return {};
}

/** The engine of a stack, which does nothing that is not given. */
function engineOf(given: Partial<StackEngine>): StackEngine {
  const notAsked = (): Promise<never> => Promise.reject(new Error("not asked for"));
  return {
    name: "inline",
    why: "a test",
    stack: "dev",
    outputs: notAsked,
    resources: notAsked,
    up: notAsked,
    preview: notAsked,
    destroy: notAsked,
    previewDestroy: notAsked,
    unlock: notAsked,
    ...given,
  };
}

/** Makes and publishes a new client secret, as the program does. */
function rotatingEngine(): StackEngine {
  const outputs = structuredClone(stack.outputs);
  const { CopilotAPIAuth: app } = outputs.apps;
  if (app === undefined) throw new Error("the stack has no such app");
  return engineOf({
    outputs: () => Promise.resolve(outputs),
    up: async () => {
      const { clientId, credential } = app;
      const application = `https://${graph}/v1.0/applications/${app.applicationObjectId}`;
      const displayName = credentialDisplayName("CopilotAPIAuth", 2, stackId);
      const made = await stack.call("POST", `${application}/addPassword`, {
        passwordCredential: { displayName, endDateTime: credential.endsAt },
      });
      const [keyId, startsAt] = [String(made["keyId"]), String(made["startDateTime"])];
      const tags = { app: "CopilotAPIAuth", clientId, keyId, sequence: "2", startsAt, cause: "leaked" };
      await stack.call("PUT", `https://${arm}${app.secretResourceId}?api-version=2024-11-01`, {
        tags,
        properties: {
          value: made["secretText"],
          contentType: "Entra client secret",
          attributes: { enabled: true, exp: Date.parse(credential.endsAt) / 1000 },
        },
      });
      app.credential = { ...credential, sequence: 2, keyId, startsAt, cause: "leaked" };
      return { ok: true, outputs, steps: [], failures: [] };
    },
  });
}

function ofCommand(command: Command, ...flags: string[]): Scenario["run"] {
  return (world) => execute(command, flags, world);
}

const outputsPiped = (): TestWorldOptions => ({ stdin: piped(JSON.stringify(stack.outputs)) });

/** As a job of GitHub Actions, which signs in by GitHub's assertion. */
async function inJob(): Promise<TestWorldOptions> {
  const repository = "Contoso/Agents";
  const environment = "verify";
  const { tenant } = stack;
  trustSubject(
    tenant,
    tenant.identities.deployer.applicationObjectId,
    `repo:${repository}:environment:${environment}`,
  );
  const env = { ...armEnvironment(stack.tenant, "deployer"), ARM_CLIENT_SECRET: "" };
  const job = await workflowVariables(stack.tenant, { repository, environment });
  return { ...outputsPiped(), env: { ...env, ...job, GITHUB_ACTIONS: "false", ARM_USE_OIDC: "true" } };
}

/** The command's own Pulumi CLI, and the outputs of an earlier run. */
const withPulumi = (): TestWorldOptions => ({
  runTool: (tool, [first, second]) => {
    const said: Record<string, string> = {
      version: "v3.260.0\n",
      "stack output": JSON.stringify(stack.outputs),
    };
    const stdout =
      tool === "pulumi" ? (said[first ?? ""] ?? said[`${first ?? ""} ${second ?? ""}`]) : undefined;
    return Promise.resolve({ exitCode: stdout === undefined ? 1 : 0, stdout: stdout ?? "", stderr: "" });
  },
});

/** A token of the emulated tenant for Key Vault, whose signature anyone can check. */
async function vaultToken(): Promise<TestWorldOptions> {
  const { clientId, clientSecret } = stack.tenant.identities.deployer;
  const body = new URLSearchParams({
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: "client_credentials",
    scope: "https://vault.azure.net/.default",
  });
  const url = `https://${entra}/${stack.tenant.state.tenantId}/oauth2/v2.0/token`;
  const answer = await azureExchange(stack.tenant)(
    {
      method: "POST",
      url,
      body: body.toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    },
    1000,
  );
  return { stdin: piped(answer.body) };
}

const state = (): DeployedStack["tenant"]["state"] => stack.tenant.state;

/** The client secret that leaked is gone, and another one is in its place. */
function isRotated(): boolean {
  const { applicationObjectId = "", credential } = stack.outputs.apps["CopilotAPIAuth"] ?? {};
  const keys = state().directory.applications[applicationObjectId]?.passwordCredentials ?? [];
  return keys.length === 1 && keys[0]?.keyId !== credential?.keyId;
}

function applicationIs(where: "live" | "deleted" | "gone"): boolean {
  const { applicationObjectId = "" } = stack.outputs.apps["CopilotAPIAuth"] ?? {};
  const { applications, deletedItems } = state().directory;
  const found =
    applicationObjectId in applications ? "live" : applicationObjectId in deletedItems ? "deleted" : "gone";
  return found === where;
}

const isRestored = (): boolean =>
  applicationIs("live") && Object.keys(state().arm.deletedVaults).length === 0;

/** What `init` says where it writes what could not be checked. */
const everyAnswer = (words: RegExp): Partial<Record<BadAnswerName, RegExp | undefined>> =>
  Object.fromEntries(badAnswerNames.map((name) => [name, words]));

const scenarios: readonly Scenario[] = [
  {
    name: "verify",
    run: ofCommand(verifyCommand, "--wait", "20"),
    world: outputsPiped,
    hosts: [entra, graph, arm, vault],
    // A caller without a right in Azure, as the nightly verifier is.
    succeeds: { [arm]: { "403": /the caller may not read the vault's settings/ } },
  },
  {
    name: "verify in a job",
    run: ofCommand(verifyCommand, "--wait", "20"),
    world: inJob,
    hosts: [entra, graph, arm, vault, github],
    succeeds: { [arm]: { "403": /the caller may not read the vault's settings/ } },
  },
  {
    name: "doctor",
    run: ofCommand(doctorCommand),
    world: withPulumi,
    hosts: [entra, graph, arm, vault],
    // What counts is a header, and that is the vault's own.
    succeeds: { [vault]: { "200 truncated": /203\.0\.113\.7, is let in/ } },
  },
  {
    name: "rotate --leaked --now",
    run: (world) => rotateBy(rotatingEngine(), "leakedNow", new Flags({}), world),
    hosts: [entra, graph, arm, vault],
    writes: [graph],
    isDone: isRotated,
    // Half of an empty answer is all of it.
    succeeds: { [`${graph}, writes`]: { "200 truncated": /DONE/ } },
  },
  {
    name: "rotate --history",
    run: ofCommand(rotateCommand, "--history"),
    world: outputsPiped,
    hosts: [entra, vault],
  },
  {
    name: "destroy",
    run: (world) => destroyBy(destroyingEngine(), "destroy", new Flags({ yes: true }), world),
    hosts: [entra, graph, arm],
    isDone: () => applicationIs("deleted"),
    // The engine deleted it; Azure's own words say that nothing is left, or that the caller may not look.
    succeeds: { [graph]: { "404": /DONE/ }, [arm]: { "403": /could not be seen: .* 403 Code403/ } },
  },
  {
    name: "destroy --purge",
    run: (world) => destroyBy(destroyingEngine(false), "purge", new Flags({ yes: true }), world),
    world: destroyed,
    hosts: [entra, graph, arm],
    writes: [graph],
    succeeds: {
      [graph]: { "404": /There was no deleted app registration left to purge/ },
      [arm]: { "403": /could not be seen: .* 403 Code403/ },
    },
  },
  {
    name: "destroy --restore",
    run: (world) => destroyBy(destroyingEngine(false), "restore", new Flags({ yes: true }), world),
    world: destroyed,
    hosts: [entra, graph, arm],
    writes: [graph, arm],
    isDone: isRestored,
    // The answer to a write is a copy of what the next look shows whole.
    succeeds: {
      [`${graph}, writes`]: { "200 truncated": /DONE/ },
      [`${arm}, writes`]: { "200 truncated": /DONE/ },
    },
  },
  { name: "token --check", run: ofCommand(tokenCommand, "--check"), world: vaultToken, hosts: [entra] },
  {
    name: "init",
    run: ofCommand(initCommand, "--yes", "--stack", "other", "--force"),
    hosts: [entra, graph, arm],
    isDone: () => existsSync(join(directory, "Pulumi.other.yaml")),
    // It needs no Azure, and says what it did not check.
    succeeds: {
      [entra]: everyAnswer(/are not checked against the tenant: /),
      [graph]: everyAnswer(/are not checked against the tenant: /),
      // In its own words there is no region: then none can be right.
      [arm]: { ...everyAnswer(/is not checked against the subscription: /), "200 empty list": undefined },
    },
  },
  { name: "copilot", run: ofCommand(copilotCommand, "--out", "copilot"), world: outputsPiped, hosts: [] },
];

interface Ran {
  readonly exitCode: ExitCode;
  readonly said: string;
  readonly hosts: readonly string[];
  readonly written: readonly string[];
  readonly changed: number;
}

async function run(scenario: Scenario, spoiling?: Spoiling): Promise<Ran> {
  Object.assign(stack.tenant.state, JSON.parse(saved));
  rmSync(recordFile(directory, "dev"), { force: true });
  rmSync(join(directory, "Pulumi.other.yaml"), { force: true });
  const given = (await scenario.world?.()) ?? {};
  let slept = 0;
  const opened = network.open(stack.tenant, spoiling);
  const world = testWorld({
    directory,
    env: armEnvironment(stack.tenant, "deployer"),
    ...given,
    exchange: opened.exchange,
    now: () => new Date(stack.clock.now().getTime() + slept),
    onSleep: (milliseconds) => {
      // A slow machine: the time for waiting is soon over.
      slept += 20 * milliseconds;
    },
  });
  let exitCode: ExitCode;
  try {
    exitCode = await scenario.run(world);
  } catch (error) {
    // A bug keeps its stack; what an answer causes is an OperatorError.
    if (!isOperatorError(error)) throw error;
    world.tell(describeFailure(error));
    exitCode = exitCodeOf(error);
  } finally {
    opened.close();
  }
  const said = [...world.printed, ...world.told].join("\n");
  expect(said).not.toMatch(/^\s+at .*:\d+:\d+/m);
  for (const secret of stack.secrets) expect(said).not.toContain(secret);
  expect(said.length).toBeLessThan(20_000);

  return {
    exitCode,
    said,
    hosts: [...opened.hosts].sort(),
    written: [...opened.written].sort(),
    changed: opened.changed(),
  };
}

/** A scenario's hosts, each with all its answers bad, and those where it changes something with only these bad. */
function rowsOf({ hosts, writes = [] }: Scenario): Omit<Spoiling, "how">[] {
  return [...hosts.map((host) => ({ host })), ...writes.map((host) => ({ host, writesOnly: true }))];
}

const rows = scenarios.flatMap((scenario) => rowsOf(scenario).map((row) => ({ scenario, ...row })));

describe("a host that answers badly", () => {
  it.each(scenarios.map((scenario) => ({ ...scenario, scenario })))(
    "is not among the healthy ones, with which $name succeeds",
    async ({ scenario }) => {
      const { exitCode, said, hosts, written } = await run(scenario);
      expect({ exitCode, said, hosts, written }).toEqual({
        exitCode: 0,
        said,
        hosts: [...scenario.hosts].sort(),
        written: [...(scenario.writes ?? [])].sort(),
      });
      expect(scenario.isDone?.() ?? true).toBe(true);
    },
  );

  it.each(rows)(
    "keeps $scenario.name from succeeding: $host, writes only: $writesOnly",
    async ({ scenario, host, writesOnly = false }) => {
      const succeeds = scenario.succeeds?.[writesOnly ? `${host}, writes` : host] ?? {};
      for (const how of badAnswerNames) {
        const { exitCode, said, hosts, changed } = await run(scenario, { host, how, writesOnly });
        const cell = `${scenario.name}, ${host}, ${how}`;
        const strangers = hosts.filter((one) => !scenario.hosts.includes(one));
        expect({ cell, strangers }).toEqual({ cell, strangers: [] });
        const words = changed === 0 ? /./ : succeeds[how];
        const isSuccess = words !== undefined;
        expect({ cell, isSuccess: exitCode === 0, said }).toEqual({ cell, isSuccess, said });
        expect(said).toMatch(words ?? /./);
        // Success is the real thing: what was to be done is done.
        if (exitCode === 0)
          expect({ cell, isDone: scenario.isDone?.() ?? true }).toEqual({ cell, isDone: true });
      }
    },
  );

  it("is tried for every command that asks Azure, as often as the documentation says", () => {
    const tried = new Set(scenarios.map(({ name }) => name.split(" ")[0]));
    // These two start an emulated tenant and ask no other.
    expect(Object.keys(commands).filter((name) => !tried.has(name))).toEqual(["local", "tenant"]);
    const count = rows.length * badAnswerNames.length;
    const documented = /([\d,]+) runs: (\d+) pairs of command and host, (\d+) kinds of bad answer/;
    expect(documented.exec(readFileSync("docs/threat-model.md", "utf8"))?.slice(1)).toEqual([
      count.toLocaleString("en-US"),
      String(rows.length),
      String(badAnswerNames.length),
    ]);
  });
});
