import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fixLine, type Fix } from "../../core/fix";
import { fixStand, type FixStand, type SeenFinding } from "../support/fixStand";
import { scenarios, type Scenario } from "./scenarios";

let stand: FixStand;

beforeAll(async () => {
  stand = await fixStand({
    apps: {
      Mail: { permissions: ["User.Read.All"] },
      Agent: {
        permissions: ["User.Read.All"],
        credential: "federated",
        federated: [{ github: "contoso/agents", environment: "prod" }],
      },
    },
  });
}, 120_000);

afterAll(() => stand.close());

function troubled(findings: readonly SeenFinding[], { check }: Scenario): readonly SeenFinding[] {
  return findings.filter(({ id, status }) => id === check && status !== "pass" && status !== "skip");
}

describe("a suggested command, pasted in the very condition in which it is printed,", () => {
  beforeEach(() => {
    stand.reset();
  });

  it.each(Object.entries(scenarios))(
    "makes the finding go: %s",
    async (id, scenario) => {
      const look = (): Promise<readonly SeenFinding[]> =>
        scenario.look?.(stand) ?? stand.verify("--stack", "test");
      const isIt = (fix: Fix): boolean => fix.id === id;
      await scenario.spoil(stand);
      const before = await look();
      const found = before.find(({ id: check, fixes = [] }) => check === scenario.check && fixes.some(isIt));
      const fix = found?.fixes?.find(isIt);
      expect(fix, JSON.stringify(before.filter(({ status }) => status !== "pass"))).toBeDefined();
      const ran = await stand.shell(...(fix?.commands ?? []));
      expect(ran.exitCode, `${fix === undefined ? "" : fixLine(fix)}\n${ran.stdout}${ran.stderr}`).toBe(0);
      const after = troubled(await look(), scenario).filter(
        ({ app, fixes = [] }) => app === found?.app && fixes.some(isIt),
      );
      expect(after).toEqual([]);
    },
    120_000,
  );
});
