import { beforeEach, describe, expect, it } from "vitest";
import { clouds } from "../../../core/cloud/clouds";
import type { StackOutputs } from "../../../core/outputs/stackOutputs";
import type { CheckId, VerifyReport } from "../../../scripts/verify/report";
import { verify } from "../../../scripts/verify/verify";
import { deployStack, type DeployedStack } from "../../support/deployedStack";
import { armEnvironment, azureExchange, piped, testWorld } from "../../support/testWorld";

const environmentId = "e1f0c2d4-5a6b-4c7d-8e9f-0a1b2c3d4e5f";
const secretsUser = "4633458b-17de-408a-b874-0445c86b69e6";
const arm = "https://management.azure.com";

let stack: DeployedStack;

beforeEach(async () => {
  stack = await deployStack();
  stack.tenant.state.arm.registeredProviders.push("Microsoft.PowerPlatform");
  await tag({ AllowedEnvironments: environmentId });
  await letRead("Dataverse");
  await letRead("Power Virtual Agents Service");
});

function principalNamed(displayName: string) {
  const { servicePrincipals } = stack.tenant.state.directory;
  const found = Object.values(servicePrincipals).find((each) => each.displayName === displayName);
  if (found === undefined) throw new Error(`the seed has no ${displayName}`);
  return found;
}

function secret() {
  const found = stack.outputs.apps["CopilotAPIAuth"];
  if (found === undefined) throw new Error("the test stack has no app");
  return found;
}

/** Puts tags onto the current version, beside its own. */
async function tag(tags: Readonly<Record<string, string>>): Promise<void> {
  const { clientId, credential, secretName } = secret();
  const versions = stack.tenant.state.vaults["copilot-test"]?.secrets[secretName.toLowerCase()]?.versions;
  const own = { app: "CopilotAPIAuth", clientId, keyId: credential.keyId, sequence: "1" };
  const url = `${stack.outputs.vaultUri}secrets/${secretName}/${versions?.at(-1)?.version ?? ""}?api-version=7.6`;
  await stack.call("PATCH", url, { tags: { ...own, ...tags } });
}

async function letRead(displayName: string): Promise<void> {
  const { id } = principalNamed(displayName);
  const path = `${secret().secretResourceId}/providers/Microsoft.Authorization/roleAssignments/${id}`;
  await stack.call("PUT", `${arm}${path}?api-version=2022-04-01`, {
    properties: {
      roleDefinitionId: `/subscriptions/${stack.tenant.state.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${secretsUser}`,
      principalId: id,
      principalType: "ServicePrincipal",
    },
  });
}

async function verified(
  powerPlatform: Partial<StackOutputs["powerPlatform"]>,
  who: "deployer" | "verifier" = "deployer",
): Promise<VerifyReport> {
  const world = testWorld({
    env: armEnvironment(stack.tenant, who),
    exchange: azureExchange(stack.tenant),
    now: () => stack.clock.now(),
    stdin: piped(JSON.stringify({ ...stack.outputs, powerPlatform: { agents: [], ...powerPlatform } })),
  });
  return verify(world, { waitSeconds: 0 });
}

