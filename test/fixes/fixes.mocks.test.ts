import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fixLine, type Fix } from "../../core/fix";
import type * as Inline from "../../emulator/pulumi/inline";
import { tagsWithMark } from "../../core/ownershipMark";
import { fixStack, fixStand, type FixStand, type SeenFinding } from "../support/fixStand";
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
});

afterAll(() => stand.close());

function troubled(findings: readonly SeenFinding[], { check }: Scenario): readonly SeenFinding[] {
  return findings.filter(({ id, status }) => id === check && status !== "pass" && status !== "skip");
}

describe("a suggested command, pasted in the very condition in which it is printed,", () => {
  beforeEach(() => {
    stand.reset();
  });

  it.each(Object.entries(scenarios))("makes the finding go: %s", async (id, scenario) => {
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
  });
});

/** Who an application is that has the name which the stack is about to give, and what is suggested. */
const namesakes: Readonly<
  Record<string, { tags?: (stand: FixStand) => readonly string[]; owner?: "administrator"; fix?: string }>
> = {
  "made by hand": { fix: "name.adopt" },
  "half made by a killed run of this stack": {
    tags: (at) =>
      tagsWithMark({ stackId: at.outputs().stackId ?? "", resource: "New", stack: "copilot-token/test" }, []),
  },
  "another stack's": {
    tags: () =>
      tagsWithMark(
        { stackId: "57ac1d00-0000-4000-8000-00000000000f", resource: "New", stack: "other/prod" },
        [],
      ),
    fix: "name.rename",
  },
  "another program's": { owner: "administrator", fix: "name.rename" },
};

describe("doctor and up, of an application with a new app's name", () => {
  beforeEach(() => {
    stand.reset();
  });

  it.each(Object.entries(namesakes))("tell one that is %s", async (kind, { tags, owner, fix }) => {
    const graph = "https://graph.microsoft.com/v1.0";
    const made = await stand.call("POST", `${graph}/applications`, {
      displayName: "New",
      tags: tags?.(stand) ?? [],
    });
    const { tenant } = stand.azure;
    const theirs = tenant.state.directory.applications[String(made["id"])];
    if (theirs === undefined) throw new Error("the application is not there");
    if (owner !== undefined) theirs.ownerIds = [tenant.identities[owner].objectId];
    const before = structuredClone(theirs);
    stand.configure({
      apps: { ...(stand.settings()["apps"] as object), New: { permissions: ["User.Read.All"] } },
    });
    const sameName = (await stand.doctor("--stack", fixStack)).find(({ id }) => id === "same-name");
    const [suggested] = sameName?.fixes ?? [];
    expect([sameName?.status, suggested?.id]).toEqual(
      fix === undefined ? ["pass", undefined] : ["fail", fix],
    );
    if (kind === "another stack's") expect(sameName?.summary).toContain("other/prod");
    if (suggested !== undefined) {
      const refused = await stand.shell(`pulumi up --stack ${fixStack}`);
      expect(refused.exitCode).not.toBe(0);
      for (const command of suggested.commands) expect(refused.stderr).toContain(command);
      expect(tenant.state.directory.applications[before.id]).toEqual(before);
      await stand.done(...suggested.commands);
    }
    await stand.done(`pulumi up --stack ${fixStack}`);
    const isTaken = stand.outputs().apps["New"]?.clientId === before.appId;
    expect(isTaken).toBe(fix !== "name.rename");
    if (!isTaken) expect(tenant.state.directory.applications[before.id]).toEqual(before);
  });
});
