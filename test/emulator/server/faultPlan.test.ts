import { describe, expect, it } from "vitest";
import { parseFaultPlan } from "../../../emulator/server/faultPlan";
import { EmulatorError } from "../../../emulator/errors";

function refusal(text: string): string {
  try {
    parseFaultPlan(text, "plan.json");
  } catch (error) {
    if (error instanceof EmulatorError) return `${error.code}\n${error.message}`;
  }
  throw new Error("The plan was accepted.");
}

describe("parseFaultPlan", () => {
  it("takes a plan with everything in it as it stands", () => {
    const plan = {
      seed: 3,
      graphLag: { seconds: 5, reads: 2, replicas: 3 },
      secretLag: { seconds: 20, flapping: true, code: "7000222" },
      rbacLagSeconds: 600,
      armAsync: true,
      callerAddress: "203.0.113.7",
      disturbances: [
        {
          service: "graph",
          path: "/applications",
          method: "GET",
          every: 5,
          times: 2,
          action: { kind: "status", status: 429, retryAfterSeconds: 1 },
        },
        { service: "entra", action: { kind: "drop" } },
        { service: "keyVault", action: { kind: "slow", milliseconds: 50 } },
      ],
    };
    expect(parseFaultPlan(JSON.stringify(plan), "plan.json")).toEqual(plan);
    expect(parseFaultPlan("{}", "plan.json")).toEqual({});
  });

  it("names the source, every fault with its place, and what a plan looks like", () => {
    const text = refusal(
      '{"secretLag":{"seconds":-1},"grafLag":{},"disturbances":[{"service":"graph","action":{"kind":"status","status":200}}]}',
    );
    expect(text).toMatch(/^FAULT_PLAN_INVALID\nplan\.json is no fault plan:/);
    expect(text).toContain("secretLag.seconds: ");
    expect(text).toContain("grafLag");
    expect(text).toContain("disturbances.0.action.status: ");
    expect(text).toContain("A plan looks like this: {");
  });

  it.each(["", "{", "[]", '"text"'])("refuses %j", (text) => {
    expect(refusal(text)).toMatch(/^FAULT_PLAN_INVALID/);
  });

  it("offers an example that it takes itself", () => {
    const example = refusal("{").split("A plan looks like this: ")[1] ?? "";
    expect(() => parseFaultPlan(example, "example")).not.toThrow();
  });
});
