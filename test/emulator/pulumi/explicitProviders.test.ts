import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workflowVariables } from "../../../emulator/github/githubActions";
import { describeJob } from "../../../emulator/github/githubJob";
import { graphObjectId, grantPermission, type Identity } from "../../../emulator/tenant/seed";
import type { DeployOptions } from "../../../emulator/pulumi/inline";
import type { StackState } from "../../../emulator/pulumi/stackState";
import { startEmulatedAzure, type EmulatedAzureServer } from "../../support/emulatedAzureServer";
import { trustSubject } from "../../../emulator/tenant/seedTrust";
import { runProgram, stepsOf, testStack, type TestRun } from "../../support/inlineEngine";

const job = { repository: "contoso/agents", environment: "deploy" };
const userReadAll = "df021288-bdef-4463-88db-98f22de89214";

let azure: EmulatedAzureServer;
let deployer: Identity;
/** Another service principal with the right to consent, which the deployer then does without. */
let granter: Identity;
let state: StackState;

beforeAll(async () => {
  azure = await startEmulatedAzure();
  const { tenant } = azure;
  deployer = tenant.identities.deployer;
  granter = tenant.identities.verifier;
  for (const permission of ["AppRoleAssignment.ReadWrite.All", "Application.Read.All"]) {
    grantPermission(tenant.state, granter.objectId, permission, "2026-11-22T10:00:00Z");
  }
  for (const { applicationObjectId } of [deployer, granter]) {
    trustSubject(tenant, applicationObjectId, describeJob(job).subject);
  }
  state = testStack();
});
afterAll(() => azure.close());

/** Runs the program in a job that signs in as the deployer, without any secret. */
async function up(
  settings: Record<string, string> = {},
  options: Partial<DeployOptions> = {},
): Promise<TestRun> {
  const jobVariables = await workflowVariables(azure.tenant, job);
  const config = {
    "test:tenant": azure.tenant.state.tenantId,
    "test:graph": graphObjectId,
    "test:role": userReadAll,
    ...settings,
  };
  azure.entries();
  return runProgram("granter", state, {
    environment: azure.environmentOf({ jobVariables, clientId: deployer.clientId }),
    config,
    ...options,
  });
}

const withGranter = (): Record<string, string> => ({ "test:granter": granter.clientId });

/** Changes to the directory since the last run began, each with the name of who made it. */
function changes(): string[] {
  const names = new Map([
    [deployer.clientId, "deployer"],
    [granter.clientId, "granter"],
  ]);
  return azure
    .entries()
    .filter(({ method, host }) => method !== "GET" && host === "graph.microsoft.com")
    .map(({ method, path, who = "" }) => {
      // "/v1.0/kind/id/kind/id": an ID can be all letters too.
      const kind = path.split("/").findLast((_, index) => index % 2 === 0);
      return `${method} ${kind} by ${names.get(who) ?? who}`;
    });
}

// One stack's life, step by step: each test goes on where the one before it stopped.
describe("a provider that the program makes itself", () => {
  it("is planned without a change", async () => {
    const run = await up(withGranter(), { preview: true });

    expect(run).toMatchObject({ ok: true, failures: [] });
    expect(stepsOf(run).sort()).toEqual(["create app", "create consent-role", "create granter", "create sp"]);
    expect(changes()).toEqual([]);
  });

  it("has to be configured with what is known", async () => {
    const run = await up({ "test:granter": "the app itself" }, { preview: true });

    expect(run.failures.map(({ name, message }) => [name, message])).toEqual([
      ["consent-role", expect.stringMatching(/^The configuration of the provider granter .*--engine pulumi/)],
    ]);
  });

  it("signs in on its own for what it is given to, and for what inherits it", async () => {
    const run = await up(withGranter());

    expect(run).toMatchObject({ ok: true, failures: [], changes: { create: 4 } });
    const made = changes();
    expect(made.filter((change) => change.endsWith("by granter"))).toEqual([
      "POST appRoleAssignedTo by granter",
    ]);
    expect(made).toContain("POST applications by deployer");
  });

  it("keeps its configuration in the state, what is secret of it sealed", () => {
    const { resources } = state.checkpoint();
    const provider = resources.find(({ type }) => type === "pulumi:providers:azuread");
    expect(provider?.inputs).toMatchObject({ tenantId: azure.tenant.state.tenantId, useOidc: "true" });
    // The SDK marks the client ID as secret.
    expect(JSON.stringify(resources)).not.toContain(granter.clientId);
    const references = resources.flatMap(({ name, provider: reference }) =>
      reference === undefined ? [] : [[name, reference]],
    );
    expect(references).toEqual([["consent-role", `${provider?.urn ?? ""}::${provider?.id ?? ""}`]]);
  });

  it("stays the same as long as its configuration does", async () => {
    const run = await up(withGranter());

    expect(run.changes).toMatchObject({ same: 4, create: 0, update: 0, delete: 0 });
    expect(changes()).toEqual([]);
  });

  it("changes in place with its configuration", async () => {
    const run = await up({ ...withGranter(), "test:more": JSON.stringify({ useCli: false }) });

    expect(run).toMatchObject({ ok: true, changes: { update: 1, same: 3 } });
  });

  it("removes what it made, when the program has neither any more, and goes last", async () => {
    const run = await up();

    expect(run).toMatchObject({ ok: true, failures: [], changes: { delete: 2, same: 2 } });
    expect(stepsOf(run).slice(-2)).toEqual(["delete consent-role", "delete granter"]);
    expect(changes()).toEqual(["DELETE appRoleAssignedTo by granter"]);
  });

  it("refuses a setting that the engine does not know, and leaves alone what would need it", async () => {
    const run = await up({
      ...withGranter(),
      "test:more": JSON.stringify({ clientCertificatePath: "/granter.pfx" }),
    });

    expect(run.failures.map(({ name, message }) => [name, message])).toEqual([
      ["granter", expect.stringMatching(/^clientCertificatePath: .*--engine pulumi/)],
    ]);
    expect(changes()).toEqual([]);
  });
});
