import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { trustSubject } from "../../emulator/tenant/seedTrust";
import { emulatedRunner, repository, type EmulatedRunner } from "../support/workflows/emulatedRunner";
import { runJob, type JobResult, type Runner, type Trigger } from "../support/workflows/jobRun";
import { readWorkflow, type Job } from "../support/workflows/workflowFiles";

let runner: EmulatedRunner;
beforeAll(async () => {
  runner = await emulatedRunner();
  const { deployer, verifier } = runner.azure.tenant.identities;
  for (const environment of ["deploy", "rotate", "preview"]) {
    trustSubject(
      runner.azure.tenant,
      deployer.applicationObjectId,
      `repo:${repository}:environment:${environment}`,
    );
  }
  trustSubject(runner.azure.tenant, verifier.applicationObjectId, `repo:${repository}:environment:verify`);
  runner.writeStack("prod");
});
afterAll(() => runner.close());

/** A run of the one job of a workflow, for its stacks one after the other. */
async function run(name: string, given: Partial<Trigger> = {}): Promise<JobResult[]> {
  const { tenant } = runner.azure;
  const { tenantId, subscriptionId } = tenant.state;
  const { deployer, verifier } = tenant.identities;
  return await runJob(readWorkflow(`${name}.yml`), name, runner, {
    event: "workflow_dispatch",
    repository,
    ...given,
    variables: {
      PULUMI_STACKS: '["prod"]',
      AZURE_TENANT_ID: tenantId,
      AZURE_SUBSCRIPTION_ID: subscriptionId,
      AZURE_CLIENT_ID: deployer.clientId,
      ...given.variables,
    },
    environmentVariables: { verify: { AZURE_CLIENT_ID: verifier.clientId } },
  });
}

async function runOne(name: string, given: Partial<Trigger> = {}): Promise<JobResult> {
  const [result, ...others] = await run(name, given);
  if (result === undefined || others.length > 0) throw new Error(`${name} did not run once`);
  return result;
}

const outcomes = ({ steps }: JobResult): string[] => steps.map(({ name, outcome }) => `${outcome} ${name}`);
const failed = ({ steps }: JobResult): string[] =>
  steps.filter(({ outcome }) => outcome === "failure").map(({ name }) => name);

/** Values of every client secret in the tenant's vaults, and of the identities. */
function secrets(): string[] {
  const { state, identities } = runner.azure.tenant;
  const published = Object.values(state.vaults).flatMap((vault) =>
    Object.values(vault.secrets).flatMap(({ versions }) => versions.map(({ value }) => value)),
  );
  return [...published, identities.deployer.clientSecret, identities.verifier.clientSecret];
}

const run4711 = {
  id: 4711,
  path: ".github/workflows/deploy.yml",
  event: "push",
  branch: "main",
  artifacts: ["outputs-prod"],
};

describe("the checks of a pull request", () => {
  const { jobs } = readWorkflow("pull-request.yml");
  const steps = jobs["check"]?.steps ?? [];

  it("are the checks that contributors run, and the registry's signatures", () => {
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual([
      ".ci/lint-workflows",
      "npm audit signatures",
      "npm run check",
      "npm run local",
    ]);
  });

  it("run the whole job in a tenant of their own, with no sign-in at hand", async () => {
    const workflow = readWorkflow("pull-request.yml");
    const job = jobs["check"];
    if (job === undefined) throw new Error("there is no such job");
    // The others take minutes and are what this very test is part of.
    const only = { ...job, steps: steps.filter(({ run }) => run === undefined || run === "npm run local") };
    const asked = runner.azure.requests().length;
    const [result] = await runJob({ ...workflow, jobs: { check: only } }, "check", runner, {
      event: "pull_request",
      repository,
      variables: {},
    });
    expect(result?.said).toContain("VERIFIED");
    expect([result?.ok, result?.environment, runner.azure.requests().length - asked]).toEqual([
      true,
      undefined,
      0,
    ]);
  });
});

// GitHub's runners have it.
const hasCurl = spawnSync("curl", ["--version"]).status === 0;

