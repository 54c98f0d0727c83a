import { beforeEach, describe, expect, it } from "vitest";
import { verify } from "../../scripts/lib/verify/verify";
import type { CheckId, CheckStatus, VerifyReport } from "../../scripts/lib/verify/report";
import { deployStack, type DeployedStack } from "../support/deployedStack";
import { armEnvironment, azureExchange, piped, testWorld, type Interception } from "../support/testWorld";

let stack: DeployedStack;

beforeEach(async () => {
  stack = await deployStack();
});

function world(who: "deployer" | "verifier" = "deployer", intercept?: Interception) {
  const { tenant, clock, outputs } = stack;
  return testWorld({
    env: armEnvironment(tenant, who),
    exchange: azureExchange(tenant, intercept),
    now: () => clock.now(),
    onSleep: (milliseconds) => {
      clock.advance(milliseconds);
    },
    stdin: piped(JSON.stringify(outputs)),
  });
}

function statuses({ checks }: VerifyReport): Partial<Record<CheckId, CheckStatus>> {
  return Object.fromEntries(checks.map(({ id, status }) => [id, status]));
}

const allPass = {
  outputs: "pass",
  "vault-secret": "pass",
  token: "pass",
  claims: "pass",
  "permissions-missing": "pass",
  "permissions-extra": "pass",
  "graph-call": "pass",
  grants: "pass",
  credentials: "pass",
  expiry: "pass",
  rotation: "pass",
  "least-privilege": "pass",
  "vault-posture": "pass",
};

describe("verify", () => {
  it("proves a stack that is as its settings say", async () => {
    const report = await verify(world(), {});
    expect(report.checks.filter(({ status }) => status !== "pass")).toEqual([]);
    expect(statuses(report)).toEqual(allPass);
    expect(report.proved).toBe(true);
  });
});
