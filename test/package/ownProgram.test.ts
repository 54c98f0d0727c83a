import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deploy, type DeployOptions, type DeployResult } from "../../emulator/pulumi/inline";
import { openStackState, type StackState } from "../../emulator/pulumi/stackState";
import { azure } from "../../emulator/server/azure";
import { createTenant, type Tenant } from "../../emulator/tenant/tenant";
import { addDays } from "../../core/secrets/rotation";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { servedEngine, type ServedEngine } from "../support/servedEngine";
import { recordedResources } from "../../scripts/destroy/destroyRecord";
import { outputsOf, testStack } from "../support/testStack";

interface OwnRun extends DeployResult {
  readonly said: string;
  readonly steps: readonly string[];
}

interface Place {
  readonly tenant: Tenant;
  readonly engine: ServedEngine;
}

const tenant = createTenant();
let here: Place;
const startedAt = new Date();

beforeAll(async () => {
  here = { tenant, engine: await servedEngine(azure(tenant)) };
});
afterAll(() => {
  here.engine.giveBack();
});

/** A stack of the other project, in memory. */
function ownState(): StackState {
  return openStackState({ project: "own", stack: "prod", passphrase: "correct horse" });
}

async function up(
  state: StackState,
  config: Readonly<Record<string, string>> = {},
  options: Partial<DeployOptions> & {
    readonly env?: Readonly<Record<string, string>>;
    readonly in?: Place;
  } = {},
): Promise<OwnRun> {
  const said: string[] = [];
  const steps: string[] = [];
  const { env, in: place = here, ...more } = options;
  const result = await deploy({
    projectDir: place.engine.folder,
    program: "test/package/ownProgram.ts",
    state,
    config: {
      "azure-native:location": "westeurope",
      ...Object.fromEntries(Object.entries(config).map(([key, value]) => [`own:${key}`, value])),
    },
    environment: { ...place.engine.environmentOf(place.tenant, place.tenant.identities.deployer), ...env },
    processes: place.engine.processes,
    onEvent: (event) => {
      if (event.kind === "failure") said.push(event.failure.message);
      if (event.kind === "output") said.push(event.text);
      if (event.kind === "step" && event.step.status === "done" && event.step.operation !== "same")
        steps.push(`${event.step.operation} ${event.step.name}`);
    },
    ...more,
  });
  return { ...result, said: said.join("\n"), steps };
}

function detailsOf({ ok, outputs, said }: OwnRun): StackOutputs {
  if (!ok) throw new Error(said);
  return readStackOutputs((outputs["agent"] as { forCommands: unknown }).forCommands);
}

const sequenceOf = (run: OwnRun, app = "Agent") => detailsOf(run).apps[app]?.credential?.sequence;

