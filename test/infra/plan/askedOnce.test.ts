import { expect, it } from "vitest";
import { azureClient } from "../../../azure/azureClient";
import { createTenant } from "../../../emulator/tenant/tenant";
import { graphObjectId } from "../../../emulator/tenant/seed";
import { directoryBy, type Directory } from "../../../infra/plan/directory";
import { giveRights } from "../../support/tenantRights";
import { armEnvironment, azureExchange, testWorld } from "../../support/testWorld";

/** A directory of a new tenant, the deployer's object ID, and the paths that were asked for. */
function newDirectory(): { directory: Directory; objectId: string; asked: string[] } {
  const tenant = createTenant();
  giveRights(tenant, tenant.identities.deployer, ["Policy.Read.All"], []);
  const asked: string[] = [];
  const exchange = azureExchange(tenant, ({ url }) => void asked.push(new URL(url).pathname));
  const env = armEnvironment(tenant, "deployer");
  const world = testWorld({ exchange, env, now: () => tenant.clock.now() });
  const directory = directoryBy(azureClient(world, { waitSeconds: 0 }), { ...env });
  return { directory, objectId: tenant.identities.deployer.objectId, asked };
}

it("the grants of a service principal are listed once a run, for all APIs together", async () => {
  const { directory, objectId, asked } = newDirectory();
  const [ofGraph, ofOther] = await Promise.all([
    directory.grantsOf(objectId, graphObjectId),
    directory.grantsOf(objectId, "c36a0e58-79d4-4b1f-8e62-d1f7b9a03c45"),
  ]);
  expect([ofGraph.length > 0, ofOther]).toEqual([true, []]);
  expect(await directory.grantsOf(objectId, graphObjectId)).toEqual(ofGraph);
  expect(asked.filter((path) => path.endsWith("/appRoleAssignments"))).toHaveLength(1);
});

it("the applications that carry a stack's mark are listed once a run, for all apps together", async () => {
  const { directory, asked } = newDirectory();
  const stackIds = ["0d0f6c0e-5c1b-4c6e-9d53-6f6d9d2f0a11", "0d0f6c0e-5c1b-4c6e-9d53-6f6d9d2f0a12"];
  for (const stackId of [...stackIds, ...stackIds]) {
    expect(await directory.applicationsMarked(stackId)).toEqual([]);
  }
  expect(asked.filter((path) => path.endsWith("/applications"))).toHaveLength(stackIds.length);
});

it("the tenant's policy on client secrets is read once a run, for all apps together", async () => {
  const { directory, asked } = newDirectory();
  const [one, other] = await Promise.all([
    directory.secretPolicies(undefined),
    directory.secretPolicies(undefined),
  ]);
  expect(one?.tenantPolicy).toBeDefined();
  expect(other).toEqual(one);
  expect(asked.filter((path) => path.includes("/policies/"))).toHaveLength(1);
});
