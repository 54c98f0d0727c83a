import { fixLines } from "../../support/fixLines";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { workflowVariables } from "../../../emulator/github/githubActions";
import { githubIssuer } from "../../../core/access/trust";
import type { AppOutputs, StackOutputs } from "../../../core/outputs/stackOutputs";
import type { CheckResult, VerifyReport } from "../../../scripts/verify/report";
import { verify, type VerifyOptions } from "../../../scripts/verify/verify";
import { deployStack, type DeployedStack } from "../../support/deployedStack";
import { armEnvironment, azureExchange, testWorld } from "../../support/testWorld";

const repository = "Contoso/Agents";
const subject = `repo:${repository}:environment:prod`;
const trusted = {
  name: "github-prod",
  issuer: githubIssuer,
  subject,
  audience: "api://AzureADTokenExchange",
};

let deployed: DeployedStack;
let credentialUrl: string;

/** The stack's app as it is once its secret is gone. */
function federatedApp(): AppOutputs {
  const app = deployed.outputs.apps["CopilotAPIAuth"];
  if (app === undefined) throw new Error("the stack has no such app");
  const { displayName, clientId, applicationObjectId, servicePrincipalObjectId, permissions } = app;
  return {
    displayName,
    clientId,
    applicationObjectId,
    servicePrincipalObjectId,
    permissions,
    signIn: "federated",
    federated: [trusted],
  };
}

/** Verifies as the deployer, whose rights show everything, in a job with this environment. */
async function verifyIn(
  environment: string | undefined,
  app: AppOutputs = federatedApp(),
  { tenant, outputs } = deployed,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const world = testWorld({
    now: () => tenant.clock.now(),
    exchange: azureExchange(tenant),
    onSleep: (milliseconds) => {
      tenant.clock.advance(milliseconds);
    },
    env: {
      ...armEnvironment(tenant, "deployer"),
      ...(environment === undefined ? {} : await workflowVariables(tenant, { repository, environment })),
    },
  });
  const stack: StackOutputs = { ...outputs, apps: { CopilotAPIAuth: app } };
  return verify(world, { loaded: { outputs: stack, from: "test" }, waitSeconds: 5, ...options });
}

function check(
  report: VerifyReport,
  id: string,
): Pick<CheckResult, "status" | "summary"> & { repair?: string } {
  const found = report.checks.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  const { status, summary, fixes } = found;
  return { status, summary, ...(fixes === undefined ? {} : { repair: fixLines(found) }) };
}

/** Everything an app is signed in by, gone from the directory but its federated credential. */
beforeAll(async () => {
  deployed = await deployStack();
  const { call, outputs } = deployed;
  const app = outputs.apps["CopilotAPIAuth"];
  const application = `https://graph.microsoft.com/v1.0/applications/${app?.applicationObjectId ?? ""}`;
  await call("POST", `${application}/removePassword`, { keyId: app?.credential.keyId });
  credentialUrl = `${application}/federatedIdentityCredentials`;
});

beforeEach(async () => {
  const { call } = deployed;
  const { value } = (await call("GET", credentialUrl)) as { value: { id: string }[] };
  for (const { id } of value) await call("DELETE", `${credentialUrl}/${id}`);
  const { audience, ...credential } = trusted;
  await call("POST", credentialUrl, { ...credential, audiences: [audience] });
});

