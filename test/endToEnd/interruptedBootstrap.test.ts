import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tenant } from "../../emulator/tenant/tenant";
import { expectKillPoints } from "../support/figures";
import { killableStack, type KillableStack } from "../support/killPoints";
import { trimGraph } from "../support/trimmedGraph";

const minutes = (count: number): number => count * 60_000;

/** What the tenant has, by kind; the IDs differ from run to run. */
function inventory({ state: { directory, arm } }: Tenant): object {
  return {
    applications: Object.values(directory.applications)
      .map(({ displayName, federatedIdentityCredentials, ownerIds }) => [
        displayName,
        federatedIdentityCredentials.length,
        ownerIds.length,
      ])
      .sort(),
    principals: Object.keys(directory.servicePrincipals).length,
    grants: Object.values(directory.appRoleAssignments)
      .map(({ principalDisplayName, appRoleId }) => `${principalDisplayName} ${appRoleId}`)
      .sort(),
    roles: Object.keys(arm.roleAssignments).length,
    roleDefinitions: Object.values(arm.roleDefinitions).map(({ roleName }) => roleName),
  };
}

describe("a bootstrap that was killed", () => {
  let stack: KillableStack;
  beforeAll(async () => {
    stack = await killableStack(() => ({ repositories: ["Contoso/Agents"] }), "copilot-token-bootstrap");
    trimGraph(stack.tenant);
  });
  afterAll(() => stack.close());

  it(
    "is finished by up alone, wherever it was killed",
    async () => {
      const first = await stack.observed();
      const whole = inventory(stack.tenant);
      let kills = 0;
      for (const remains of first.remains) {
        const moment = remains.moments[0];
        stack.goBackTo(remains);
        const run = await stack.up();
        expect(run.ok, `${moment}\n${run.said}`).toBe(true);
        kills += remains.moments.length;
        expect([moment, inventory(stack.tenant)]).toEqual([moment, whole]);
      }
      const again = await stack.up();
      expect([again.steps, again.writes]).toEqual([[], []]);
      expectKillPoints("bootstrap", kills);
    },
    minutes(20),
  );
});
