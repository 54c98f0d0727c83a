import { afterAll, beforeAll, expect, it } from "vitest";
import { graphObjectId, grantPermission } from "../../emulator/tenant/seed";
import { describeJob } from "../../emulator/github/githubJob";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { leftAlone } from "../../scripts/rotate/rotate";
import { trustSubject } from "../../emulator/tenant/seedTrust";
import { describeWithPulumi, pulumiStack, type PulumiStack } from "../support/pulumiStack";

const repository = "contoso/agents";
const granting = { repository, environment: "grant" };
const rotating = { repository, environment: "rotate" };

describeWithPulumi("a granter apart, by the real engine", (cli) => {
  let stack: PulumiStack;
  beforeAll(async () => {
    stack = await pulumiStack(cli);
    const { tenant } = stack.emulated;
    const { deployer, verifier: granter } = tenant.identities;
    for (const permission of ["AppRoleAssignment.ReadWrite.All", "Application.Read.All"]) {
      grantPermission(tenant.state, granter.objectId, permission, tenant.clock.now().toISOString());
    }
    trustSubject(tenant, granter.applicationObjectId, describeJob(granting).subject);
    for (const job of [granting, rotating]) {
      trustSubject(tenant, deployer.applicationObjectId, describeJob(job).subject);
    }
  });
  afterAll(() => stack.close());

  const settings = (permissions: readonly string[]) => ({
    apps: { CopilotAPIAuth: { permissions } },
    granter: { clientId: stack.emulated.tenant.identities.verifier.clientId },
  });
  const engineIn = async (job: typeof granting) => {
    const { emulated } = stack;
    const signIn = await emulated.workflow(job, emulated.tenant.identities.deployer.clientId);
    return stack.engine(emulated.environmentOf(signIn));
  };
  const granted = (): (string | undefined)[] => {
    const { servicePrincipals, appRoleAssignments } = stack.emulated.tenant.state.directory;
    const roles = servicePrincipals[graphObjectId]?.appRoles ?? [];
    return Object.values(appRoleAssignments)
      .filter(({ principalDisplayName }) => principalDisplayName === "CopilotAPIAuth")
      .map(({ appRoleId }) => roles.find(({ id }) => id === appRoleId)?.value)
      .sort();
  };
  const failuresOf = ({ failures }: { failures: readonly { message: string }[] }) =>
    failures.map(({ message }) => message).join("\n");

  it("gives consent, and the outputs tell of it", async () => {
    await stack.configure(settings(["User.Read.All"]));
    const run = await (await engineIn(granting)).up();
    expect([run.ok, failuresOf(run)]).toEqual([true, ""]);
    expect(readStackOutputs(run.outputs).granter).toEqual(settings([]).granter);
    expect(granted()).toEqual(["User.Read.All"]);
  });

  /** The project's own provider signs in when it has something to send. */
  const signsInAtOnce = () => /azuread \S+ \(installed plugin\)/.test(stack.description);

  it("is asked by every run that leaves nothing alone, as soon as its provider is there", async ({
    skip,
  }) => {
    if (!signsInAtOnce()) skip("needs azuread's plugin");
    const run = await (await engineIn(rotating)).up();
    expect(run.ok).toBe(false);
    expect(failuresOf(run)).toContain("AADSTS700213");
  });

  it("is not asked by a rotation, which neither grants nor takes back", async () => {
    const engine = await engineIn(rotating);
    const exclude = leftAlone(readStackOutputs(await engine.outputs()));
    await stack.configure(settings(["User.Read.All", "Group.Read.All"]));
    const run = await engine.up({ rotate: "all", exclude });
    expect([run.ok, failuresOf(run)]).toEqual([true, ""]);
    const published = readStackOutputs(run.outputs).apps["CopilotAPIAuth"];
    expect([published?.credential?.sequence, published?.permissions]).toEqual([2, ["User.Read.All"]]);
    expect(granted()).toEqual(["User.Read.All"]);

    const deployed = await (await engineIn(granting)).up();
    expect([deployed.ok, failuresOf(deployed)]).toEqual([true, ""]);
    expect(granted()).toEqual(["Group.Read.All", "User.Read.All"]);
    await stack.configure(settings(["User.Read.All"]));
    const again = await engine.up({ exclude });
    expect([again.ok, failuresOf(again)]).toEqual([true, ""]);
    expect(granted()).toEqual(["Group.Read.All", "User.Read.All"]);
  });

  it("has to sign in for the destruction", async () => {
    if (signsInAtOnce()) {
      const refused = await (await engineIn(rotating)).destroy();
      expect(refused.ok).toBe(false);
      expect(failuresOf(refused)).toContain("AADSTS700213");
    }
    const run = await (await engineIn(granting)).destroy();
    expect([run.ok, failuresOf(run)]).toEqual([true, ""]);
  });
});
