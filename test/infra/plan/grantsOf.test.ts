import { expect, it } from "vitest";
import { azureClient } from "../../../azure/azureClient";
import { createTenant } from "../../../emulator/tenant/tenant";
import { graphObjectId } from "../../../emulator/tenant/seed";
import { directoryBy } from "../../../infra/plan/directory";
import { armEnvironment, azureExchange, testWorld } from "../../support/testWorld";

it("the grants of a service principal are listed once a run, for all APIs together", async () => {
  const tenant = await createTenant();
  const asked: string[] = [];
  const exchange = azureExchange(tenant, ({ url }) => void asked.push(new URL(url).pathname));
  const env = armEnvironment(tenant, "deployer");
  const world = testWorld({ exchange, env, now: () => tenant.clock.now() });
  const directory = directoryBy(azureClient(world, { waitSeconds: 0 }), { ...env });
  const { objectId } = tenant.identities.deployer;
  const [ofGraph, ofOther] = await Promise.all([
    directory.grantsOf(objectId, graphObjectId),
    directory.grantsOf(objectId, "c36a0e58-79d4-4b1f-8e62-d1f7b9a03c45"),
  ]);
  expect([ofGraph.length > 0, ofOther]).toEqual([true, []]);
  expect(await directory.grantsOf(objectId, graphObjectId)).toEqual(ofGraph);
  expect(asked.filter((path) => path.endsWith("/appRoleAssignments"))).toHaveLength(1);
});
