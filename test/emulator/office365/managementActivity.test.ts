import { expect, it } from "vitest";
import { mintToken } from "../../../emulator/entra/tokens";
import { azure } from "../../../emulator/server/azure";
import { createTenant } from "../../../emulator/tenant/tenant";

it("lists subscriptions for a token of the API with a permission of it, and for no other", async () => {
  const tenant = createTenant();
  const { clientId, objectId } = tenant.identities.deployer;
  const ask = async (audience: string, roles: string[], tenantId = tenant.state.tenantId) => {
    const token = await mintToken(tenant, { clientId, objectId, audience, roles });
    const url = `https://manage.office.com/api/v1.0/${tenantId}/activity/feed/subscriptions/list`;
    return azure(tenant)(new Request(url, { headers: { Authorization: `Bearer ${token}` } }));
  };
  const own = "https://manage.office.com";
  const answer = await ask(own, ["ActivityFeed.Read"]);
  expect([answer.status, await answer.json()]).toEqual([
    200,
    [{ contentType: "Audit.General", status: "enabled", webhook: null }],
  ]);
  expect((await ask(own, ["ServiceHealth.Read"])).status).toBe(403);
  expect((await ask("https://graph.microsoft.com", ["ActivityFeed.Read"])).status).toBe(401);
  expect((await ask(own, ["ActivityFeed.Read"], "other")).status).toBe(501);
});
