import { afterAll, beforeAll, expect, it } from "vitest";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { Flags } from "../../scripts/shared/command";
import { destroyBy } from "../../scripts/destroy/runDestroy";
import { verify } from "../../scripts/verify/verify";
import {
  describeWithPulumi,
  minutes,
  pulumiStack,
  type CliRun,
  type PulumiStack,
} from "../support/pulumiStack";
import { armEnvironment, azureExchange, testWorld } from "../support/testWorld";

/** Every test goes on from the stack that the one before left. */
describeWithPulumi("the life of an app with a certificate, by the real engine", (cli) => {
  let stack: PulumiStack;
  const state = () => stack.emulated.tenant.state;
  const succeeded = (run: CliRun): CliRun => {
    if (run.exitCode !== 0) throw new Error(run.said);
    return run;
  };
  const world = () => {
    const { tenant } = stack.emulated;
    return testWorld({
      exchange: azureExchange(tenant),
      now: () => tenant.clock.now(),
      env: armEnvironment(tenant, "deployer"),
      directory: stack.folder,
    });
  };
  const mail = async () => {
    const app = readStackOutputs(await stack.outputs()).apps["Mail"];
    if (app?.certificate === undefined) throw new Error("the stack has no certificate");
    const registered = state().directory.applications[app.applicationObjectId ?? ""]?.["keyCredentials"];
    const [vault] = Object.values(state().vaults);
    return {
      ...app.certificate.credential,
      keyIds: Array.isArray(registered) ? registered.map((one: { keyId: string }) => one.keyId) : [],
      publishedKeyId: vault?.secrets["mail-signing-key"]?.versions.at(-1)?.tags?.["keyId"],
      vault,
    };
  };

  beforeAll(async () => {
    stack = await pulumiStack(cli);
  });
  afterAll(() => stack.close());

  it(
    "goes up, rests, and is verified by a token that the vault signed for",
    async () => {
      const { deployer } = stack.emulated.tenant.identities;
      const readers = [{ id: deployer.objectId, type: "ServicePrincipal" }];
      const apps = { Mail: { permissions: ["User.Read.All"], credential: "certificate", readers } };
      succeeded(await stack.up({ settings: { apps } }));
      const { sequence, keyId, keyIds, publishedKeyId } = await mail();
      expect([sequence, keyIds, publishedKeyId]).toEqual([1, [keyId], keyId]);
      expect(succeeded(await stack.up()).changes).toEqual([]);
      expect(succeeded(await stack.refresh()).changes).toEqual([]);
      const outputs = readStackOutputs(await stack.outputs());
      const report = await verify(world(), { loaded: { outputs, from: "a test", stack: "test" } });
      expect(report.checks.filter(({ status }) => status === "fail")).toEqual([]);
      expect(report.verified).toBe(true);
    },
    minutes(4),
  );

  it(
    "rotates: one certificate more, the previous one kept, and the private key in no state",
    async () => {
      const before = await mail();
      const run = succeeded(await stack.up({ environment: { COPILOT_TOKEN_ROTATE: "all" } }));
      expect(run.changes).toEqual(["update Mail"]);
      const { sequence, keyId, keyIds, publishedKeyId, vault } = await mail();
      expect([sequence, keyIds, publishedKeyId]).toEqual([2, [before.keyId, keyId], keyId]);
      expect(vault?.keys?.["mail-certificate"]?.versions).toHaveLength(2);
      const exported = await stack.command("stack", "export", "--show-secrets");
      expect(exported.said).toContain(keyId);
      for (const { privateKey } of vault?.keys?.["mail-certificate"]?.versions ?? []) {
        const [, line = ""] = privateKey.split("\n");
        expect([line.length, exported.said.includes(line)]).toEqual([64, false]);
      }
      expect(exported.said).not.toContain("PRIVATE KEY");
    },
    minutes(4),
  );

  it(
    "is destroyed",
    async () => {
      const here = world();
      const flags = new Flags({ yes: true, json: true });
      expect(await destroyBy(await stack.engine(), "destroy", flags, here)).toBe(0);
      expect(Object.values(state().directory.deletedItems).map(({ item }) => item["displayName"])).toContain(
        "Mail",
      );
      expect(Object.keys(state().arm.deletedVaults)).toHaveLength(1);
    },
    minutes(4),
  );
});
