import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { connectorClientId } from "../../core/agent/logicAppRequest";
import { isTraceable } from "../../core/adoption/whereabouts";
import type { Tenant } from "../../emulator/tenant/tenant";
import { expectKillPoints } from "../support/figures";
import { killableStack, type FinishingRun, type KillableStack, type Remains } from "../support/killPoints";
import { stackContents } from "../support/stackContents";
import { trimGraph } from "../support/trimmedGraph";

const minutes = (count: number): number => count * 60_000;
const trust = {
  issuer: "https://token.actions.githubusercontent.com",
  subject: "repo:contoso/agents:ref:refs/heads/main",
};

/** One of every resource that the program can make. */
const everything = ({ identities, state }: Tenant): object => {
  const reader = { id: identities.verifier.objectId, type: "ServicePrincipal" };
  return {
    vault: { readers: [reader] },
    alerts: { email: "it@contoso.com" },
    identities: { agent: {}, caller: { federated: [trust] } },
    apps: {
      Mail: { permissions: ["User.Read.All", "Mail.Send"], readers: [reader] },
      Called: {
        permissions: ["User.Read.All"],
        credential: "federated",
        federated: [trust, { identity: "caller" }],
      },
      Agent: {
        permissions: ["User.Read.All"],
        credential: "managedIdentity",
        identity: "agent",
        logicApp: { callers: [connectorClientId], users: [Object.keys(state.directory.users)[0]] },
      },
    },
  };
};

/** What the tenant has of the stack, by kind; the IDs differ from run to run. */
function inventory({ state }: Tenant): object {
  const { directory, arm } = state;
  const kinds = Object.values(arm.resources).map(({ type }) => type);
  return {
    applications: Object.values(directory.applications)
      .map(({ displayName, federatedIdentityCredentials }) => [
        displayName,
        federatedIdentityCredentials.length,
      ])
      .sort(),
    principals: Object.values(directory.servicePrincipals)
      .map(({ displayName, ownerIds, tags }) => [displayName, ownerIds, Array.isArray(tags) && tags.length])
      .sort(),
    grants: Object.values(directory.appRoleAssignments)
      .map(({ principalDisplayName, appRoleId }) => `${principalDisplayName} ${appRoleId}`)
      .sort(),
    resources: kinds.sort(),
    roles: Object.keys(arm.roleAssignments).length,
  };
}

describe("a run that was killed", () => {
  let stack: KillableStack;
  beforeAll(async () => {
    stack = await killableStack(everything);
    trimGraph(stack.tenant, ["User.Read.All", "Mail.Send"]);
  });
  afterAll(() => stack.close());

  async function finish(remains: Remains): Promise<FinishingRun> {
    stack.goBackTo(remains);
    const run = await stack.up();
    expect(run.ok, `${remains.moments.join(", ")}\n${run.said}`).toBe(true);
    return run;
  }

  function contents(run: FinishingRun) {
    return stackContents(stack.tenant.state, readStackOutputs(run.outputs), "Mail");
  }

  it(
    "is finished by up alone, wherever it was killed",
    async () => {
      const first = await stack.observed();
      const deployed = { tenant: structuredClone(stack.tenant.state), checkpoint: stack.checkpoint() };
      const whole = inventory(stack.tenant);
      const types = new Set(
        deployed.checkpoint.resources.filter(({ custom }) => custom).map(({ type }) => type),
      );
      expect([...types].filter((type) => !isTraceable(type))).toEqual([]);
      let kills = 0;
      for (const remains of first.remains) {
        const run = await finish(remains);
        kills += remains.moments.length;
        const { keyIds, publishedKeyId, app, grants } = contents(run);
        const moment = remains.moments[0];
        expect([moment, inventory(stack.tenant)]).toEqual([moment, whole]);
        expect(grants()).toEqual(["Mail.Send", "User.Read.All"]);
        expect(publishedKeyId()).toBe(app.credential.keyId);
        expect(app.credential.sequence).toBe(1);
        expect(keyIds().length).toBeLessThanOrEqual(2);
        const again = await stack.up();
        expect([moment, again.steps, again.writes]).toEqual([moment, [], []]);
      }
      expectKillPoints("firstDeployment", kills);

      stack.goBackTo(deployed);
      const rotation = await stack.observed({ COPILOT_TOKEN_ROTATE: "Mail" });
      kills = 0;
      for (const remains of rotation.remains) {
        const run = await finish(remains);
        kills += remains.moments.length;
        const { keyIds, publishedKeyId, app } = contents(run);
        expect(publishedKeyId()).toBe(app.credential.keyId);
        expect(keyIds().length).toBeLessThanOrEqual(2);
        expect((await stack.up()).steps).toEqual([]);
      }
      expectKillPoints("rotation", kills);
    },
    minutes(20),
  );
});
