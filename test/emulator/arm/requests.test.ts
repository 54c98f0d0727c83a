import { beforeEach, describe, expect, it } from "vitest";
import { EmulatedServices } from "../../support/emulatedServices";

let azure: EmulatedServices;
beforeEach(async () => {
  azure = await EmulatedServices.create();
});

/** One path for every route, each of which a caller without a token, or with another service's, must not pass. */
function routes(): [method: string, path: string][] {
  const { subscription } = azure;
  const group = `${subscription}/resourceGroups/rg`;
  const provider = (type: string): string => `${group}/providers/${type}`;
  return [
    ["GET", "/tenants"],
    ["GET", "/subscriptions"],
    ["GET", subscription],
    ["GET", `${subscription}/locations`],
    ["GET", `${subscription}/resourcegroups`],
    ["GET", `${subscription}/resources`],
    ["GET", `${subscription}/providers`],
    ["POST", `${subscription}/providers/Microsoft.PowerPlatform/register`],
    ["PUT", group],
    ["GET", group],
    ["HEAD", group],
    ["PATCH", group],
    ["DELETE", group],
    ["GET", `${subscription}/providers/Microsoft.Authorization/roleDefinitions`],
    ["PUT", `${subscription}/providers/Microsoft.Authorization/roleAssignments/x`],
    ["GET", `${subscription}/providers/Microsoft.Authorization/permissions`],
    ["POST", `${subscription}/providers/Microsoft.KeyVault/checkNameAvailability`],
    ["GET", `${subscription}/providers/Microsoft.KeyVault/deletedVaults`],
    ["GET", `${subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/v`],
    ["PUT", provider("Microsoft.KeyVault/vaults/v")],
    ["PUT", provider("Microsoft.KeyVault/vaults/v/secrets/s")],
    ["PUT", provider("Microsoft.ManagedIdentity/userAssignedIdentities/i")],
    ["PUT", provider("Microsoft.ManagedIdentity/userAssignedIdentities/i/federatedIdentityCredentials/f")],
    ["PUT", provider("Microsoft.KeyVault/vaults/v/providers/Microsoft.Insights/diagnosticSettings/d")],
    ["PUT", provider("Microsoft.OperationalInsights/workspaces/w")],
    ["PUT", provider("Microsoft.Logic/workflows/w")],
    ["POST", provider("Microsoft.Logic/workflows/w/triggers/t/listCallbackUrl")],
    ["PUT", provider("Microsoft.EventGrid/systemTopics/t")],
    ["PUT", provider("Microsoft.EventGrid/systemTopics/t/eventSubscriptions/e")],
    ["PUT", provider("Microsoft.KeyVault/vaults/v/providers/Microsoft.EventGrid/eventSubscriptions/e")],
    ["PUT", provider("Microsoft.Insights/actionGroups/a")],
  ];
}