describe.skipIf(!hasCurl)("the sign-in to a state in Azure Blob Storage", () => {
  const job = {
    "runs-on": "any",
    environment: "deploy",
    steps: [
      {
        id: "state",
        uses: "./.github/actions/sign-in-to-state",
        with: { backend: "azblob://state?storage_account=a" },
      },
      {
        env: { AZURE_FEDERATED_TOKEN_FILE: "${{ steps.state.outputs.assertion-file }}" },
        // As the Azure SDK for Go reads it.
        run: `for time in 1 2 3; do node -e '
          const claims = require("fs").readFileSync(process.env.AZURE_FEDERATED_TOKEN_FILE, "utf8").split(".")[1];
          const { sub, aud, jti } = JSON.parse(Buffer.from(claims, "base64url"));
          console.log(sub, aud, jti);
        '; done; [ -p "$AZURE_FEDERATED_TOKEN_FILE" ] && stat -c %a "$AZURE_FEDERATED_TOKEN_FILE"`,
      },
    ],
  };
  const signIn = (permissions: Readonly<Record<string, string>>, given: Job = job, at: Runner = runner) =>
    runJob({ name: "w", on: {}, jobs: { job: { ...given, permissions } } }, "job", at, {
      event: "push",
      repository,
      variables: {},
    });

  /** A runner whose curl first does something of the test's; the call's number, from 1, is in $call. */
  function withCurl(before: string): Runner {
    const folder = mkdtempSync(join(runner.azure.folder, "curl-"));
    const script = `#!/bin/bash
      echo >> "$RUNNER_TEMP/calls"
      call=$(grep -c "" "$RUNNER_TEMP/calls")
      ${before}
      PATH="\${PATH#*:}"
      exec curl "$@"
    `;
    writeFileSync(join(folder, "curl"), script, { mode: 0o755 });
    const path = [folder, runner.machine["PATH"] ?? ""].join(delimiter);
    return { ...runner, machine: { ...runner.machine, PATH: path } };
  }

  it("hands out a fresh assertion of the job's at each reading, by a pipe of its owner's", async () => {
    const [result] = await signIn({ "id-token": "write" });
    const lines = result?.said.trim().split("\n") ?? [];
    const assertion = "repo:contoso/agents:environment:deploy api://AzureADTokenExchange ";
    expect(lines.map((line) => line.slice(0, assertion.length))).toEqual([
      assertion,
      assertion,
      assertion,
      "600",
    ]);
    expect(new Set(lines).size).toBe(4);
  });

  it("goes on providing them after GitHub failed to answer, to waiting readers too", async () => {
    // The first call is the look whether there is a token at all.
    const failing = withCurl('if [ "$call" = 2 ]; then exit 22; fi');
    const [result] = await signIn({ "id-token": "write" }, job, failing);
    expect(result?.said.trim().split("\n")).toEqual([
      ...Array.from({ length: 3 }, () => expect.stringMatching(/^repo:contoso\/agents:environment:deploy /)),
      "600",
    ]);
  });

  it("hands a whole one to each of two that read at once", async () => {
    const second = withCurl(`if [ "$call" = 2 ]; then
      mkfifo "$RUNNER_TEMP/second"
      { cat "$RUNNER_TEMP/assertions" | cat > "$RUNNER_TEMP/second"; } < /dev/null > /dev/null &
    fi`);
    const run = 'cat "$RUNNER_TEMP/assertions"; echo; cat "$RUNNER_TEMP/second"';
    const both = { ...job, steps: [...job.steps.slice(0, 1), { run }] };
    const [result] = await signIn({ "id-token": "write" }, both, second);
    const assertions = result?.said.split("\n") ?? [];
    const whole = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(assertions).toEqual([whole, whole]);
    expect(new Set(assertions).size).toBe(2);
  });

  it.each([
    [
      "sealed by a key vault key",
      "secretsprovider: azurekeyvault://contoso-state.vault.azure.net/keys/state\n",
      true,
    ],
    ["sealed by anything else", "encryptionsalt: v1:abc\n", false],
  ])("offers one for a state elsewhere where it is %s", async (_how, stackFile, offered) => {
    const file = join(runner.workspace, "Pulumi.sealed.yaml");
    writeFileSync(file, stackFile);
    const steps = [
      { id: "state", uses: "./.github/actions/sign-in-to-state", with: { backend: "" } },
      { env: { FILE: "${{ steps.state.outputs.assertion-file }}" }, run: 'echo "offered: ${FILE:+yes}"' },
    ];
    const sealed = { ...job, permissions: { "id-token": "write" }, steps };
    const trigger = { event: "push", repository, variables: {} };
    const [result] = await runJob({ name: "w", on: {}, jobs: { job: sealed } }, "job", runner, trigger);
    rmSync(file);
    expect(result?.said).toBe(`offered: ${offered ? "yes" : ""}\n`);
  });

  it("says which permission the job lacks, before anything is asked of the state", async () => {
    const [result] = await signIn({ contents: "read" });
    expect(result?.said).toContain("::error title=No OIDC token::");
    expect(result?.steps.at(-1)?.outcome).toBe("skipped");
  });
});

