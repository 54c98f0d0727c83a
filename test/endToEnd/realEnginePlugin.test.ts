import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import type { Tenant } from "../../emulator/tenant/tenant";
import type { PulumiCli } from "../../scripts/shared/engines/pulumiCli";
import { bundleCommands, runBundle } from "../support/commandProcess";
import { deployerCalls } from "../support/deployedStack";
import { examples, type Example } from "../support/examples";
import {
  describeWithPulumi,
  minutes,
  pulumiStack,
  type CliRun,
  type PulumiStack,
} from "../support/pulumiStack";
import { secretsIn } from "../support/secretForms";
import { stackContents } from "../support/stackContents";

interface Report {
  readonly ok?: boolean;
  readonly verified?: boolean;
}

/** A vault that is there before the program. */
async function makeVault(tenant: Tenant): Promise<string> {
  const call = deployerCalls(tenant);
  const { tenantId, subscriptionId } = tenant.state;
  const put = (id: string, version: string, body: object) =>
    call("PUT", `https://management.azure.com${id}?api-version=${version}`, {
      location: "westeurope",
      ...body,
    });
  const group = `/subscriptions/${subscriptionId}/resourceGroups/agents`;
  const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv-agents`;
  await put(group, "2021-04-01", {});
  const sku = { family: "A", name: "standard" };
  await put(vault, "2024-11-01", {
    properties: { tenantId, sku, enableRbacAuthorization: true, enablePurgeProtection: true },
  });
  return vault;
}

const reader = (objectId: string): string => `CopilotAPIAuth-reader-${objectId}`;
/** The apps of a TypeScript program share a mark; the plugin marks each by itself. */
const everything = (example: Example, readerObjectId: string): string[] => [
  "CopilotAPIAuth",
  "CopilotAPIAuth",
  "CopilotAPIAuth",
  "CopilotAPIAuth-User.Read.All",
  reader(readerObjectId),
  example.name === "typescript" ? "stack-id" : "CopilotAPIAuth-stack-id",
];

const succeeded = (run: CliRun): CliRun => {
  if (run.exitCode !== 0) throw new Error(run.said);
  return run;
};

async function exampleStack(cli: PulumiCli, example: Example): Promise<PulumiStack> {
  const stack = await pulumiStack(cli, undefined, example);
  const { tenant } = stack.emulated;
  const settings = { vaultId: await makeVault(tenant), readerObjectId: tenant.identities.deployer.objectId };
  for (const [key, value] of Object.entries(settings)) {
    succeeded(await stack.command("config", "set", key, value));
  }
  return stack;
}

for (const example of examples) {
  /** Every test goes on from the stack that the one before left. */
  describeWithPulumi(`examples/${example.name}, by the real engine`, (cli) => {
    if (example.missing !== undefined) {
      console.warn(`examples/${example.name} is skipped: ${example.missing}`);
      it.skip(`is skipped: ${example.missing}`, () => undefined);
      return;
    }
    let stack: PulumiStack;
    beforeAll(async () => {
      stack = await exampleStack(cli, example);
    }, minutes(5));
    afterAll(() => stack.close());

    const commands = bundleCommands();
    const command = async (...words: string[]): Promise<Report> => {
      const { stdout, stderr } = await runBundle(commands, [...words, "--json"], {
        cwd: stack.folder,
        env: await stack.environment(),
        timeout: minutes(4),
      });
      if (stdout === "") throw new Error(stderr);
      return JSON.parse(stdout) as Report;
    };
    const details = async (): Promise<StackOutputs> => {
      const outputs = JSON.parse((await stack.command("stack", "output", "--json")).said) as {
        copilotToken: unknown;
      };
      return readStackOutputs(outputs.copilotToken);
    };
    const contents = async () =>
      stackContents(stack.emulated.tenant.state, await details(), "CopilotAPIAuth");

    it(
      "previews without a change, goes up, and changes nothing when it goes up again",
      async () => {
        const { objectId } = stack.emulated.tenant.identities.deployer;
        const created = everything(example, objectId)
          .map((name) => `create ${name}`)
          .sort();
        const preview = succeeded(await stack.preview());
        expect(preview.changes).toEqual(created);
        const writes = preview.requests.filter(
          ({ method, path }) => method !== "GET" && !path.endsWith("/token"),
        );
        expect(writes).toEqual([]);
        expect(succeeded(await stack.up()).changes).toEqual(created);
        expect((await contents()).grants()).toEqual(["User.Read.All"]);
        expect(succeeded(await stack.up()).changes).toEqual([]);
        expect(succeeded(await stack.refresh()).changes).toEqual([]);
      },
      minutes(15),
    );

    it(
      "rotates, and keeps the client secret's value out of the state, gRPC's log and the engine's events",
      async () => {
        const grpcLog = join(stack.folder, "grpc.json");
        const environment = { COPILOT_TOKEN_ROTATE: "all", PULUMI_DEBUG_GRPC: grpcLog };
        const run = succeeded(await stack.up({ environment }));
        expect(run.changes).toEqual(["update CopilotAPIAuth"]);
        const { app, versions } = await contents();
        expect(app.credential.sequence).toBe(2);
        const exported = await stack.command("stack", "export", "--show-secrets");
        const written = [
          run.said,
          run.eventLog,
          readFileSync(grpcLog, "utf8"),
          exported.said,
          await stack.files(),
        ].join("\n");
        // The logs cover the step: they name the credential.
        expect(written.split(app.credential.keyId).length).toBeGreaterThan(5);
        const values = versions().map(({ value }) => value);
        expect([values.length, secretsIn(written, values)]).toEqual([2, []]);
      },
      minutes(15),
    );

    it(
      "is verified, rotated and destroyed by the commands",
      async () => {
        expect(await command("verify", "--stack", "test")).toMatchObject({ verified: true });
        expect(await command("rotate", "--now", "--stack", "test")).toMatchObject({ ok: true });
        expect((await details()).apps["CopilotAPIAuth"]?.credential?.sequence).toBe(3);
        expect(await command("destroy", "--yes", "--stack", "test")).toMatchObject({ ok: true });
        const { resources } = (
          JSON.parse((await stack.command("stack", "export")).said) as {
            deployment: { resources?: unknown[] };
          }
        ).deployment;
        expect(resources ?? []).toEqual([]);
      },
      minutes(15),
    );
  });
}

/** A vault that is still to be made, two apps, and a provider that the program names. */
const twoApps = (permission: string) => ({
  name: "agent",
  runtime: "yaml",
  packages: { "copilot-token": resolve("plugin") },
  resources: {
    own: { type: "pulumi:providers:copilot-token" },
    vault: {
      type: "copilot-token:SecretVault",
    },
    ...Object.fromEntries(
      ["One", "Two"].map((name) => [
        name,
        {
          type: "copilot-token:GraphApp",
          properties: {
            permissions: [permission],
            vault: { id: "${vault.vaultResourceId}" },
            rotation: { verification: { tokens: 2, overSeconds: 0 } },
          },
          options: name === "Two" ? { provider: "${own}" } : {},
        },
      ]),
    ),
  },
  outputs: { one: "${One.details}", two: "${Two.details}" },
});

describeWithPulumi("two components of the plugin in one program, by the real engine", (cli) => {
  const example = examples.find(({ name }) => name === "yaml");
  if (example?.missing !== undefined) {
    it.skip(`is skipped: ${example.missing}`, () => undefined);
    return;
  }
  let stack: PulumiStack;
  const write = (permission = "User.Read.All"): void => {
    writeFileSync(join(stack.folder, "Pulumi.yaml"), stringify(twoApps(permission)));
  };
  const secretSteps = ({ steps }: CliRun): string[] =>
    steps
      .filter(({ type }) => type === "copilot-token:index:PublishedSecret")
      .map(({ operation, name }) => `${operation} ${name}`)
      .sort();
  beforeAll(async () => {
    stack = await pulumiStack(cli, undefined, example);
    write();
    succeeded(await stack.command("config", "set", "azure-native:location", "westeurope"));
  }, minutes(5));
  afterAll(() => stack.close());

  it(
    "previews what it does not know yet, and tells a wrong input once, before anything is registered",
    async () => {
      expect(secretSteps(succeeded(await stack.preview()))).toEqual(["create One", "create Two"]);
      write("User.Read.Al");
      const refused = await stack.preview();
      expect([refused.exitCode === 0, secretSteps(refused)]).toEqual([false, []]);
      expect(refused.said.split("Arguments of One cannot work").length - 1).toBeLessThanOrEqual(2);
      expect(refused.said).toContain('permissions[0]: "User.Read.Al"');
      expect(refused.said).not.toMatch(/\bat .*\.ts:\d+/);
    },
    minutes(15),
  );

  it(
    "finishes a run that was killed, rotates one of the apps, and is destroyed",
    async () => {
      write();
      const killed = await stack.up({
        killAt: ({ method, path }) => method === "POST" && path.endsWith("/addPassword"),
      });
      expect(killed.exitCode).not.toBe(0);
      succeeded(await stack.command("cancel", "--yes"));
      succeeded(await stack.up());
      expect(succeeded(await stack.up()).changes).toEqual([]);
      const rotated = succeeded(await stack.up({ environment: { COPILOT_TOKEN_ROTATE: "Two" } }));
      expect(rotated.changes).toEqual(["update Two"]);
      succeeded(await stack.destroy());
    },
    minutes(15),
  );
});