describe("handleArm", () => {
  it("answers every route without a token with 401 and the way to sign in", async () => {
    for (const [method, path] of routes()) {
      const { status, headers, body } = await azure.arm(method, path, { as: null });
      expect([path, status, body.error.code]).toEqual([path, 401, "AuthenticationFailed"]);
      expect(headers.get("WWW-Authenticate")).toContain(
        `Bearer authorization_uri="https://login.windows.net/${azure.tenant.state.tenantId}"`,
      );
    }
  });

  it("answers every route to a token for Graph or Key Vault with 401", async () => {
    for (const [method, path] of routes()) {
      for (const audience of ["https://graph.microsoft.com", "https://vault.azure.net"]) {
        const { status, body } = await azure.arm(method, path, { audience });
        expect([path, status, body.error.code]).toEqual([path, 401, "InvalidAuthenticationTokenAudience"]);
      }
    }
  });

  it("answers an expired token with 401", async () => {
    const { status, body } = await azure.arm("GET", azure.subscription, { lifetimeSeconds: 0 });
    expect([status, body.error.code]).toEqual([401, "ExpiredAuthenticationToken"]);
  });

  it("refuses a caller without a role on every route below the subscription, and names the right", async () => {
    for (const [method, path] of routes().slice(2)) {
      const { status, body } = await azure.arm(method, path, {
        as: azure.verifier,
        body: method === "GET" || method === "HEAD" ? undefined : {},
      });
      // Lists of groups and resources are empty for such a caller, as in Azure.
      const expected = /\/(resourcegroups|resources|permissions)$/.test(path) ? 200 : 403;
      expect([path, status]).toEqual([path, expected]);
      if (status === 403 && method !== "HEAD") expect(body.error.code).toBe("AuthorizationFailed");
    }
  });

  it("names client, object, action and scope in an error, with Azure's text", async () => {
    const path = `${azure.subscription}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v`;
    const { body } = await azure.arm("PUT", path, { as: azure.verifier, body: {} });
    const { clientId, objectId } = azure.tenant.identities.verifier;
    expect(body).toEqual({
      error: {
        code: "AuthorizationFailed",
        message:
          `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action ` +
          `'Microsoft.KeyVault/vaults/write' over scope '${path}' or the scope is invalid. If access was recently ` +
          "granted, please refresh your credentials.",
      },
    });
  });

  it.each([
    [null, "MissingApiVersionParameter"],
    ["latest", "InvalidApiVersionParameter"],
  ])("refuses the api-version %s", async (apiVersion, code) => {
    const { status, body } = await azure.arm("GET", azure.subscription, { apiVersion });
    expect([status, body.error.code]).toEqual([400, code]);
  });

  it("finds no other subscription", async () => {
    const { status, body } = await azure.arm("GET", "/subscriptions/other/resourcegroups");
    expect([status, body.error.code]).toEqual([404, "SubscriptionNotFound"]);
  });

  it("answers 501 with the path to what it does not emulate", async () => {
    const path = `${azure.subscription}/resourceGroups/rg/providers/Microsoft.Web/sites/s`;
    const { status, body } = await azure.arm("PUT", path, { body: {} });
    expect([status, body.error.code]).toEqual([501, "NotEmulated"]);
    expect(body.error.message).toContain(path);
  });

  it("gives each answer request IDs", async () => {
    const { headers } = await azure.arm("GET", "/tenants");
    expect(headers.get("x-ms-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("x-ms-correlation-request-id")).toBe(headers.get("x-ms-request-id"));
  });
});

describe("subscriptions and tenants", () => {
  it("are shown to whom has a role, at whatever scope", async () => {
    const before = await azure.arm("GET", "/subscriptions", { as: azure.verifier });
    expect(before.body).toEqual({ value: [], count: { type: "Total", value: 0 } });
    azure.assign(
      azure.verifier,
      "4633458b-17de-408a-b874-0445c86b69e6",
      `${azure.subscription}/resourceGroups/rg`,
    );
    const after = await azure.arm("GET", "/subscriptions", { as: azure.verifier });
    const { subscriptionId, tenantId, tenantDisplayName } = azure.tenant.state;
    expect(after.body.value).toMatchObject([
      { id: azure.subscription, subscriptionId, tenantId, displayName: tenantDisplayName, state: "Enabled" },
    ]);
    expect((await azure.arm("GET", azure.subscription, { as: azure.verifier })).body).toEqual(
      after.body.value[0],
    );
  });

  it("list the one tenant and the regions", async () => {
    const tenants = await azure.arm("GET", "/tenants", { as: azure.verifier });
    expect(tenants.body.value).toMatchObject([
      { tenantId: azure.tenant.state.tenantId, tenantCategory: "Home" },
    ]);
    const locations = await azure.arm("GET", `${azure.subscription}/locations`);
    expect(locations.body.value).toContainEqual(
      expect.objectContaining({ name: "westeurope", displayName: "West Europe" }),
    );
  });
});

describe("resource providers", () => {
  it("start registered or not, and are registered by POST", async () => {
    const path = `${azure.subscription}/providers/Microsoft.PowerPlatform`;
    const state = async (): Promise<unknown> => (await azure.arm("GET", path)).body.registrationState;
    expect(await state()).toBe("NotRegistered");
    expect((await azure.arm("POST", `${path}/register`)).body.registrationState).toBe("Registered");
    expect(await state()).toBe("Registered");
    await azure.arm("POST", `${path}/unregister`);
    expect(await state()).toBe("NotRegistered");
  });

  it("show Key Vault as registered, with its types", async () => {
    const { body } = await azure.arm("GET", `${azure.subscription}/providers/microsoft.keyvault`);
    expect(body).toMatchObject({
      namespace: "Microsoft.KeyVault",
      registrationState: "Registered",
      resourceTypes: [{ resourceType: "vaults" }],
    });
    const all = await azure.arm("GET", `${azure.subscription}/providers?$top=1`);
    expect(all.body.value).toHaveLength(1);
    expect(all.body.nextLink).toContain("skiptoken=1");
  });

  it("do not know an invented one", async () => {
    const { status, body } = await azure.arm("GET", `${azure.subscription}/providers/Contoso.Things`);
    expect([status, body.error.code]).toEqual([404, "InvalidResourceNamespace"]);
  });
});
