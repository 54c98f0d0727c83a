import { fixLines } from "../../support/fixLines";
import { beforeEach, describe, expect, it } from "vitest";
import {
  azureExchange,
  armEnvironment,
  jsonAnswer,
  piped,
  testWorld,
  type Interception,
} from "../../support/testWorld";
import { deployStack, rotation, stackId, type DeployedStack } from "../../support/deployedStack";
import { tagsWithMark } from "../../../core/ownershipMark";
import { credentialDisplayName } from "../../../core/secrets/credentialName";
import { graphObjectId } from "../../../emulator/tenant/seed";
import { verify, type VerifyOptions } from "../../../scripts/verify/verify";
import type { CheckId, CheckStatus, VerifyReport } from "../../../scripts/verify/report";

const app = "CopilotAPIAuth";
const otherStackId = "57ac1d00-0000-4000-8000-000000000002";
const dayMilliseconds = 86_400_000;

let stack: DeployedStack;

beforeEach(async () => {
  stack = await deployStack();
});

interface Setting {
  readonly who?: "deployer" | "verifier";
  readonly intercept?: Interception;
  readonly outputs?: unknown;
  readonly options?: VerifyOptions;
  /** How far this machine's clock is ahead of Azure's. */
  readonly clockAheadMilliseconds?: number;
}

async function run({
  who = "deployer",
  intercept,
  outputs,
  options = {},
  clockAheadMilliseconds = 0,
}: Setting = {}) {
  const { tenant, clock } = stack;
  const preconnected: string[] = [];
  const world = testWorld({
    env: armEnvironment(tenant, who),
    preconnect: (url) => preconnected.push(url),
    exchange: azureExchange(tenant, intercept),
    now: () => new Date(clock.now().getTime() + clockAheadMilliseconds),
    onSleep: (milliseconds) => {
      clock.advance(milliseconds);
    },
    stdin: piped(JSON.stringify(outputs ?? stack.outputs)),
  });
  const report = await verify(world, options);
  return { report, world, preconnected };
}

function outputsOf() {
  const outputs = stack.outputs.apps[app];
  if (outputs === undefined) throw new Error("the test stack has no app");
  return outputs;
}

/** Everything that did not pass, by check. */
function troubles({ checks }: VerifyReport): Partial<Record<CheckId, CheckStatus>> {
  return Object.fromEntries(
    checks.filter(({ status }) => status !== "pass").map(({ id, status }) => [id, status]),
  );
}

function finding({ checks }: VerifyReport, id: CheckId) {
  const check = checks.find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check;
}

const afterToken = {
  claims: "skip",
  "permissions-missing": "skip",
  "permissions-extra": "skip",
  "graph-call": "skip",
};