describe("GraphApp in a program of another project", () => {
  const state = ownState();
  let first: OwnRun;

  it("previews without a change, makes app, consent and client secret, and says where the secret is", async () => {
    const preview = await up(state, {}, { preview: true });
    expect(preview.failures).toEqual([]);
    expect(state.checkpoint().resources).toEqual([]);
    first = await up(state);
    const { apps, vaultName } = detailsOf(first);
    expect(apps["Agent"]).toMatchObject({ permissions: ["User.Read.All"], credential: { sequence: 1 } });
    expect(first.outputs["secretUri"]).toBe(`https://${vaultName}.vault.azure.net/secrets/Agent`);
    expect(first.outputs["clientId"]).toBe(apps["Agent"]?.clientId);
  });

  it("changes nothing when it runs again", async () => {
    expect((await up(state)).steps).toEqual([]);
  });

  it("rotates when it is due, and when a run asks for it, and replaces nothing", async () => {
    const clock = addDays(startedAt, 61).toISOString();
    tenant.clock.set(addDays(startedAt, 61));
    const due = await up(state, {}, { env: { COPILOT_TOKEN_CLOCK: clock } });
    expect([due.steps, sequenceOf(due)]).toEqual([["update Agent"], 2]);
    const env = { COPILOT_TOKEN_CLOCK: clock, COPILOT_TOKEN_ROTATE: "Other,Agent" };
    const asked = await up(state, {}, { env });
    expect([asked.steps, sequenceOf(asked)]).toEqual([["update Agent"], 3]);
    const { clientId } = detailsOf(asked).apps["Agent"] ?? {};
    expect(clientId).toBe(first.outputs["clientId"]);
  });

  it("counts on from the tags of the vault's secret where its own record is lost", async () => {
    const app = state.checkpoint().resources.find(({ type }) => type === "copilot-token:infra:GraphApp");
    Object.assign(app ?? {}, { outputs: {} });
    const env = { COPILOT_TOKEN_CLOCK: addDays(startedAt, 61).toISOString() };
    const run = await up(state, {}, { env });
    expect([run.steps, sequenceOf(run)]).toEqual([[], 3]);
  });

  it("names every argument that cannot work as the program wrote it", async () => {
    const { ok, said } = await up(ownState(), {
      permissions: '["User.Read.Al", "Mail.Sent"]',
      stackId: "prod",
    });
    expect(ok).toBe(false);
    expect(said).toContain("Arguments of Agent cannot work");
    expect(said).toContain('permissions[0]: "User.Read.Al"');
    expect(said).toContain('permissions[1]: "Mail.Sent"');
    expect(said).toContain('stackId: "prod"');
    expect(said).not.toContain("pulumi config");
  });

  it.each([
    ["named", ["Agent-job-identity", "Agent-reader-job"]],
    ["unnamed", []],
  ])(
    "takes %s readers, owners and issuers of the same run, and shows what it knows of them",
    async (later, shown) => {
      const program = ownState();
      const config = { later, displayName: `Later ${later}` };
      const names = (run: OwnRun): string[] =>
        run.steps.flatMap((step) => /^create (Agent-(?:reader-|job-|login).*)$/.exec(step)?.[1] ?? []).sort();
      const preview = await up(program, config, { preview: true });
      expect([preview.failures, names(preview)]).toEqual([[], shown]);
      const run = await up(program, config);
      const { federated, owners } = detailsOf(run).apps["Agent"] ?? {};
      const reader = Object.values(tenant.state.directory.servicePrincipals).find(
        ({ id }) => id === federated?.[0]?.subject,
      );
      expect(reader?.displayName).toMatch(/^later/);
      expect(owners).toEqual(expect.arrayContaining([reader?.id, tenant.identities.deployer.objectId]));
      const readers = Object.values(tenant.state.arm.roleAssignments).filter(
        ({ principalId }) => principalId === reader?.id,
      );
      expect(readers.map(({ scope }) => scope)).toEqual([expect.stringMatching(/\/secrets\/Agent$/)]);
      expect(names(run)).toEqual(
        later === "named"
          ? shown
          : [expect.stringMatching(/^Agent-login-microsoftonline-com-/), `Agent-reader-${reader?.id ?? ""}`],
      );
      expect((await up(program, config)).steps).toEqual([]);
      expect((await up(program, config, { destroy: true })).failures).toEqual([]);
    },
  );

  it("refuses names that cannot be used, together with other faults", async () => {
    const more = { federated: [{ name: "a", issuer: "https://a.example", subject: "s" }] };
    const { ok, said } = await up(ownState(), {
      permissions: '["User.Read.Al"]',
      more: JSON.stringify(more),
    });
    expect(ok).toBe(false);
    expect(said).toContain('permissions[0]: "User.Read.Al"');
    expect(said).toContain('federated[0].name: "a"');
  });

  it("refuses a second program that would publish under the same name in the same vault", async () => {
    const { vaultResourceId } = detailsOf(first);
    const second = ownState();
    const { ok, said } = await up(second, { vaultId: vaultResourceId, displayName: "Another" });
    expect([ok, /client secret of .* stack/.test(said)]).toEqual([false, true]);
    const sameName = await up(second, { vaultId: vaultResourceId });
    expect([sameName.ok, sameName.said.includes("#app_name_taken")]).toEqual([false, true]);
  });

  it("moves an app here from the project's own program without a new client ID, client secret or replacement", async () => {
    const project = await testStack();
    try {
      const before = outputsOf(await project.up({ apps: { Agent: { permissions: ["User.Read.All"] } } }));
      const moved = ownState();
      // What `pulumi state move` does: the app's component with all that it consists of, under the other project's names.
      for (const resource of project.state.checkpoint().resources) {
        if (!resource.urn.includes("copilot-token:infra:GraphApp")) continue;
        const text = JSON.stringify(resource)
          .replaceAll("urn:pulumi:test::copilot-token::", "urn:pulumi:prod::own::")
          .replaceAll("Stack::copilot-token-test", "Stack::own-prod");
        moved.record({ kind: "put", resource: JSON.parse(text) as typeof resource });
      }
      const { vaultResourceId: vaultId, stackId = "" } = before;
      const place = { tenant: project.emulated.tenant, engine: project.engine };
      const run = await up(moved, { vaultId, stackId }, { in: place });
      const { clientId, credential } = detailsOf(run).apps["Agent"] ?? {};
      expect(clientId).toBe(before.apps["Agent"]?.clientId);
      expect(credential).toEqual(before.apps["Agent"]?.credential);
      // The tag that says where to find the app names its new stack.
      expect(run.steps.filter((step) => !/^update Agent$/.test(step))).toEqual(["import Agent-stack-id"]);
      // So destroy knows the app as this stack's own.
      const held = moved.checkpoint().resources.map(({ urn, type, id = "" }) => ({
        type,
        name: urn.split("::").at(-1) ?? "",
        parentType: undefined,
        id,
        isProtected: false,
        isRetained: false,
      }));
      const { directoryObjects } = recordedResources(held);
      expect(directoryObjects.map((object) => [object.kind, object.stackId])).toEqual([
        ["application", stackId],
        ["servicePrincipal", stackId],
      ]);
      expect((await up(moved, { vaultId, stackId }, { in: place })).steps).toEqual([]);
    } finally {
      await project.close();
    }
  });

  it("is destroyed with all that belongs to it", async () => {
    const destroyed = await up(state, {}, { destroy: true });
    expect(destroyed.failures).toEqual([]);
    expect(state.checkpoint().resources).toEqual([]);
  });
});
