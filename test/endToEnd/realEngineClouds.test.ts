import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clouds, type Cloud } from "../../core/cloud/clouds";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { describeJob } from "../../emulator/github/githubJob";
import { grantPermission } from "../../emulator/tenant/seed";
import { trustSubject } from "../../emulator/tenant/seedTrust";
import { describeWithPulumi, pulumiStack, type CliRun, type PulumiStack } from "../support/pulumiStack";

const settings = { apps: { CopilotAPIAuth: { permissions: ["User.Read.All"] } } };

/** Hosts to which a run sends anything in a cloud. */
const hostsOf = ({ authority, graph, resourceManager, vaultSuffix }: Cloud, vaultName: string): string[] => [
  ...[authority, graph, resourceManager].map((address) => new URL(address).hostname),
  `${vaultName.toLowerCase()}.${vaultSuffix}`,
];

describeWithPulumi("a stack in another cloud, by the real engine", (cli) => {
  describe.each([clouds.usgovernment, clouds.usgovernmentdod, clouds.china])("$title", (cloud) => {
    let stack: PulumiStack;
    beforeAll(async () => {
      stack = await pulumiStack(cli, cloud);
    });
    afterAll(() => stack.close());
    const succeeded = (run: CliRun): CliRun => {
      if (run.exitCode !== 0) throw new Error(run.said);
      return run;
    };

    it("goes up, stays as it is, and goes, with requests to hosts of its cloud alone", async () => {
      const { emulated } = stack;
      const up = succeeded(await stack.up({ settings }));
      const outputs = await stack.outputs();
      expect(outputs.cloud).toBe(cloud.name);
      const again = succeeded(await stack.up());
      expect(again.changes).toEqual([]);
      const asked = new Set([...up.requests, ...again.requests].map(({ host }) => host));
      const own = hostsOf(cloud, outputs.vaultName);
      expect([...asked].filter((host) => !own.includes(host))).toEqual([]);
      expect([...asked]).toEqual(expect.arrayContaining(own.slice(0, 3)));
      succeeded(await stack.destroy());
      expect([...emulated.refusedHosts]).toEqual([]);
    });
  });

  describe("with a granter, from a job of GitHub Actions", () => {
    const cloud = clouds.usgovernment;
    const job = { repository: "contoso/agents", environment: "grant" };
    let stack: PulumiStack;
    beforeAll(async () => {
      stack = await pulumiStack(cli, cloud);
      const { tenant } = stack.emulated;
      const { deployer, verifier: granter } = tenant.identities;
      for (const permission of ["AppRoleAssignment.ReadWrite.All", "Application.Read.All"]) {
        grantPermission(tenant.state, granter.objectId, permission, tenant.clock.now().toISOString());
      }
      for (const { applicationObjectId } of [granter, deployer]) {
        trustSubject(tenant, applicationObjectId, describeJob(job).subject);
      }
    });
    afterAll(() => stack.close());

    it("signs in with the cloud's audience, which .github/cloud.sh gives the providers", async () => {
      const { emulated } = stack;
      const { deployer, verifier: granter } = emulated.tenant.identities;
      const signIn = await emulated.workflow(job, deployer.clientId);
      await stack.configure({ ...settings, granter: { clientId: granter.clientId } });
      const inJob = emulated.environmentOf(signIn);
      const without = await (await stack.engine(inJob)).up();
      expect(without.failures.map(({ message }) => message).join("\n")).toContain("AADSTS700212");
      const run = await (await stack.engine(afterCloudScript(inJob))).up();
      expect([run.ok, run.failures.map(({ message }) => message)]).toEqual([true, []]);
      const { cloud: published, granter: consented } = readStackOutputs(run.outputs);
      expect([published, consented]).toEqual([cloud.name, { clientId: granter.clientId }]);
      expect([...emulated.refusedHosts]).toEqual([]);
    });
  });
});

/** The variables of a job's step that has sourced the script. */
function afterCloudScript(environment: Readonly<Record<string, string>>): Record<string, string> {
  const said = execFileSync("bash", ["-ec", ". .github/cloud.sh; env -0"], {
    encoding: "utf8",
    env: { ...environment },
  });
  return Object.fromEntries(
    said
      .split("\0")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}
