import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { earlierState, type StateResource } from "../support/earlierRelease";
import {
  describeWithPulumi,
  minutes,
  pulumiStack,
  type CliRequest,
  type CliRun,
  type PulumiStack,
} from "../support/pulumiStack";
import { formsOf, secretMark, secretsIn } from "../support/secretForms";
import { stackContents } from "../support/stackContents";

const settings = { apps: { Mail: { permissions: ["User.Read.All"] } } };

it("would be found within what is encoded as a whole", () => {
  const secret = "h8Q~Kd+/é3.xyzABCDEFGHIJKLMNOPQRSTUVWX";
  const whole = `{"value":${JSON.stringify(secret)}}`;
  const encoded = [
    ...["base64", "base64url", "hex"].map((encoding) =>
      Buffer.from(whole).toString(encoding as BufferEncoding),
    ),
    encodeURIComponent(whole),
    new URLSearchParams({ whole }).toString(),
    JSON.stringify(whole),
  ];
  for (const text of encoded) expect(secretsIn(text, [secret, "another-secret-value"])).toEqual([secret]);
  expect(formsOf(secret).every((form) => form.length >= secret.length - 2)).toBe(true);
});

/** Every test goes on from the stack that the one before left. */
describeWithPulumi("the value of a client secret, by the real engine", (cli) => {
  let stack: PulumiStack;
  beforeAll(async () => {
    stack = await pulumiStack(cli);
  });
  afterAll(() => stack.close());

  const contents = async () => stackContents(stack.emulated.tenant.state, await stack.outputs(), "Mail");
  const values = async () => (await contents()).versions().map(({ value }) => value);
  const exported = async (...flags: string[]) => (await stack.command("stack", "export", ...flags)).said;
  /** Without the record of how a provider wrote its values: bridges of Terraform's providers seal it, whatever it holds. */
  const ownState = async () =>
    JSON.stringify(JSON.parse(await exported()), (key, value: unknown) =>
      key === "__pulumi_raw_state_delta" ? undefined : value,
    );
  const grpcLog = () => join(stack.folder, "grpc.json");
  /** Runs with all that the engine can log. */
  const logged = async (
    operate: (request: CliRequest) => Promise<CliRun>,
    request: CliRequest = {},
  ): Promise<string> => {
    const environment = { ...request.environment, PULUMI_DEBUG_GRPC: grpcLog(), NODE_DEBUG: "pulumi" };
    const run = await operate({ ...request, environment });
    expect(run.exitCode, run.said).toBe(0);
    return [run.said, run.eventLog, readFileSync(grpcLog(), "utf8")].join("\n");
  };

  it(
    "is in no state, export or log, whatever it is encoded as, and nothing is encrypted",
    async () => {
      const written = [
        await logged((request) => stack.preview(request), { settings }),
        await logged((request) => stack.up(request)),
        await logged((request) => stack.up(request), { environment: { COPILOT_TOKEN_ROTATE: "all" } }),
        await logged((request) => stack.refresh(request)),
        await exported(),
        await exported("--show-secrets"),
        await stack.files(),
      ].join("\n");
      const { app } = await contents();
      // The logs cover the step: they name the credential.
      expect(written.split(app.credential.keyId).length).toBeGreaterThan(10);
      expect(await values()).toHaveLength(2);
      expect(secretsIn(written, await values())).toEqual([]);
      expect(await ownState()).not.toContain(secretMark);
    },
    minutes(5),
  );

  it(
    "leaves the state of an earlier release with the next up, which publishes and removes nothing",
    async () => {
      const state = JSON.parse(await exported()) as { deployment: { resources: StateResource[] } };
      const published = (await contents()).versions().at(-1);
      if (published === undefined) throw new Error("nothing was published");
      const sealed = (value: string) => ({
        [secretMark]: "1b47061264138c4ac30d75fd1eb44270",
        plaintext: JSON.stringify(value),
      });
      state.deployment.resources = earlierState(state.deployment.resources, published, sealed);
      writeFileSync(join(stack.folder, "earlier.json"), JSON.stringify(state));
      const imported = await stack.command("stack", "import", "--file", "earlier.json");
      expect(imported.exitCode, imported.said).toBe(0);
      expect(await exported()).toContain(secretMark);

      const before = structuredClone(stack.emulated.tenant.state);
      const run = await stack.up();
      expect(run.exitCode, run.said).toBe(0);
      expect(run.changes).toEqual(["forget Mail-2", "forget Mail-2", "update Mail"]);
      expect(stack.emulated.tenant.state).toEqual(before);
      expect(await ownState()).not.toContain(secretMark);
      expect((await stack.up()).changes).toEqual([]);
      expect((await stack.refresh()).changes).toEqual([]);
    },
    minutes(5),
  );
});
