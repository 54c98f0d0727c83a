import { createPublicKey, randomBytes, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStackOutputs, type StackOutputs } from "../../../core/outputs/stackOutputs";
import { openStackState } from "../../../emulator/pulumi/stackState";
import { azure } from "../../../emulator/server/azure";
import { createTenant, type Tenant } from "../../../emulator/tenant/tenant";
import { rotate } from "../../../scripts/rotate/rotate";
import type { RotateReport } from "../../../scripts/rotate/report";
import type { Wish } from "../../../scripts/rotate/rotationPlan";
import { inlineEngine } from "../../../scripts/shared/engines/inlineEngine";
import type { EngineRun, StackEngine } from "../../../scripts/shared/engines/stackEngine";
import { steps } from "../../../scripts/shared/steps";
import { verify } from "../../../scripts/verify/verify";
import type { VerifyReport } from "../../../scripts/verify/report";
import { servedEngine, type ServedEngine } from "../../support/servedEngine";
import { armEnvironment, azureExchange, testWorld, type TestWorld } from "../../support/testWorld";

const day = 86_400_000;

// One stack's life with the program itself: each test goes on where the one before it stopped.
describe("an app with a certificate", () => {
  let tenant: Tenant;
  let served: ServedEngine;
  let engine: StackEngine;
  let credential = "secret";
  const now = (): Date => tenant.clock.now();

  beforeAll(async () => {
    tenant = createTenant();
    served = await servedEngine(azure(tenant));
    const environment = served.environmentOf(tenant, tenant.identities.deployer);
    const readers = [{ id: tenant.identities.deployer.objectId, type: "ServicePrincipal" }];
    engine = inlineEngine("a test", {
      projectDir: served.folder,
      stack: "test",
      get environment() {
        return { ...environment, COPILOT_TOKEN_CLOCK: now().toISOString() };
      },
      state: openStackState({
        project: "copilot-token",
        stack: "test",
        passphrase: randomBytes(16).toString("hex"),
      }),
      processes: served.processes,
      get config() {
        return {
          "azure-native:location": "westeurope",
          "copilot-token:apps": JSON.stringify({
            Mail: { permissions: ["User.Read.All"], credential, readers },
          }),
          "copilot-token:rotation": JSON.stringify({
            everyDays: 90,
            keepDays: 30,
            verification: { tokens: 2, overSeconds: 0 },
          }),
          "copilot-token:protect": "false",
        };
      },
    });
    expect(await engine.up()).toMatchObject({ ok: true, failures: [] });
  });
  afterAll(() => {
    served.giveBack();
  });

  const up = async (): Promise<[EngineRun, StackOutputs]> => {
    const run = await engine.up();
    expect(run).toMatchObject({ ok: true, failures: [] });
    return [run, readStackOutputs(run.outputs)];
  };
  const world = (): TestWorld => {
    return testWorld({
      exchange: azureExchange(tenant),
      now,
      env: armEnvironment(tenant, "deployer"),
      onSleep: (milliseconds) => {
        tenant.clock.advance(milliseconds);
      },
    });
  };
  const rotateOnce = (wish: Wish = "due"): Promise<RotateReport> => {
    const here = world();
    return rotate(here, steps(here, true), { engine, wish, dryRun: false });
  };
  const verifyNow = async (outputs: StackOutputs): Promise<VerifyReport> =>
    verify(world(), { loaded: { outputs, from: "a test", stack: "test" }, apps: [] });
  const application = () => {
    const found = Object.values(tenant.state.directory.applications).find(
      ({ displayName }) => displayName === "Mail",
    );
    if (found === undefined) throw new Error("there is no application");
    return found;
  };
  const certificates = (): Record<string, string>[] =>
    (application()["keyCredentials"] ?? []) as Record<string, string>[];
  /** What the application accepts, by number; others by name. */
  const numbers = (): string[] =>
    certificates().map(
      ({ displayName = "" }) =>
        /^copilot-token Mail-(\d+) [-0-9a-f]{36}$/.exec(displayName)?.[1] ?? displayName,
    );
  const vault = () => {
    const [found] = Object.values(tenant.state.vaults);
    if (found === undefined) throw new Error("there is no vault");
    return found;
  };
  const statusOf = (report: VerifyReport, id: string) => report.checks.find((check) => check.id === id);

  it("comes from a client secret in one run, and consumers of the secret go on", async () => {
    const secretBefore = vault().secrets["mail"]?.versions.at(-1)?.value;
    credential = "certificate";
    const [run, outputs] = await up();
    const app = outputs.apps["Mail"];
    expect(app).toMatchObject({
      signIn: "certificate",
      credential: { sequence: 1, retiredSince: expect.any(String) as string },
      certificate: {
        certificateName: "Mail-certificate",
        secretName: "Mail-signing-key",
        exportable: false,
        credential: { sequence: 1, cause: "first" },
      },
    });
    expect(vault().secrets["mail"]?.versions.at(-1)?.value).toBe(secretBefore);
    expect(application().passwordCredentials).toHaveLength(1);
    const report = await verifyNow(outputs);
    expect(report.checks.filter(({ status }) => status === "fail")).toEqual([]);
    expect(report.verified).toBe(true);
    expect(statusOf(report, "token")?.summary).toMatch(/^Entra accepts an assertion that the vault signed; /);
    expect(statusOf(report, "credentials")?.summary).toBe(
      "one live client secret, the published one; one live certificate, the published one",
    );
    // The private key of the pair is in the vault alone.
    const [key] = vault().keys?.["mail-certificate"]?.versions ?? [];
    const registered = new X509Certificate(Buffer.from(certificates()[0]?.["key"] ?? "", "base64"));
    expect(createPublicKey(key?.privateKey ?? "").export({ format: "pem", type: "spki" })).toEqual(
      registered.publicKey.export({ format: "pem", type: "spki" }),
    );
    expect(JSON.stringify(run)).not.toContain("PRIVATE KEY");
  });

  it("is rotated like a client secret, with overlap, and leaves others' certificates as they are", async () => {
    const other = {
      ...certificates()[0],
      keyId: "0f0f0f0f-1111-4222-8333-444444444444",
      displayName: "of another team",
      customKeyIdentifier: "AB12",
    };
    application()["keyCredentials"] = [...certificates(), other];
    tenant.clock.advance(90 * day + 60_000);
    const report = await rotateOnce();
    // Another team's certificate is reported, and it stays.
    expect(report).toMatchObject({
      failures: [],
      apps: [
        {
          occasion: "due",
          before: { kind: "certificate", sequence: 1 },
          after: { sequence: 2 },
          removed: [],
        },
      ],
    });
    expect(statusOf(report.verifiedBefore, "credentials")).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("of another team") as string,
    });
    expect(numbers()).toEqual(["1", "of another team", "2"]);
    expect(certificates()[1]).toEqual(other);
    tenant.clock.advance(30 * day + 60_000);
    const later = await rotateOnce();
    expect(later.apps[0]).toMatchObject({
      occasion: null,
      removed: [{ kind: "certificate", reason: "superseded" }],
    });
    expect(numbers()).toEqual(["of another team", "2"]);
    expect(certificates()[0]).toEqual(other);
  });

  it("takes every other credential along when its key leaked, and is verified afterwards", async () => {
    const report = await rotateOnce("leaked");
    expect(report).toMatchObject({
      ok: true,
      failures: [],
      apps: [{ occasion: "leaked", after: { sequence: 3 } }],
    });
    expect(numbers()).toEqual(["3"]);
    expect(application().passwordCredentials).toEqual([]);
  });

  it("goes back to a client secret in one run, and leaves vault and application when its time is over", async () => {
    credential = "secret";
    const [, outputs] = await up();
    expect(outputs.apps["Mail"]).toMatchObject({
      signIn: "secret",
      credential: { sequence: 2 },
      certificate: { credential: { sequence: 3, retiredSince: expect.any(String) as string } },
    });
    expect((await verifyNow(outputs)).verified).toBe(true);
    tenant.clock.advance(29 * day);
    await rotateOnce();
    expect(numbers()).toEqual(["3"]);
    tenant.clock.advance(1 * day + 60_000);
    const [, after] = await up();
    expect(after.apps["Mail"]?.certificate).toBeUndefined();
    expect(Object.keys(vault().certificates ?? {})).toEqual([]);
    const report = await rotateOnce();
    expect(report.apps[0]?.removed).toMatchObject([{ kind: "certificate", reason: "retired" }]);
    expect(numbers()).toEqual([]);
  });
});