describe("verify of an app that signs in by federation", () => {
  it("verifies it from the workflow that it trusts", async () => {
    const report = await verifyIn("prod");
    expect(check(report, "token")).toEqual({
      status: "pass",
      summary: `Entra accepts the token of ${subject}; the token lives 60 min`,
    });
    expect(check(report, "graph-call").status).toBe("pass");
    expect(check(report, "credentials")).toEqual({
      status: "pass",
      summary: "1 federated credential, as configured; no client secret",
    });
    expect(report.verified).toBe(true);
  });

  it("has no check of a secret that there is not", async () => {
    const { checks } = await verifyIn("prod");
    expect(checks.map(({ id }) => id)).toEqual([
      "outputs",
      "token",
      "claims",
      "permissions-missing",
      "permissions-extra",
      "graph-call",
      "grants",
      "ownership",
      "credentials",
      "least-privilege",
      "vault-posture",
    ]);
  });

  it.each([
    [
      "another workflow",
      "staging",
      `this process is repo:${repository}:environment:staging of ${githubIssuer}`,
    ],
    ["nowhere", undefined, "this process has no federated token and no managed identity endpoint"],
  ])("is not verified from %s, and says who could", async (_where, environment, here) => {
    const report = await verifyIn(environment);
    expect(check(report, "token")).toEqual({
      status: "fail",
      summary: `This process cannot sign in as client ${federatedApp().clientId}: the app accepts ${subject} of ${githubIssuer}, and ${here}.`,
      repair: "Run npm run verify where one of these signs in: in that workflow or on that Azure resource.",
    });
    expect(check(report, "claims")).toEqual({ status: "skip", summary: "not reached: see token" });
    expect(report.verified).toBe(false);
  });

  it("skips the sign-in where it trusts no issuer here, if that is allowed, and verifies the rest", async () => {
    const report = await verifyIn("staging", federatedApp(), deployed, { ifTrusted: true });
    expect(check(report, "token")).toMatchObject({
      status: "skip",
      summary: expect.stringMatching(/^This process cannot sign in as client/) as string,
    });
    expect(check(report, "credentials").status).toBe("pass");
    expect(report.verified).toBe(true);
  });

  it("asks for the audience that the trust names", async () => {
    const { value } = (await deployed.call("GET", credentialUrl)) as { value: { id: string }[] };
    await deployed.call("PATCH", `${credentialUrl}/${value[0]?.id ?? ""}`, { audiences: ["api://other"] });
    const app = { ...federatedApp(), federated: [{ ...trusted, audience: "api://other" }] };
    expect(check(await verifyIn("prod", app), "token").status).toBe("pass");
  });

  it("names what was trusted and is no longer", async () => {
    const { value } = (await deployed.call("GET", credentialUrl)) as { value: { id: string }[] };
    await deployed.call("DELETE", `${credentialUrl}/${value[0]?.id ?? ""}`);
    const report = await verifyIn("prod");
    expect(check(report, "token").summary).toMatch(/^the token endpoint refuses \(401 AADSTS70021\d\)/);
    expect(check(report, "credentials")).toEqual({
      status: "fail",
      summary: `no longer trusted: ${subject} of ${githubIssuer}`,
      repair: "It was removed or changed: pulumi up --refresh",
    });
  });

  it("fails a client secret and a federated credential that are not in the settings", async () => {
    const { call } = deployed;
    const added = await call("POST", credentialUrl, {
      name: "intruder",
      issuer: githubIssuer,
      subject: "repo:mallory/agents:environment:prod",
      audiences: ["api://AzureADTokenExchange"],
    });
    const report = await verifyIn("prod");
    expect(check(report, "credentials")).toMatchObject({
      status: "fail",
      summary:
        `not this stack's: federated credential intruder (${String(added["id"])}): ${githubIssuer}, ` +
        "repo:mallory/agents:environment:prod",
    });
  });
});

describe("verify of an app whose secret is leaving", () => {
  it("says until when it stays, and warns once its time is over", async () => {
    const stack = await deployStack();
    const app = stack.outputs.apps["CopilotAPIAuth"];
    if (app === undefined) throw new Error("the stack has no such app");
    const retiring: AppOutputs = {
      ...app,
      signIn: "federated",
      federated: [trusted],
      credential: { ...app.credential, retiredSince: stack.tenant.clock.now().toISOString() },
    };
    expect(check(await verifyIn("prod", retiring, stack), "rotation")).toEqual({
      status: "pass",
      summary: "the app signs in without it; it stays published until 2027-01-21T11:00:00Z",
    });
    stack.clock.advance(60 * 86_400_000);
    expect(check(await verifyIn("prod", retiring, stack), "rotation")).toEqual({
      status: "warn",
      summary: "the app signs in without it, and its time was over at 2027-01-21T11:00:00Z",
      repair: "Take it out of the vault, then out of Entra: pulumi up && npm run rotate",
    });
  });
});
