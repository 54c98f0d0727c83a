import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { secret } from "../../emulator/pulumi/properties";
import { sealerWith } from "../../emulator/pulumi/sealing";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { earlierState } from "../support/earlierRelease";
import { secretMark, secretsIn } from "../support/secretForms";
import { stackContents } from "../support/stackContents";
import { testStack, type TestStack } from "../support/testStack";

const settings = { apps: { Mail: { permissions: ["User.Read.All"] } } };

describe("a stack of a release that kept the value in its state", () => {
  let stack: TestStack;
  let kept: unknown;
  beforeAll(async () => {
    stack = await testStack();
    const { outputs } = await stack.up(settings);
    const published = contents(outputs).versions().at(-1);
    if (published === undefined) throw new Error("nothing was published");
    const { state } = stack;
    const sealer = sealerWith(state.key);
    const { resources } = state.checkpoint();
    const earlier = earlierState(resources, published, (value) => sealer.seal(secret(value)));
    for (const { urn } of resources) state.record({ kind: "drop", urn });
    for (const resource of earlier) state.record({ kind: "put", resource });
    kept = structuredClone(stack.emulated.tenant.state);
  });
  afterAll(() => stack.close());

  const contents = (outputs: unknown) =>
    stackContents(stack.emulated.tenant.state, readStackOutputs(outputs), "Mail");
  const state = (): string => JSON.stringify(stack.state.checkpoint().resources);

  it("moves over in its next up: nothing published or removed, and no secret left in the state", async () => {
    expect(state()).toContain("azure-native:keyvault:Secret");
    expect(state().split(secretMark)).toHaveLength(5);
    const run = await stack.up(settings);
    expect(run.ok, run.said).toBe(true);
    expect([...run.steps].sort()).toEqual(["forget Mail-1", "forget Mail-1", "update Mail"]);
    expect(stack.emulated.tenant.state).toEqual(kept);
    const { app, versions, publishedKeyId } = contents(run.outputs);
    expect(publishedKeyId()).toBe(app.credential.keyId);
    expect(state()).not.toContain(secretMark);
    expect(
      secretsIn(
        state(),
        versions().map(({ value }) => value),
      ),
    ).toEqual([]);
    expect((await stack.up(settings)).steps).toEqual([]);
  });

  it("rotates from there", async () => {
    const run = await stack.up(settings, { COPILOT_TOKEN_ROTATE: "Mail" });
    expect(run.steps).toEqual(["update Mail"]);
    const { app, keyIds, versions } = contents(run.outputs);
    expect([app.credential.sequence, keyIds().length]).toEqual([2, 2]);
    expect(
      secretsIn(
        state(),
        versions().map(({ value }) => value),
      ),
    ).toEqual([]);
  });
});
