import { afterAll, beforeAll, expect, it } from "vitest";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import type { Tenant } from "../../emulator/tenant/tenant";
import { expectKillPoints } from "../support/figures";
import { killableStack, type KillableStack } from "../support/killPoints";
import { stackContents } from "../support/stackContents";
import { trimGraph } from "../support/trimmedGraph";

const trust = {
  issuer: "https://token.actions.githubusercontent.com",
  subject: "repo:contoso/agents:ref:refs/heads/main",
};

let stack: KillableStack;
let withoutApp = true;

/** The vault first, which is the program's own; then one of each resource that the app consists of. */
const settings = ({ identities }: Tenant): object => ({
  withoutApp,
  permissions: ["User.Read.All", "Mail.Send"],
  readers: [identities.verifier.objectId],
  more: { federated: [trust], owners: [identities.deployer.objectId, identities.verifier.objectId] },
});

beforeAll(async () => {
  stack = await killableStack(settings, "own");
  trimGraph(stack.tenant, ["User.Read.All", "Mail.Send"]);
});
afterAll(() => stack.close());

/** All that the tenant has of others, and how much it has of the app; IDs differ from run to run. */
function inventory({ state: { directory, arm } }: Tenant): object {
  const isOwn = ({ displayName }: { readonly displayName: string }): boolean => displayName === "Agent";
  return {
    others: [
      Object.values(directory.applications).filter((one) => !isOwn(one)),
      Object.values(directory.servicePrincipals).filter((one) => !isOwn(one)),
      arm.resources,
    ],
    apps: Object.values(directory.applications)
      .filter(isOwn)
      .map(({ ownerIds, federatedIdentityCredentials }) => [
        [...ownerIds].sort(),
        federatedIdentityCredentials.length,
      ]),
    principals: Object.values(directory.servicePrincipals).filter(isOwn).length,
    grants: Object.values(directory.appRoleAssignments)
      .map(({ principalDisplayName, appRoleId }) => `${principalDisplayName} ${appRoleId}`)
      .sort(),
    roles: Object.values(arm.roleAssignments).length,
  };
}

it("a killed run of a program that uses GraphApp is finished by up alone, and touches nothing else", async () => {
  expect((await stack.up()).failures).toEqual([]);
  withoutApp = false;
  const first = await stack.observed();
  const deployed = { tenant: structuredClone(stack.tenant.state), checkpoint: stack.checkpoint() };
  const whole = inventory(stack.tenant);
  let kills = 0;
  for (const remains of first.remains) {
    stack.goBackTo(remains);
    kills += remains.moments.length;
    const [moment] = remains.moments;
    const run = await stack.up();
    expect([moment, run.ok, run.said]).toEqual([moment, true, run.said]);
    const { keyIds, publishedKeyId, app, grants } = contentsOf(run.outputs);
    expect([moment, inventory(stack.tenant)]).toEqual([moment, whole]);
    expect(grants()).toEqual(["Mail.Send", "User.Read.All"]);
    expect([moment, publishedKeyId(), app.credential.sequence]).toEqual([moment, app.credential.keyId, 1]);
    expect(keyIds().length).toBeLessThanOrEqual(2);
    const again = await stack.up();
    expect([moment, again.steps, again.writes]).toEqual([moment, [], []]);
  }
  expectKillPoints("ownApp", kills);

  stack.goBackTo(deployed);
  const rotation = await stack.observed({ COPILOT_TOKEN_ROTATE: "Agent" });
  for (const remains of rotation.remains) {
    stack.goBackTo(remains);
    const run = await stack.up();
    expect([remains.moments[0], run.ok, run.said]).toEqual([remains.moments[0], true, run.said]);
    const { keyIds, publishedKeyId, app } = contentsOf(run.outputs);
    expect(publishedKeyId()).toBe(app.credential.keyId);
    expect(keyIds().length).toBeLessThanOrEqual(2);
    expect((await stack.up()).steps).toEqual([]);
  }
}, 1_200_000);

function contentsOf(outputs: unknown) {
  return stackContents(stack.tenant.state, readStackOutputs(outputs), "Agent");
}
