import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stackIdResource } from "../../core/ownershipMark";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import type { Checkpoint, ResourceState } from "../../emulator/pulumi/checkpoint";
import type { TenantState } from "../../emulator/tenant/tenant";
import { killableStack, type FinishingRun, type KillableStack } from "../support/killPoints";
import { stackContents } from "../support/stackContents";

/** Types whose names the provider made up before the program named them. */
const randomlyNamed = /:(?:ResourceGroup|Workspace)$/;
const tagged = /azuread:index\/(?:application:Application|servicePrincipal:ServicePrincipal)$/;

/** State and tenant as a release made them that marked nothing; what a run of one left was compared with this. */
function beforeMark(
  checkpoint: Checkpoint,
  tenant: TenantState,
): { checkpoint: Checkpoint; tenant: TenantState } {
  const outputs = { ...checkpoint.outputs };
  const ending = ` ${String(outputs["stackId"])}`;
  delete outputs["stackId"];
  delete outputs["namedAfter"];
  const unnamed = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll(ending, "")) as T;
  const resources = unnamed(checkpoint.resources)
    .filter(({ name }) => name !== stackIdResource)
    .map((resource): ResourceState => {
      const { type, inputs, dependencies } = resource;
      const former = {
        ...resource,
        dependencies: dependencies.filter((urn) => !urn.endsWith(`::${stackIdResource}`)),
      };
      if (randomlyNamed.test(type)) return { ...former, inputs: { ...inputs, __createBeforeDelete: true } };
      if (!tagged.test(type)) return former;
      return { ...former, inputs: { ...inputs, tags: [] }, outputs: { ...resource.outputs, tags: [] } };
    });
  const former = unnamed(tenant);
  for (const object of [
    ...Object.values(former.directory.applications),
    ...Object.values(former.directory.servicePrincipals),
  ]) {
    if (JSON.stringify(object["tags"] ?? []).includes("copilot-token:")) object["tags"] = [];
  }
  return { checkpoint: { ...checkpoint, outputs, resources }, tenant: former };
}

/** Another stack of before the mark, and its app with the same permission: what Entra has of it. */
function addNeighbour({ directory }: TenantState, applicationObjectId: string): string[] {
  const application = structuredClone(directory.applications[applicationObjectId]);
  const principal = structuredClone(
    Object.values(directory.servicePrincipals).find(({ appId }) => appId === application?.appId),
  );
  if (application === undefined || principal === undefined) throw new Error("the app is gone");
  const [id, appId, principalId] = [randomUUID(), randomUUID(), randomUUID()];
  const secrets = application.passwordCredentials.map((secret) => ({ ...secret, keyId: randomUUID() }));
  const displayName = "Files";
  directory.applications[id] = { ...application, id, appId, displayName, passwordCredentials: secrets };
  directory.servicePrincipals[principalId] = { ...principal, id: principalId, appId, displayName };
  const grantId = randomUUID();
  const [grant] = Object.values(directory.appRoleAssignments).filter(
    (one) => one.principalId === principal.id,
  );
  if (grant === undefined) throw new Error("the app holds nothing");
  directory.appRoleAssignments[grantId] = { ...grant, id: grantId, principalId };
  return [id, principalId, grantId];
}

describe("a stack from before the mark of ownership", () => {
  let stack: KillableStack;
  let deployed: FinishingRun;
  beforeAll(async () => {
    stack = await killableStack(() => ({
      protect: true,
      alerts: { email: "it@contoso.com" },
      apps: { Mail: { permissions: ["User.Read.All"] } },
    }));
    deployed = await stack.up();
    expect(deployed.ok, deployed.said).toBe(true);
  });
  afterAll(() => stack.close());
  const contents = ({ outputs }: FinishingRun) =>
    stackContents(stack.tenant.state, readStackOutputs(outputs), "Mail");

  it("is marked by its next up: nothing is replaced, and its app and published secret stay", async () => {
    const { app, publishedKeyId } = contents(deployed);
    const former = beforeMark(stack.checkpoint(), stack.tenant.state);
    expect(JSON.stringify(former)).not.toContain("copilot-token:id:");
    const neighbour = addNeighbour(former.tenant, app.applicationObjectId);
    const published = publishedKeyId();
    stack.goBackTo(former);
    const theirs = (): string[] => {
      const { applications, servicePrincipals, appRoleAssignments } = stack.tenant.state.directory;
      return neighbour.map((id) =>
        JSON.stringify([applications[id], servicePrincipals[id], appRoleAssignments[id]]),
      );
    };
    const before = theirs();
    const { keyIds } = contents(deployed);
    const keys = keyIds();

    const run = await stack.up();
    expect(run.ok, run.said).toBe(true);
    expect([...run.steps].sort()).toEqual(["create stack-id", "update Mail", "update Mail"]);
    expect(run.writes.every((write) => write.startsWith("PATCH /v1.0/"))).toBe(true);
    const after = contents(run);
    expect([after.app.clientId, after.publishedKeyId(), after.keyIds()]).toEqual([
      app.clientId,
      published,
      keys,
    ]);
    const application = stack.tenant.state.directory.applications[app.applicationObjectId];
    expect(application?.["tags"]).toContain(`copilot-token:id:${String(run.outputs["stackId"])}`);
    expect(theirs()).toEqual(before);
    const again = await stack.up();
    expect([again.steps, again.writes]).toEqual([[], []]);
  });
});
