import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fixLine, type Fix } from "../../core/fix";
import type * as Inline from "../../emulator/pulumi/inline";
import { fixStand, type FixStand, type SeenFinding } from "../support/fixStand";
import { scenarios, type Scenario } from "./scenarios";

vi.mock("../../emulator/pulumi/inline", async (importOriginal) => {
  const inline = await importOriginal<typeof Inline>();
  const deploy: typeof Inline.deploy = async (options) => {
    const { standRunner } = await import("../support/fixStand.js");
    return inline.deploy({ runner: standRunner(options), ...options });
  };
  return { ...inline, deploy };
});

let stand: FixStand;
/** What the settings ask for, and the stack holds where nothing is missing. */
let settled: readonly string[];

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
  settled = stand.grants();
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
      scenario.meanwhile?.(stand);
      const granted = stand.grants();
      if (scenario.as !== undefined) stand.signInAs(stand.azure.tenant.identities[scenario.as]);
      const ran = await stand.shell(...(fix?.commands ?? []));
      stand.signInAs(stand.azure.tenant.identities.deployer);
      expect(ran.exitCode, `${fix === undefined ? "" : fixLine(fix)}\n${ran.stdout}${ran.stderr}`).toBe(0);
      const after = troubled(await look(), scenario).filter(
        ({ app, fixes = [] }) => app === found?.app && fixes.some(isIt),
      );
      expect(after).toEqual([]);
      const { grants = [] } = scenario;
      const isNew = (grant: string): boolean =>
        !granted.includes(grant) && (grants.includes(grant) || !settled.includes(grant));
      expect(stand.grants().filter(isNew)).toEqual(grants);
      await scenario.afterwards?.(stand);
    },
    120_000,
  );
});
