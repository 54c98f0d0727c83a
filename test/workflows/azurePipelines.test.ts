import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { handleGitHubActions } from "../../emulator/github/githubActions";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { trustSubject } from "../../emulator/tenant/seedTrust";
import { emulatedRunner, repository, type EmulatedRunner } from "../support/workflows/emulatedRunner";

const text = readFileSync(join(".azure-pipelines", "copilot-token.yml"), "utf8");

interface AzureCliStep {
  readonly task: "AzureCLI@2";
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
}

/** The one step that signs in, wherever it stands. */
function signedInStep(value: unknown): AzureCliStep | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if ("task" in value && value.task === "AzureCLI@2") return value as AzureCliStep;
  return Object.values(value)
    .map(signedInStep)
    .find((found) => found !== undefined);
}

const step = signedInStep(parse(text));
if (step === undefined) throw new Error("the template signs in nowhere");
const script = String(step.inputs["inlineScript"]);

describe("the Azure Pipelines template", () => {
  let runner: EmulatedRunner;
  beforeAll(async () => {
    runner = await emulatedRunner();
    const { tenant } = runner.azure;
    // The emulated tenant plays GitHub as issuer; what the assertion says is the same to the script.
    trustSubject(
      tenant,
      tenant.identities.deployer.applicationObjectId,
      `repo:${repository}:environment:deploy`,
    );
    trustSubject(
      tenant,
      tenant.identities.verifier.applicationObjectId,
      `repo:${repository}:environment:verify`,
    );
    runner.writeStack("prod");
    const bin = join(runner.azure.folder, "az");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "az"),
      `#!/bin/sh\n[ "$*" = "account show --query id --output tsv" ] && echo ${tenant.state.subscriptionId}\n`,
    );
    chmodSync(join(bin, "az"), 0o755);
  });
  afterAll(() => runner.close());

  async function run(action: "preview" | "deploy" | "verify" | "rotate", mode = "due") {
    const { tenant } = runner.azure;
    const purpose = action === "verify" ? "verify" : "deploy";
    const identity = action === "verify" ? tenant.identities.verifier : tenant.identities.deployer;
    const { machine, workspace, installs, azure } = runner;
    const values = { ACTION: action, MODE: mode, STACK: "prod" };
    const path = [join(azure.folder, "az"), installs["pulumi/actions"], machine["PATH"]].join(delimiter);
    const env = {
      ...machine,
      ...values,
      PATH: path,
      servicePrincipalId: identity.clientId,
      tenantId: tenant.state.tenantId,
      idToken: await assertion(purpose),
    };
    return await new Promise<{ status: number; said: string }>((done) => {
      const limits = { cwd: workspace, env, timeout: 240_000 };
      execFile("bash", ["-c", script], limits, (error, stdout, stderr) => {
        done({ status: error === null ? 0 : 1, said: stdout + stderr });
      });
    });
  }

  async function assertion(environment: string): Promise<string> {
    const variables = await runner.oidcVariables(environment);
    const request = new Request(
      `${variables["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? ""}&audience=api://AzureADTokenExchange`,
      {
        headers: { Authorization: `bearer ${variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? ""}` },
      },
    );
    const { value } = (await (await handleGitHubActions(request, runner.azure.tenant)).json()) as {
      value: string;
    };
    return value;
  }

  it("takes its parameters as variables, never as text of the script, and knows no secret", () => {
    expect(script).not.toMatch(/\$\{\{|\$\(System|\$\([A-Za-z]+Token\)/);
    expect(Object.keys(step.env).sort()).toEqual([
      "ACTION",
      "AZURE_TOKEN_CREDENTIALS",
      "MODE",
      "PULUMI_BACKEND_URL",
      "STACK",
    ]);
    expect(text).not.toMatch(/PASSPHRASE|ACCESS_TOKEN|SECRET/);
    expect(text).toContain("persistCredentials: false");
  });

  it("previews, deploys, verifies and rotates, and leaves the outputs for the verifier", async () => {
    const preview = await run("preview");
    expect([preview.status, preview.said], preview.said).toEqual([
      0,
      expect.stringContaining("create azure-native:keyvault:Vault"),
    ]);
    const deployed = await run("deploy");
    expect(deployed.status, deployed.said).toBe(0);
    expect(deployed.said).toContain(
      `##vso[artifact.upload artifactname=outputs-prod]${join(runner.workspace, "outputs.json")}\n##vso[build.addbuildtag]outputs-prod\n`,
    );
    const verified = await run("verify");
    expect([verified.status, verified.said]).toEqual([0, ""]);
    const rotated = await run("rotate", "now");
    expect(rotated.status, rotated.said).toBe(0);
    const outputs = readStackOutputs(
      JSON.parse(readFileSync(join(runner.workspace, "outputs.json"), "utf8")),
    );
    expect(outputs.apps).toHaveProperty("CopilotAPIAuth.credential.sequence", 2);
  });

  it("leaves the outputs of a rotation that is not verified, and still fails", async () => {
    const { vaults } = runner.azure.tenant.state;
    for (const { secrets } of Object.values(vaults)) {
      for (const { versions } of Object.values(secrets))
        for (const version of versions) version.enabled = false;
    }
    rmSync(join(runner.workspace, "outputs.json"));
    const rotated = await run("rotate");
    expect([rotated.status, rotated.said]).toEqual([
      1,
      expect.stringContaining("##vso[build.addbuildtag]outputs-prod\n"),
    ]);
    expect(existsSync(join(runner.workspace, "outputs.json"))).toBe(true);
  });
});
