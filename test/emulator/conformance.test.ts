import { describe, expect, it } from "vitest";
import { armScenarios } from "./conformance/arm";
import { graphScenarios } from "./conformance/graph";
import { at, ConformanceTenant, type Step } from "./conformance/run";
import { vaultScenarios } from "./conformance/vault";

async function check(tenant: ConformanceTenant, step: Step): Promise<void> {
  const what = tenant.fill(step.ask);
  const { response, body } = await tenant.ask(step);
  const { status, code, innerCode, has, lacks = [], answerHeaders = {}, saves = {} } = step;
  expect(response.status, `${what}: ${JSON.stringify(body)}`).toBe(status);
  if (code !== undefined) expect([what, at(body, "error.code")]).toEqual([what, code]);
  if (innerCode !== undefined) expect([what, at(body, "error.innererror.code")]).toEqual([what, innerCode]);
  if (has !== undefined) expect(body, what).toMatchObject(tenant.fill(has));
  for (const path of lacks) expect([what, path, at(body, path)]).toEqual([what, path, undefined]);
  for (const [name, value] of Object.entries(answerHeaders)) {
    const seen = response.headers.get(name);
    if (value instanceof RegExp) expect([what, seen]).toEqual([what, expect.stringMatching(value)]);
    else expect([what, seen]).toEqual([what, tenant.fill(value)]);
  }
  for (const [name, path] of Object.entries(saves)) tenant.values[name] = String(at(body, path));
}

describe.each([
  ["Graph", graphScenarios],
  ["ARM", armScenarios],
  ["Key Vault", vaultScenarios],
])("%s answers as Azure does", (_service, scenarios) => {
  it.each(scenarios.map((scenario) => [`${scenario.name} (${scenario.basis})`, scenario.steps] as const))(
    "%s",
    async (_name, steps) => {
      const tenant = await ConformanceTenant.create();
      for (const step of steps) await check(tenant, step);
    },
  );
});
