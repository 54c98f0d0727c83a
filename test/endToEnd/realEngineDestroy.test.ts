import { afterAll, beforeAll, expect, it } from "vitest";
import { Flags } from "../../scripts/shared/command";
import { destroyBy } from "../../scripts/destroy/runDestroy";
import type { DestroyMode, DestroyReport } from "../../scripts/destroy/report";
import type { SecretAppOutputs } from "../../core/outputs/stackOutputs";
import { wholeAdoption, wholeDestruction } from "../support/destroyedStack";
import { describeWithPulumi, minutes, pulumiStack, type PulumiStack } from "../support/pulumiStack";
import { stackContents } from "../support/stackContents";
import { armEnvironment, azureExchange, testWorld } from "../support/testWorld";

const mail = { permissions: ["User.Read.All"] };

/** Every test goes on from the stack that the one before left. */
describeWithPulumi("npm run destroy, by the real engine", (cli) => {
  let stack: PulumiStack;
  let app: SecretAppOutputs;
  let vaultId: string;
  const state = () => stack.emulated.tenant.state;
  const destroy = async (
    mode: DestroyMode,
    flags: Readonly<Record<string, boolean>> = {},
  ): Promise<{ exitCode: number; report: DestroyReport }> => {
    const { tenant } = stack.emulated;
    const world = testWorld({
      exchange: azureExchange(tenant),
      now: () => tenant.clock.now(),
      env: armEnvironment(tenant, "deployer"),
      directory: stack.folder,
    });
    const given = new Flags({ yes: true, json: true, ...flags });
    const exitCode = await destroyBy(await stack.engine(), mode, given, world);
    return { exitCode, report: JSON.parse(world.printed.at(-1) ?? "") as DestroyReport };
  };
  const done = ({ steps }: DestroyReport): string[] =>
    steps.map(({ operation, name }) => `${operation} ${name}`).sort();
  const up = async (settings: Readonly<Record<string, unknown>>): Promise<readonly string[]> => {
    const run = await stack.up({ settings });
    if (run.exitCode !== 0) throw new Error(run.said);
    return run.changes;
  };

  beforeAll(async () => {
    stack = await pulumiStack(cli);
    await up({ apps: { Mail: mail }, protect: true });
    app = stackContents(state(), await stack.outputs(), "Mail").app;
    vaultId = app.secretResourceId.replace(/\/secrets\/.*/, "");
  }, minutes(2));
  afterAll(() => stack.close());

  it("is refused while the stack is protected, before anything goes", async () => {
    const before = structuredClone(state());
    await expect(destroy("destroy")).rejects.toMatchObject({ code: "STACK_PROTECTED" });
    expect(state()).toEqual(before);
  });

  it("tells what would go, and changes nothing", async () => {
    await up({ apps: { Mail: mail } });
    const before = structuredClone(state());
    const { exitCode, report } = await destroy("destroy", { "dry-run": true });
    expect([exitCode, done(report), state()]).toEqual([0, wholeDestruction, before]);
  });

  it("takes the stack down and says what Azure keeps", { timeout: minutes(4) }, async () => {
    const settings = await stack.files();
    const { exitCode, report } = await destroy("destroy");
    expect([exitCode, report.failures, done(report)]).toEqual([0, [], wholeDestruction]);
    expect(report.leftovers.map(({ kind, state: seen }) => `${kind} ${seen}`)).toEqual([
      "vault deleted",
      "application deleted",
      "servicePrincipal deleted",
      "workspace deleted",
    ]);
    expect(settings).toContain("protect: false");
    expect(await stack.files()).toContain("protect: false");
  });

  it("brings back what Azure kept, and the next run takes it in", { timeout: minutes(4) }, async () => {
    const { exitCode, report } = await destroy("restore");
    expect([exitCode, report.outcomes.map(({ kind }) => kind)]).toEqual([
      0,
      ["vault", "application", "servicePrincipal"],
    ]);
    const adopting = {
      apps: { Mail: { ...mail, adopt: app.applicationObjectId } },
      vault: { adopt: vaultId },
    };
    expect(await up(adopting)).toEqual(wholeAdoption);
    const contents = stackContents(state(), await stack.outputs(), "Mail");
    expect(contents.app).toMatchObject({ clientId: app.clientId, secretResourceId: app.secretResourceId });
    expect(contents.publishedKeyId()).toBe(contents.app.credential.keyId);
    // The application and its service principal get the mark of the new stack.
    expect(await up(adopting)).toEqual(["update Mail", "update Mail", "update vault"]);
    expect(await up(adopting)).toEqual([]);
  });

  it("purges the apps after a destruction", { timeout: minutes(4) }, async () => {
    const { exitCode, report } = await destroy("purge");
    expect([exitCode, report.outcomes.map(({ kind, refusal }) => [kind, refusal])]).toEqual([
      0,
      [
        ["servicePrincipal", null],
        ["application", null],
      ],
    ]);
    expect(state().directory.deletedItems).toEqual({});
  });
});
