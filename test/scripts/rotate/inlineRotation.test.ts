import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStackState } from "../../../emulator/pulumi/stackState";
import { readStackOutputs } from "../../../core/outputs/stackOutputs";
import { inlineEngine } from "../../../scripts/shared/engines/inlineEngine";
import type { StackEngine } from "../../../scripts/shared/engines/stackEngine";
import { azure } from "../../../emulator/server/azure";
import { createTenant, type Tenant } from "../../../emulator/tenant/tenant";
import { rotate } from "../../../scripts/rotate/rotate";
import type { RotateReport } from "../../../scripts/rotate/report";
import type { Wish } from "../../../scripts/rotate/rotationPlan";
import { steps } from "../../../scripts/shared/steps";
import { secretApp } from "../../support/secretApp";
import { armEnvironment, azureExchange, testWorld } from "../../support/testWorld";
import { servedEngine, type ServedEngine } from "../../support/servedEngine";

const day = 86_400_000;
const clientSecret = "pulumi-nodejs:dynamic/copilot-token:ClientSecret";

/** The real program by the real inline engine; every test goes on from the stack that the one before left. */
describe("rotate, with the program itself", () => {
  let tenant: Tenant;
  let served: ServedEngine;
  let engine: StackEngine;
  let abort: { readonly step: string; readonly controller: AbortController } | undefined;
  const now = (): Date => tenant.clock.now();

  beforeAll(async () => {
    tenant = createTenant();
    served = await servedEngine(azure(tenant));
    const environment = served.environmentOf(tenant, tenant.identities.deployer);
    const state = openStackState({
      project: "copilot-token",
      stack: "test",
      passphrase: randomBytes(16).toString("hex"),
    });
    engine = inlineEngine("a test", {
      projectDir: served.folder,
      stack: "test",
      // The program's clock is the tenant's: read at each run.
      get environment() {
        return { ...environment, COPILOT_TOKEN_CLOCK: now().toISOString() };
      },
      state,
      processes: served.processes,
      config: {
        "azure-native:location": "westeurope",
        "copilot-token:apps": JSON.stringify({ Mail: { permissions: ["User.Read.All"] } }),
        "copilot-token:rotation": JSON.stringify({ verification: { tokens: 2, overSeconds: 0 } }),
        "copilot-token:protect": "false",
      },
      onEvent: (event) => {
        if (event.kind !== "step" || abort === undefined) return;
        const { operation, status, type, name } = event.step;
        if (`${status} ${operation} ${type.split(":").at(-1) ?? ""} ${name}` === abort.step)
          abort.controller.abort();
      },
    });
    const first = await engine.up();
    expect(first).toMatchObject({ ok: true, failures: [] });
  });
  afterAll(() => {
    served.giveBack();
  });

  const rotateOnce = (wish: Wish = "due", killedAt?: string): Promise<RotateReport> => {
    const world = testWorld({
      exchange: azureExchange(tenant),
      now,
      env: armEnvironment(tenant, "deployer"),
      onSleep: (milliseconds) => {
        tenant.clock.advance(milliseconds);
      },
    });
    const controller = new AbortController();
    abort = killedAt === undefined ? undefined : { step: killedAt, controller };
    const killable: StackEngine = {
      ...engine,
      up: (request) => engine.up({ ...request, signal: controller.signal }),
    };
    return rotate(world, steps(world, true), { engine: killable, wish, dryRun: false });
  };
  /** Sequence numbers of the secrets that have not expired; each name ends with the stack's ID. */
  const live = (): string[] => {
    const application = Object.values(tenant.state.directory.applications).find(
      ({ displayName }) => displayName === "Mail",
    );
    return (application?.passwordCredentials ?? [])
      .filter(({ endDateTime }) => new Date(endDateTime) > now())
      .map(
        ({ displayName }) =>
          /^copilot-token Mail-(\d+) [-0-9a-f]{36}$/.exec(displayName ?? "")?.[1] ??
          `not ours: ${displayName ?? ""}`,
      );
  };

  it("does not rotate what is not due, and rotates it once it is", async () => {
    expect(await rotateOnce()).toMatchObject({ ok: true, steps: [], apps: [{ occasion: null }] });
    tenant.clock.advance(60 * day + 60_000);
    const report = await rotateOnce();
    expect(report.failures).toEqual([]);
    expect(report).toMatchObject({
      ok: true,
      apps: [{ occasion: "due", after: { sequence: 2, published: true } }],
    });
    expect(
      report.steps
        .filter(({ type }) => type === clientSecret)
        .map(({ operation, name }) => `${operation} ${name}`),
    ).toEqual(["update Mail"]);
    expect(await rotateOnce()).toMatchObject({ ok: true, steps: [] });
    expect(live()).toEqual(["1", "2"]);
  });

  it.each([
    ["begins to make the secret", "begun update ClientSecret Mail"],
    ["has published it", "done update ClientSecret Mail"],
  ])("goes on after the engine is killed as it %s", async (_when, step) => {
    const before = secretApp(readStackOutputs(await engine.outputs()).apps["Mail"]).credential.sequence;
    const killed = await rotateOnce("now", step);
    expect(killed.ok).toBe(false);
    const report = await rotateOnce("now");
    expect(report).toMatchObject({ ok: true, failures: [], apps: [{ after: { published: true } }] });
    expect(report.apps[0]?.after?.sequence).toBeGreaterThan(before);
    tenant.clock.advance(3_600_001);
    await rotateOnce();
    // As many as were published, one each, and nothing left over.
    expect(new Set(live()).size).toBe(live().length);
  });

  it("clears everything but the new secret after a leak, and a plain up brings nothing back", async () => {
    const report = await rotateOnce("leaked");
    expect(report).toMatchObject({ ok: true, apps: [{ after: { cause: "leaked" } }] });
    const { sequence, keyId } = report.apps[0]?.after ?? { sequence: 0, keyId: "" };
    expect(live()).toEqual([String(sequence)]);
    expect((await engine.up({ rotate: "" })).steps).toEqual([]);
    expect(secretApp(readStackOutputs(await engine.outputs()).apps["Mail"]).credential).toMatchObject({
      sequence,
      keyId,
      cause: "leaked",
    });
  });

  it("previews a rotation and changes nothing", async () => {
    const before = live();
    const preview = await engine.preview({ rotate: "Mail" });
    expect(preview.steps.map(({ operation, type }) => `${operation} ${type}`)).toContain(
      `update ${clientSecret}`,
    );
    expect(live()).toEqual(before);
  });
});