describe("verify", () => {
  it("passes every check of a stack that is as its settings say", async () => {
    const { report } = await run();

    expect(report.checks.map(({ id, status }) => [id, status])).toEqual([
      ["outputs", "pass"],
      ["vault-secret", "pass"],
      ["token", "pass"],
      ["claims", "pass"],
      ["permissions-missing", "pass"],
      ["permissions-extra", "pass"],
      ["graph-call", "pass"],
      ["grants", "pass"],
      ["ownership", "pass"],
      ["credentials", "pass"],
      ["expiry", "pass"],
      ["rotation", "pass"],
      ["least-privilege", "pass"],
      ["vault-posture", "pass"],
    ]);
    expect(report.verified).toBe(true);
    expect(report.apps[0]?.permissions).toEqual([
      { permission: "User.Read.All", asked: true, declared: true, granted: true, inToken: true },
    ]);
  });

  it("opens connections to the vault, Microsoft Graph and Azure Resource Manager, and to no other host", async () => {
    const { preconnected } = await run();

    expect(preconnected).toEqual([
      `https://${stack.outputs.vaultName}.vault.azure.net`,
      "https://graph.microsoft.com",
      "https://management.azure.com",
    ]);
  });

  it("skips what a caller with no right but the secret may not see, and verifies the rest", async () => {
    await giveVerifierTheSecret();
    const { report, world } = await run({ who: "verifier" });

    expect(troubles(report)).toEqual({
      grants: "skip",
      ownership: "skip",
      credentials: "skip",
      "vault-posture": "skip",
    });
    expect(report.verified).toBe(true);
    expect(world.sleptSeconds()).toBe(0);
    expect(fixLines(finding(report, "grants"))).toContain("Application.Read.All");
  });

  it("waits for a role that is on its way to the vault, and shows that it waits", async () => {
    stack = await deployStack({ faults: { rbacLagSeconds: 600 } });
    await giveVerifierTheSecret();
    const { report, world } = await run({ who: "verifier" });

    expect(report.verified).toBe(true);
    expect(world.sleptSeconds()).toBeGreaterThan(500);
    expect(world.progressed[0]).toMatch(/Waiting: Key Vault: the caller's role has not reached the vault/);
  });

  it("gives up on a role after 900 s and says who needs which one where", async () => {
    const { report, world } = await run({ who: "verifier" });

    expect(report.verified).toBe(false);
    expect(finding(report, "vault-secret").status).toBe("fail");
    expect(finding(report, "vault-secret").summary).toContain(stack.tenant.identities.verifier.objectId);
    expect(fixLines(finding(report, "vault-secret"))).toContain("Key Vault Secrets User");
    expect(world.sleptSeconds()).toBeGreaterThan(850);
    expect(world.sleptSeconds()).toBeLessThanOrEqual(900);
  });

  it("does not wait for a role when the assignments can be read and hold none", async () => {
    const { roleAssignments } = stack.tenant.state.arm;
    for (const [id, assignment] of Object.entries(roleAssignments)) {
      if (assignment.roleDefinitionId.endsWith("b86a8fe4-44ce-4948-aee5-eccb2c155cd7")) {
        Reflect.deleteProperty(roleAssignments, id);
      }
    }
    const { report, world } = await run();

    expect(finding(report, "vault-secret").summary).toContain("403 ForbiddenByRbac");
    expect(world.sleptSeconds()).toBe(0);
  });

  it("waits for a new secret that replicas still refuse", async () => {
    stack = await deployStack({ faults: { secretLag: { seconds: 60 } } });
    stack.clock.advance(-3_600_000);
    const { report, world } = await run();

    expect(report.verified).toBe(true);
    expect(world.sleptSeconds()).toBeGreaterThanOrEqual(60);
    expect(world.progressed[0]).toContain("the new secret has not replicated yet (AADSTS7000215)");
  });

  it("reports one result an app and check, and --app chooses", async () => {
    stack = await deployStack({
      apps: { One: ["User.Read.All"], Two: ["Group.Read.All"], Three: ["Mail.Send"] },
    });
    const all = await run();
    expect(all.report.apps.map(({ name }) => name)).toEqual(["One", "Two", "Three"]);
    expect(all.report.checks).toHaveLength(2 + 3 * 12);
    expect(all.report.verified).toBe(true);

    const one = await run({ options: { apps: ["Two"] } });
    expect(one.report.apps.map(({ name }) => name)).toEqual(["Two"]);
  });

  it("names the apps there are when --app names another one", async () => {
    await expect(run({ options: { apps: ["Other"] } })).rejects.toThrow(
      /--app Other: .* It has: CopilotAPIAuth/,
    );
  });

  it("takes Graph's 403 as evidence for the token where no permission has a harmless read", async () => {
    stack = await deployStack({ apps: { Mailer: ["Mail.Send"] } });
    const { report } = await run();

    expect(finding(report, "graph-call")).toMatchObject({
      status: "pass",
      summary: "Graph takes the token; Mail.Send has no harmless read to try",
    });
    expect(troubles(report)).toEqual({ "least-privilege": "note" });
    // There is no smaller permission to put into the settings.
    expect(finding(report, "least-privilege").fixes?.[0]?.text).toMatch(
      /^See whether the other way is enough, and remove Mail\.Send from copilot-token:apps\.Mailer\.permissions\. Source: /,
    );
  });

  it("lets --strict fail on a note", async () => {
    stack = await deployStack({ apps: { Mailer: ["Mail.Send"] } });
    expect((await run()).report.verified).toBe(true);
    expect((await run({ options: { strict: true } })).report.verified).toBe(false);
  });
});

describe("verify, when more is open than asked for", () => {
  it("names an extra grant, when it was made, and that the log is closed", async () => {
    const grant = await stack.call(
      "POST",
      `https://graph.microsoft.com/v1.0/servicePrincipals/${graphObjectId}/appRoleAssignedTo`,
      {
        appRoleId: stack.roleId("Mail.Send"),
        principalId: outputsOf().servicePrincipalObjectId,
        resourceId: graphObjectId,
      },
    );
    const { report } = await run();

    expect(troubles(report)).toEqual({ "permissions-extra": "fail", grants: "fail" });
    expect(finding(report, "permissions-extra").evidence["grants"]).toEqual([
      `Mail.Send: grant ${String(grant["id"])}, made ${String(grant["createdDateTime"])}, by whom, the caller may not read or the log no longer says`,
    ]);
    expect(report.apps[0]?.permissions).toContainEqual({
      permission: "Mail.Send",
      asked: false,
      declared: false,
      granted: true,
      inToken: true,
    });
  });

  it("names a client secret that the stack does not know, by keyId, start and end", async () => {
    const password = await addPassword("from the portal");
    const { report } = await run();

    expect(troubles(report)).toEqual({ credentials: "fail" });
    expect(finding(report, "credentials").summary).toContain(String(password["keyId"]));
    expect(finding(report, "credentials").summary).toContain(String(password["endDateTime"]));
    expect(fixLines(finding(report, "credentials"))).toContain("--leaked");
  });

  it("tells the leftover of an interrupted run from an intruder", async () => {
    await addPassword(credentialDisplayName(app, 2, stackId));
    const { report } = await run();

    expect(troubles(report)).toEqual({ credentials: "warn" });
    expect(report.verified).toBe(true);
  });

  it("takes the display name of a client secret from before the mark, and another stack's, for no evidence", async () => {
    await addPassword(`copilot-token ${app}-2`);
    await addPassword(credentialDisplayName(app, 2, otherStackId));
    expect(troubles((await run()).report)).toEqual({ credentials: "fail" });
  });

  it.each([
    ["before the mark", `copilot-token ${app}-1`],
    ["with this stack's mark", credentialDisplayName(app, 1, stackId)],
  ])(
    "does not keep a secret for caching consumers only by its display name, as of %s",
    async (_when, name) => {
      await addPassword(name);
      const { report } = await run();
      const { status, summary } = finding(report, "credentials");
      expect(status).toBe(name.endsWith(stackId) ? "warn" : "fail");
      expect(summary).not.toContain("kept for consumers that cache");
      expect(report.apps[0]?.credentials.map(({ kind }) => kind)).toEqual(["published", "unknown"]);
    },
  );

  it("keeps for consumers that cache what the vault's record names, whatever its display name says", async () => {
    const { secretResourceId, clientId, credential } = outputsOf();
    const made = await addPassword("after a restore");
    const publish = (keyId: string, sequence: number, value: string) =>
      stack.call("PUT", `https://management.azure.com${secretResourceId}?api-version=2024-11-01`, {
        tags: {
          app,
          clientId,
          keyId,
          sequence: String(sequence),
          startsAt: credential.startsAt,
          cause: "asked",
        },
        properties: { value, attributes: { enabled: true, exp: Date.parse(credential.endsAt) / 1000 } },
      });
    await publish(String(made["keyId"]), 2, String(made["secretText"]));
    await publish(credential.keyId, 3, stack.secrets.at(-1) ?? "");
    const outputs = structuredClone(stack.outputs);
    Object.assign(outputs.apps[app]?.credential ?? {}, { sequence: 3 });
    const { report } = await run({ outputs });
    expect(finding(report, "credentials").summary).toContain(
      "and 1 earlier one, kept for consumers that cache",
    );
  });

  it("says so when the vault's record cannot be read, and takes a display name for no evidence then either", async () => {
    await addPassword(credentialDisplayName(app, 1, stackId));
    const { report } = await run({
      intercept: ({ url }) =>
        url.includes("/versions")
          ? jsonAnswer(403, { error: { code: "Forbidden", innererror: { code: "ForbiddenByRbac" } } })
          : undefined,
    });
    expect(troubles(report)).toEqual({ credentials: "warn" });
    expect(finding(report, "credentials").summary).toContain(
      "the vault's record, which would tell, could not be read",
    );
  });

  it("does not count an expired stranger", async () => {
    await addPassword("old", { endDateTime: new Date(stack.clock.now().getTime() + 1000).toISOString() });
    stack.clock.advance(5000);

    expect(troubles((await run()).report)).toEqual({});
  });

  it.each([
    ["the application", "applications", "applicationObjectId"],
    ["the service principal", "servicePrincipals", "servicePrincipalObjectId"],
  ] as const)("fails when %s carries another stack's mark, and names that stack", async (_which, set, id) => {
    const other = { stackId: otherStackId, resource: app, stack: "contoso/copilot-token/prod" };
    await stack.call("PATCH", `https://graph.microsoft.com/v1.0/${set}/${outputsOf()[id]}`, {
      tags: tagsWithMark(other, []),
    });
    const { report } = await run();
    expect(troubles(report)).toEqual({ ownership: "fail" });
    expect(finding(report, "ownership").summary).toContain(
      `stack contoso/copilot-token/prod (ID ${otherStackId})`,
    );
  });

  it("notes that a stack from before the mark has yet to write it", async () => {
    stack = await deployStack({ marked: false });
    const { report } = await run();
    expect([troubles(report), report.verified]).toEqual([{ ownership: "note" }, true]);
    expect(fixLines(finding(report, "ownership"))).toContain("pulumi up");
  });

  it("finds a federated credential", async () => {
    await stack.call(
      "POST",
      `https://graph.microsoft.com/v1.0/applications/${outputsOf().applicationObjectId}/federatedIdentityCredentials`,
      {
        name: "github",
        issuer: "https://token.actions.githubusercontent.com",
        subject: "repo:stranger/repo:ref:refs/heads/main",
        audiences: ["api://AzureADTokenExchange"],
      },
    );
    const { report } = await run();

    expect(troubles(report)).toEqual({ credentials: "fail" });
    expect(finding(report, "credentials").summary).toContain("repo:stranger/repo:ref:refs/heads/main");
  });

  it("finds an owner whom the settings do not name", async () => {
    const { deployer } = stack.tenant.identities;
    const outputs = structuredClone(stack.outputs);
    Object.assign(outputs.apps[app] ?? {}, { owners: [] });
    const { report } = await run({ outputs });

    expect(troubles(report)).toEqual({ grants: "fail" });
    expect(finding(report, "grants").summary).toContain(
      `owning the application beyond the settings: ${deployer.objectId}`,
    );
  });

  it("finds a vault whose guards are down", async () => {
    const vault = Object.values(stack.tenant.state.arm.resources).find(({ type }) =>
      type.endsWith("/vaults"),
    );
    Object.assign(vault?.properties ?? {}, { enablePurgeProtection: undefined, enableSoftDelete: false });
    const { report } = await run();

    expect(troubles(report)).toEqual({ "vault-posture": "fail" });
  });
});

describe("verify, as time passes", () => {
  it.each([
    ["on the day before it is due", rotation.everyDays - 1, {}],
    ["when it is due", rotation.everyDays + 1, { rotation: "warn" }],
    ["when the grace is used up", rotation.everyDays + rotation.graceDays + 1, { rotation: "fail" }],
    ["two weeks before the end", 121, { rotation: "fail", expiry: "warn" }],
  ])("%s", async (_when, days, expected) => {
    stack.clock.advance(days * dayMilliseconds);
    expect(troubles((await run()).report)).toEqual(expected);
  });

  it("fails on every count when the secret has expired", async () => {
    stack.clock.advance(140 * dayMilliseconds);
    const { report, world } = await run();

    expect(troubles(report)).toEqual({
      "vault-secret": "fail",
      token: "fail",
      ...afterToken,
      credentials: "fail",
      rotation: "fail",
      expiry: "fail",
    });
    expect(finding(report, "token").summary).toContain("401 AADSTS7000222");
    expect(world.sleptSeconds()).toBe(0);
  });
});

async function giveVerifierTheSecret(): Promise<void> {
  const { subscriptionId } = stack.tenant.state;
  await stack.call(
    "PUT",
    `https://management.azure.com${outputsOf().secretResourceId}/providers/Microsoft.Authorization/roleAssignments/3f1a5c7e-9b2d-4e60-8a41-6c0d2f9b7e13?api-version=2022-04-01`,
    {
      properties: {
        roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6`,
        principalId: stack.tenant.identities.verifier.objectId,
        principalType: "ServicePrincipal",
      },
    },
  );
}

function addPassword(displayName: string, more: object = {}) {
  return stack.call(
    "POST",
    `https://graph.microsoft.com/v1.0/applications/${outputsOf().applicationObjectId}/addPassword`,
    { passwordCredential: { displayName, ...more } },
  );
}