/** What a verification starts with, alone. */
async function newestOutputs(): Promise<JobResult | undefined> {
  const steps = [{ uses: "./.github/actions/newest-outputs", with: { stack: "prod" } }];
  const trigger = { event: "schedule", repository, variables: {} };
  const [result] = await runJob(
    { name: "w", on: {}, jobs: { job: { "runs-on": "any", steps } } },
    "job",
    runner,
    trigger,
  );
  return result;
}

/** Each goes on from what the one before left: a stack's way through the workflows. */
describe("the workflows' commands, in the emulated tenant", () => {
  it("preview what a stack would become, and change nothing", async () => {
    const before = JSON.stringify(runner.azure.tenant.state);
    const result = await runOne("preview");
    expect(failed(result)).toEqual([]);
    expect(result.environment).toBe("preview");
    expect(result.said).toContain("create azure-native:keyvault:Vault");
    expect(JSON.stringify(runner.azure.tenant.state)).toBe(before);
  });

  it("deploy it, and keep its identifiers for the verifier", async () => {
    const result = await runOne("deploy", { event: "push" });
    expect(result.said).not.toContain("error");
    expect([result.ok, result.environment, result.artifacts]).toEqual([true, "deploy", ["outputs-prod"]]);
    const outputs = runner.artifact("outputs-prod", "outputs.json");
    expect(readStackOutputs(JSON.parse(outputs)).apps).toHaveProperty(
      "CopilotAPIAuth.credential.sequence",
      1,
    );
    expect(secrets().filter((secret) => (outputs + result.said).includes(secret))).toEqual([]);
    runner.knowRuns([run4711]);
  });

  it("verify it without the state, with report, annotations and summary", async () => {
    const result = await runOne("verify", { event: "schedule" });
    expect(failed(result)).toEqual([]);
    expect([result.environment, result.artifacts]).toEqual(["verify", ["report-prod"]]);
    expect(JSON.parse(runner.artifact("report-prod", "verify.json"))).toMatchObject({ verified: true });
    expect(runner.artifact("report-prod", "verify.xml")).toContain("<testsuite");
    expect(runner.artifact("report-prod", "verify.html")).toContain("<html");
    expect(result.summary).toContain("## ✅ Verified");
    const written = ["verify.json", "verify.xml", "verify.html"].map((file) =>
      runner.artifact("report-prod", file),
    );
    const all = written.join("") + result.said + result.summary;
    expect(secrets().filter((secret) => all.includes(secret))).toEqual([]);
    expect(runner.issues()).toEqual([]);
  });

  it("rotate it, and keep the new identifiers", async () => {
    const result = await runOne("rotate", { inputs: { mode: "now", app: "CopilotAPIAuth", stack: "" } });
    expect(failed(result)).toEqual([]);
    expect([result.environment, result.artifacts]).toEqual(["rotate", ["outputs-prod"]]);
    expect(result.said).toContain("DONE: 1 rotated");
    expect(result.summary).toContain("## ✅ Verified");
    const outputs = readStackOutputs(JSON.parse(runner.artifact("outputs-prod", "outputs.json")));
    expect(outputs.apps).toHaveProperty("CopilotAPIAuth.credential.sequence", 2);
    expect(secrets().filter((secret) => (result.said + result.summary).includes(secret))).toEqual([]);
  });

  it("rotate nothing on the schedule while nothing is due", async () => {
    const result = await runOne("rotate", { event: "schedule" });
    expect(result.ok).toBe(true);
    expect(result.said).toContain("DONE: 0 rotated");
  });

  it("deploy a second time what stands already", async () => {
    const result = await runOne("deploy");
    expect(result.ok).toBe(true);
    expect(result.said).not.toMatch(/^(?:create|delete|replace) /m);
  });

  it("verify by the newest outputs that no pull request can have put there", async () => {
    runner.knowRuns([
      { ...run4711, id: 9, event: "pull_request" },
      // A tag named main: its commit, and so its workflow, is on no branch.
      { ...run4711, id: 10, commit: "of-a-tag" },
      { ...run4711, id: 8, path: ".github/workflows/pull-request.yml", event: "pull_request" },
      { ...run4711, id: 7, path: ".github/workflows/other.yml" },
      { ...run4711, id: 6, branch: "feature", event: "workflow_dispatch" },
      { ...run4711, id: 5, expired: true },
      { ...run4711, id: 4, path: ".github/workflows/rotate.yml", event: "schedule" },
      { ...run4711, id: 3 },
    ]);
    const before = runner.downloads().length;
    expect((await runOne("verify")).ok).toBe(true);
    expect(runner.downloads().slice(before)).toEqual(["4"]);
  });

  it("take no older ones where GitHub does not say where the newest came from", async () => {
    runner.knowRuns([
      { ...run4711, id: 6, unanswered: true },
      { ...run4711, id: 5 },
    ]);
    const before = runner.downloads().length;
    const result = await newestOutputs();
    expect([result?.ok, result?.said]).toEqual([false, expect.stringMatching(/^gh: HTTP 502: .*\n$/)]);
    expect(runner.downloads().slice(before)).toEqual([]);
  });

  it("find them behind any number of others that a pull request left", async () => {
    const others = Array.from({ length: 100 }, (_, index) => ({
      ...run4711,
      id: 1000 - index,
      event: "pull_request",
      expired: true,
    }));
    runner.knowRuns([...others, { ...run4711, id: 5 }]);
    const before = runner.downloads().length;
    expect(await newestOutputs()).toMatchObject({ ok: true });
    expect(runner.downloads().slice(before)).toEqual(["5"]);
  });

  it("put what is not verified on the page of the run, and still keep the report", async () => {
    const { vaults } = runner.azure.tenant.state;
    const versions = Object.values(vaults).flatMap(
      ({ secrets: all }) => all["copilotapiauth"]?.versions ?? [],
    );
    const newest = versions.at(-1);
    if (newest === undefined) throw new Error("nothing is published");
    newest.enabled = false;
    const result = await runOne("verify", { event: "schedule" });
    newest.enabled = true;
    expect([failed(result), result.artifacts]).toEqual([["Verify"], ["report-prod"]]);
    expect(result.said).toMatch(/^::error title=CopilotAPIAuth%3A vault-secret::/m);
    expect(result.summary).toContain("## ❌ Not verified");
    expect(runner.issues().map(({ title }) => title)).toEqual(["Verification of prod failed"]);
  });

  it("say that a stack has no outputs, once in an issue and then below it", async () => {
    runner.knowRuns([{ ...run4711, id: 9, event: "pull_request" }]);
    const first = await runOne("verify");
    expect(first.said).toContain("::error title=No outputs of prod::");
    expect(outcomes(first)).toEqual(
      expect.arrayContaining(["skipped Verify", "skipped Keep the report", "success Tell of the failure"]),
    );
    await runOne("verify");
    expect(runner.issues()).toEqual([
      {
        title: "Verification of prod failed",
        bodies: Array.from({ length: 3 }, () =>
          expect.stringContaining("https://github.com/contoso/agents/actions/runs/4711 says why."),
        ),
      },
    ]);
  });

  it("are refused by Entra where the environment is another one than the trusted", async () => {
    const result = await runOne("deploy", { variables: { ENVIRONMENT_PER_STACK: "true" } });
    expect([result.ok, result.environment, result.artifacts]).toEqual([false, "prod-deploy", []]);
    expect(result.said).toContain("repo:contoso/agents:environment:prod-deploy");
    expect(runner.issues().at(-1)?.title).toBe("Deployment of prod failed");
  });

  it("deploy stacks side by side, each on its own, the failure of one aside", async () => {
    runner.writeStack("small", { apps: { Small: { permissions: ["User.Read.All"] } } });
    runner.writeStack("broken", { apps: { Broken: { permissions: ["User.Read"] } } });
    const results = await run("deploy", { variables: { PULUMI_STACKS: '["broken","small"]' } });
    expect(results.map(({ ok, artifacts }) => [ok, artifacts])).toEqual([
      [false, []],
      [true, ["outputs-small"]],
    ]);
    expect(runner.issues().at(-1)?.title).toBe("Deployment of broken failed");
  });
});
