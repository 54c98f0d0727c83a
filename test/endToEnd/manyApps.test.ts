import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outputsOf, testStack, type TestStack } from "../support/testStack";

/** One more than are registered at once. */
const names = Array.from({ length: 26 }, (_, index) => `App${String(index).padStart(2, "0")}`);
const apps = { apps: Object.fromEntries(names.map((name) => [name, { permissions: ["User.Read.All"] }])) };

describe("a stack of more apps than are registered at once", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack();
  });
  afterAll(() => stack.close());

  it("registers the last one even where each earlier one fails", async () => {
    const refusal = { kind: "status", status: 403 } as const;
    stack.emulated.tenant.faults = {
      disturbances: [{ service: "arm", path: "/secrets/App", method: "PUT", action: refusal }],
    };
    const run = await stack.up(apps);
    expect(run.ok).toBe(false);
    const made = Object.values(stack.emulated.tenant.state.directory.applications);
    expect(made.map(({ displayName }) => displayName).filter((name) => names.includes(name))).toHaveLength(
      26,
    );
  });

  it("is finished by the next run, which publishes the apps in the order of their names", async () => {
    stack.emulated.tenant.faults = {};
    const run = await stack.up(apps);
    expect(Object.keys(outputsOf(run).apps)).toEqual(names);
    expect(run.steps.toSorted()).toEqual(names.map((name) => `create ${name}`));
  });
});
