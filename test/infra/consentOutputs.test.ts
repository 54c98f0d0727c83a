import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outputsOf, testStack, type TestStack } from "../support/testStack";

describe("the permissions that a stack publishes", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack();
  });
  afterAll(() => stack.close());

  const settings = (...permissions: string[]) => ({ apps: { CopilotAPIAuth: { permissions } } });
  const consents = ["**::CopilotAPIAuth-*.Read.All"];
  const published = async (...given: Parameters<TestStack["up"]>) =>
    outputsOf(await stack.up(...given)).apps["CopilotAPIAuth"]?.permissions;

  it("are those that are granted, and not those that still wait for it", async () => {
    const both = settings("User.Read.All", "Group.Read.All");
    expect(await published(settings("User.Read.All"))).toEqual(["User.Read.All"]);
    expect(await published(both, {}, { exclude: consents })).toEqual(["User.Read.All"]);
    expect(await published(both)).toEqual(["User.Read.All", "Group.Read.All"]);
  });
});
