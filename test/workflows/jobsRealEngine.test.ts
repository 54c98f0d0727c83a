import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Tenant } from "../../emulator/tenant/tenant";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { resourceProviders, type ResourceProviders } from "../../scripts/shared/emulated/resourceProviders";
import { trustSubject } from "../../emulator/tenant/seedTrust";
import { bundledEntry } from "../support/inlineEngine";
import { describeWithPulumi, minutes } from "../support/pulumiStack";
import { emulatedRunner, repository, type EmulatedRunner } from "../support/workflows/emulatedRunner";
import { runJob, type JobResult, type Runner } from "../support/workflows/jobRun";
import { readWorkflow, type Job } from "../support/workflows/workflowFiles";

/** Azure Storage as every tenant has it. @see https://learn.microsoft.com/azure/storage/blobs/authorize-access-azure-active-directory (read 2026-11) */
function addStorageService({ state }: Tenant): void {
  const { servicePrincipals } = state.directory;
  const [any] = Object.values(servicePrincipals);
  if (any === undefined) throw new Error("the tenant has no service principal");
  const appId = "e406a681-f3d4-42a8-90b6-c2b029497af1";
  const names = { displayName: "Azure Storage", servicePrincipalNames: [appId, "https://storage.azure.com"] };
  servicePrincipals[appId] = { ...any, id: appId, appId, ...names, appRoles: [] };
}

/** The same commands as in jobs.test.ts; what they deploy with is the engine that users have. */
describeWithPulumi("the workflows' commands, by the real engine", (cli) => {
  let emulated: EmulatedRunner;
  let runner: Runner;
  let providers: ResourceProviders;
  let variables: Readonly<Record<string, string>>;
  beforeAll(async () => {
    emulated = await emulatedRunner();
    const { tenant, folder } = emulated.azure;
    const { deployer } = tenant.identities;
    for (const environment of ["preview", "deploy", "rotate"]) {
      trustSubject(tenant, deployer.applicationObjectId, `repo:${repository}:environment:${environment}`);
    }
    const state = join(folder, "state");
    mkdirSync(state);
    variables = {
      PULUMI_STACKS: '["prod"]',
      PULUMI_BACKEND_URL: pathToFileURL(state).href,
      AZURE_TENANT_ID: tenant.state.tenantId,
      AZURE_SUBSCRIPTION_ID: tenant.state.subscriptionId,
      AZURE_CLIENT_ID: deployer.clientId,
    };
    const installed = cli.command.includes("/") ? dirname(cli.command) : "/usr/bin";
    // What serves the project's own providers signs in as the job does.
    const signedIn = {
      ...emulated.machine,
      ...(await emulated.oidcVariables("deploy")),
      ARM_USE_OIDC: "true",
      ARM_CLIENT_ID: deployer.clientId,
      ARM_TENANT_ID: tenant.state.tenantId,
      ARM_SUBSCRIPTION_ID: tenant.state.subscriptionId,
    };
    const entry = bundledEntry("serveProvider");
    providers = await resourceProviders(resolve("."), signedIn, process.env, entry);
    const machine = { ...emulated.machine, ...providers.environment };
    runner = { ...emulated, machine, installs: { "pulumi/actions": installed } };
    emulated.writeStack("prod");
    const path = [installed, machine["PATH"] ?? ""].join(delimiter);
    execFileSync(cli.command, ["stack", "init", "prod", "--non-interactive"], {
      cwd: emulated.workspace,
      env: { ...machine, PATH: path, PULUMI_BACKEND_URL: variables["PULUMI_BACKEND_URL"] },
      stdio: "pipe",
    });
  }, minutes(2));
  afterAll(async () => {
    await providers.close();
    await emulated.close();
  });

  const run = async (name: string, inputs: Readonly<Record<string, string>> = {}): Promise<JobResult> => {
    const trigger = { event: "workflow_dispatch", repository, variables, inputs };
    const [result] = await runJob(readWorkflow(`${name}.yml`), name, runner, trigger);
    if (result === undefined) throw new Error(`${name} did not run`);
    return result;
  };

  it("preview a stack that is not there yet", async () => {
    const result = await run("preview");
    expect(result.ok, result.said).toBe(true);
    expect(result.said).toContain("+ azure-native:keyvault:Vault");
  });

  it("deploy it without any secret of Azure's, and keep its identifiers", async () => {
    const result = await run("deploy");
    expect([result.ok, result.artifacts], result.said).toEqual([true, ["outputs-prod"]]);
    const outputs = readStackOutputs(JSON.parse(emulated.artifact("outputs-prod", "outputs.json")));
    expect(outputs.apps).toHaveProperty("CopilotAPIAuth.credential.sequence", 1);
  });

  it("rotate it by the same command as the inline engine does", async () => {
    const result = await run("rotate", { mode: "now" });
    expect(result.ok, result.said).toBe(true);
    expect(result.said).toContain("engine: pulumi");
    expect(result.said).toContain("DONE: 1 rotated");
    const outputs = readStackOutputs(JSON.parse(emulated.artifact("outputs-prod", "outputs.json")));
    expect(outputs.apps).toHaveProperty("CopilotAPIAuth.credential.sequence", 2);
  });

  // Neither Azure Storage nor keys are emulated: this tests their sign-in only, without the Azure CLI.
  it.each([
    [
      "a container",
      "azblob://state?storage_account=contosostate",
      [],
      /contosostate\.blob\.core\.windows\.net/,
    ],
    [
      "a key vault key",
      undefined,
      ["--secrets-provider", "azurekeyvault://VAULT.vault.azure.net/keys/state"],
      /POST https:\/\/[\w-]+\.vault\.azure\.net\/keys\/state\/encrypt\s[-\s]*RESPONSE 501/,
    ],
  ])("sign in to %s of the state by the job's own assertion", async (_what, container, flags, asked) => {
    const { tenant } = emulated.azure;
    addStorageService(tenant);
    const { vaultName } = JSON.parse(emulated.artifact("outputs-prod", "outputs.json")) as StackOutputs;
    const backend = container ?? variables["PULUMI_BACKEND_URL"] ?? "";
    const job: Job = {
      "runs-on": "any",
      environment: "deploy",
      permissions: { "id-token": "write" },
      env: {
        AZURE_CLIENT_ID: tenant.identities.deployer.clientId,
        AZURE_TENANT_ID: tenant.state.tenantId,
        PULUMI_BACKEND_URL: backend,
      },
      steps: [
        { uses: "pulumi/actions@hash" },
        {
          id: "state",
          uses: "./.github/actions/sign-in-to-state",
          // The action looks at the container alone: whoever has the state there may have the key in a vault.
          with: { backend: "azblob://state?storage_account=contosostate" },
        },
        {
          env: { AZURE_FEDERATED_TOKEN_FILE: "${{ steps.state.outputs.assertion-file }}" },
          run: ["timeout 50 pulumi stack init keyed --non-interactive", ...flags]
            .join(" ")
            .replace("VAULT", vaultName),
        },
      ],
    };
    emulated.azure.requests();
    const trigger = { event: "push", repository, variables: {} };
    const [result] = await runJob({ name: "w", on: {}, jobs: { job } }, "job", runner, trigger);
    const tokens = emulated.azure.requests().filter((request) => request.includes("/oauth2/v2.0/token"));
    expect(tokens.length, result?.said).toBeGreaterThan(0);
    expect(tokens.filter((request) => !request.endsWith(" 200"))).toEqual([]);
    expect(result?.said).toMatch(asked);
    expect(result?.said).not.toContain("failed to acquire a token");
  });
});
