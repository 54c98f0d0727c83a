import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Checkpoint, ResourceState } from "../../emulator/pulumi/checkpoint";
import { connectorClientId } from "../../core/agent/logicAppRequest";
import { killableStack, type KillableStack } from "../support/killPoints";

const appComponent = /copilot-token:infra:(?:Graph|Identity)App(?:\$|::)/;

/** The state as it was before, with each app's resources directly under the stack. */
function beforeAppComponents(checkpoint: Checkpoint): Checkpoint {
  const root = checkpoint.resources[0]?.urn ?? "";
  const isComponent = (urn: string): boolean => /infra:(?:Graph|Identity)App::/.test(urn);
  const formerly = (urn: string): string =>
    isComponent(urn) ? root : urn.replace(/copilot-token:infra:(?:Graph|Identity)App\$/, "");
  const resources = checkpoint.resources
    .filter(({ urn }) => !isComponent(urn))
    .map((resource): ResourceState => {
      const { urn, parent, dependencies } = resource;
      return {
        ...resource,
        urn: formerly(urn),
        dependencies: dependencies.map(formerly),
        ...(parent === undefined ? {} : { parent: formerly(parent) }),
      };
    });
  return { ...checkpoint, resources };
}

describe("a stack from before its apps were components", () => {
  let stack: KillableStack;
  beforeAll(async () => {
    stack = await killableStack(({ state }) => ({
      identities: { agent: {} },
      apps: {
        Mail: { permissions: ["User.Read.All"] },
        Agent: {
          permissions: ["User.Read.All"],
          credential: "managedIdentity",
          identity: "agent",
          logicApp: { callers: [connectorClientId], users: Object.keys(state.directory.users).slice(0, 1) },
        },
      },
    }));
    const run = await stack.up();
    expect(run.ok, run.said).toBe(true);
  });
  afterAll(() => stack.close());

  it("moves to components without a change in Azure, and nothing is made or deleted", async () => {
    const now = stack.checkpoint();
    expect(now.resources.some(({ urn }) => appComponent.test(urn))).toBe(true);
    const former = beforeAppComponents(now);
    expect(former.resources.filter(({ urn }) => appComponent.test(urn))).toEqual([]);
    stack.goBackTo({ tenant: stack.tenant.state, checkpoint: former });
    const run = await stack.up();
    expect([run.ok, run.steps, run.writes]).toEqual([true, [], []]);
    const urns = (checkpoint: Checkpoint): string[] => checkpoint.resources.map(({ urn }) => urn).sort();
    expect(urns(stack.checkpoint())).toEqual(urns(now));
  });
});