function finding({ checks }: VerifyReport, id: CheckId) {
  const found = checks.find((check) => check.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
}

describe("verify, of what Power Platform needs", () => {
  it("passes a secret that is tagged and readable as the settings say", async () => {
    const report = await verified({ environmentId });
    expect(report.checks.filter(({ status }) => status !== "pass")).toEqual([]);
    expect(finding(report, "power-platform-secret")).toMatchObject({
      app: "CopilotAPIAuth",
      summary: `AllowedEnvironments is ${environmentId}; Dataverse and Power Virtual Agents Service may read it`,
    });
    expect(finding(report, "power-platform")).toMatchObject({
      app: null,
      evidence: { environmentId, registration: "Registered", publicAccess: "all networks" },
    });
  });

  it("has no such checks where the settings name no environment", async () => {
    const report = await verified({ publisherPrefix: "contoso" });
    expect(report.checks.filter(({ id }) => id.startsWith("power-platform"))).toEqual([]);
  });

  it("passes agents in whatever order, and fails one that is not in the settings", async () => {
    const agents = ["contoso_a", "contoso_b"];
    await tag({ AllowedBots: `${environmentId}/contoso_b,${environmentId}/contoso_a` });
    expect(finding(await verified({ environmentId, agents }), "power-platform-secret").status).toBe("pass");

    await tag({
      AllowedBots: `${environmentId}/contoso_a,${environmentId}/contoso_b,${environmentId}/evil_c`,
    });
    const { status, summary } = finding(await verified({ environmentId, agents }), "power-platform-secret");
    expect([status, summary]).toEqual([
      "fail",
      expect.stringContaining(`AllowedBots is ${environmentId}/contoso_a`),
    ]);
  });

  it("fails a secret that is open to the whole environment where only agents were asked for", async () => {
    const { status, summary } = finding(
      await verified({ environmentId, agents: ["contoso_a"] }),
      "power-platform-secret",
    );
    expect(status).toBe("fail");
    expect(summary).toBe(
      `AllowedBots is missing, and the settings ask for ${environmentId}/contoso_a; ` +
        `AllowedEnvironments is ${environmentId}, which the settings do not ask for`,
    );
  });

  it("names a service that has no role any more", async () => {
    const { id } = principalNamed("Dataverse");
    const { roleAssignments } = stack.tenant.state.arm;
    for (const [path, { principalId }] of Object.entries(roleAssignments)) {
      if (principalId === id) Reflect.deleteProperty(roleAssignments, path);
    }
    const found = finding(await verified({ environmentId }), "power-platform-secret");
    expect([found.status, found.summary]).toEqual([
      "fail",
      `no role lets Dataverse (${id}) read CopilotAPIAuth`,
    ]);
    expect(found.evidence["refused"]).toEqual([id]);
  });

  it("trusts no impostor, though it has a role, unless the settings name it", async () => {
    const impostor = principalNamed("Power Virtual Agents Service");
    impostor.appOwnerOrganizationId = "bad0bad0-0000-4000-8000-000000000000";
    const found = finding(await verified({ environmentId }), "power-platform");
    expect([found.status, found.summary]).toEqual(["fail", expect.stringContaining("is not Microsoft's")]);

    const named = await verified({ environmentId, virtualAgentsServiceObjectId: impostor.id });
    expect(finding(named, "power-platform").status).toBe("pass");
    expect(impostor.appOwnerOrganizationId).not.toBe(clouds.public.microsoftTenantId);
  });

  it("names the provider that is not registered, and the command", async () => {
    stack.tenant.state.arm.registeredProviders.pop();
    const found = finding(await verified({ environmentId }), "power-platform");
    expect(found).toMatchObject({
      status: "fail",
      fixes: [{ commands: ["az provider register --namespace Microsoft.PowerPlatform"] }],
    });
  });

  it("notes a firewall, which blocks Power Platform", async () => {
    const vault = Object.values(stack.tenant.state.arm.resources).find(({ type }) =>
      type.endsWith("/vaults"),
    );
    Object.assign(vault?.properties ?? {}, {
      networkAcls: { defaultAction: "Deny", bypass: "AzureServices", ipRules: [{ value: "0.0.0.0/0" }] },
    });
    const found = finding(await verified({ environmentId }), "power-platform");
    expect([found.status, found.evidence["publicAccess"]]).toEqual(["note", "chosen networks"]);
  });

  it("judges the tags for a caller who sees nothing else, and says so", async () => {
    const { objectId } = stack.tenant.identities.verifier;
    const path = `${secret().secretResourceId}/providers/Microsoft.Authorization/roleAssignments/${objectId}`;
    await stack.call("PUT", `${arm}${path}?api-version=2022-04-01`, {
      properties: {
        roleDefinitionId: `/subscriptions/${stack.tenant.state.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${secretsUser}`,
        principalId: objectId,
        principalType: "ServicePrincipal",
      },
    });
    const report = await verified({ environmentId }, "verifier");
    expect(report.verified).toBe(true);
    expect(finding(report, "power-platform-secret").summary).toBe(
      `AllowedEnvironments is ${environmentId}; who may read it, the caller may not see`,
    );
    expect(finding(report, "power-platform").status).toBe("skip");
  });
});
