import { beforeEach, describe, expect, it } from "vitest";
import { decodeJwt } from "../../../emulator/entra/tokens";
import { TestDirectory, without, type Answer } from "../../support/directory";

let directory: TestDirectory;
let form: Record<string, string>;

beforeEach(async () => {
  directory = await TestDirectory.create();
  const { clientId, clientSecret } = directory.tenant.identities.deployer;
  form = {
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: "client_credentials",
    scope: "https://graph.microsoft.com/.default",
  };
});

function claimsOf(answer: Answer): Record<string, unknown> {
  return decodeJwt(answer.body.access_token)?.claims ?? {};
}

function refusalOf(answer: Answer): [number, string, number] {
  return [answer.status, answer.body.error, answer.body.error_codes[0]];
}

describe("the token endpoint", () => {
  it("answers a client secret with exactly the fields that Entra sends", async () => {
    const answer = await directory.token(form);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      token_type: "Bearer",
      expires_in: 3599,
      ext_expires_in: 3599,
      access_token: expect.any(String),
    });
    expect(answer.headers.get("Cache-Control")).toContain("no-store");
  });

  it("names the granted app roles, and only those", async () => {
    expect(claimsOf(await directory.token(form))["roles"]).toEqual([
      "Application.ReadWrite.OwnedBy",
      "AppRoleAssignment.ReadWrite.All",
      "Application.Read.All",
      "DelegatedPermissionGrant.ReadWrite.All",
    ]);
  });

  it("gives an app without any role a token without the claim", async () => {
    const { clientId, clientSecret } = directory.tenant.identities.verifier;
    const answer = await directory.token({ ...form, client_id: clientId, client_secret: clientSecret });
    expect(claimsOf(answer)).not.toHaveProperty("roles");
  });

  it("takes the credentials from a basic header, each part form-encoded", async () => {
    const { client_id = "", client_secret = "", ...rest } = form;
    const pair = `${client_id}:${encodeURIComponent(client_secret)}`;
    const answer = await directory.token(rest, {
      headers: { Authorization: `Basic ${Buffer.from(pair).toString("base64")}` },
    });
    expect(answer.status).toBe(200);
  });

  it("answers version 1 with texts, and names the resource", async () => {
    const resource = "https://management.azure.com/";
    const answer = await directory.token({ ...without(form, "scope"), resource }, { path: "oauth2/token" });
    expect(answer.body).toEqual({
      token_type: "Bearer",
      expires_in: "3599",
      ext_expires_in: "3599",
      expires_on: "1795345199",
      not_before: "1795341300",
      resource,
      access_token: expect.any(String),
    });
  });

  it.each([
    ["https://graph.microsoft.com/.default", "https://graph.microsoft.com"],
    ["https://graph.microsoft.com//.default", "https://graph.microsoft.com/"],
    ["00000003-0000-0000-c000-000000000000/.default", "00000003-0000-0000-c000-000000000000"],
    [
      "https://management.core.windows.net//.default openid offline_access profile",
      "https://management.core.windows.net/",
    ],
    ["https://management.azure.com/.default", "https://management.azure.com"],
    ["https://vault.azure.net/.default", "https://vault.azure.net"],
  ])("makes of scope %s the audience %s", async (scope, audience) => {
    expect(claimsOf(await directory.token({ ...form, scope }))["aud"]).toBe(audience);
  });

  it("takes the tenant's domain instead of its ID, in any case", async () => {
    expect((await directory.token(form, { tenantName: "Contoso.onmicrosoft.com" })).status).toBe(200);
  });

  it("gives tokens for a registered API, with the roles granted on it", async () => {
    const appRole = {
      id: "6a1f3c58-90d2-4b7e-8c45-e2d7b9f0a316",
      value: "Orders.Read",
      displayName: "Orders",
      description: "Orders",
      allowedMemberTypes: ["Application"],
      isEnabled: true,
    };
    const { body: api } = await directory.graph("POST", "applications", {
      body: { displayName: "Orders API", identifierUris: ["api://orders"], appRoles: [appRole] },
    });
    const { body: resource } = await directory.graph("POST", "servicePrincipals", {
      body: { appId: api.appId },
    });
    const principalId = directory.tenant.identities.verifier.objectId;
    await directory.graph("POST", `servicePrincipals/${resource.id}/appRoleAssignedTo`, {
      body: { appRoleId: appRole.id, principalId, resourceId: resource.id },
    });
    const { clientId, clientSecret } = directory.tenant.identities.verifier;
    const signIn = {
      ...form,
      client_id: clientId,
      client_secret: clientSecret,
      scope: "api://orders/.default",
    };
    const granted = claimsOf(await directory.token(signIn));
    expect(granted).toMatchObject({ aud: "api://orders", roles: ["Orders.Read"] });

    await directory.graph("PATCH", `applications/${String(api.id)}`, {
      body: { appRoles: [{ ...appRole, isEnabled: false }] },
    });
    expect(claimsOf(await directory.token(signIn))).not.toHaveProperty("roles");
  });
});

describe("refusals of the token endpoint", () => {
  it("hold all of Entra's fields, and the caller's own correlation ID", async () => {
    const correlationId = "3f0c8d62-1b7a-4e95-a2d4-c6b8e9f01735";
    const answer = await directory.token(
      { ...form, client_secret: "wrong" },
      { headers: { "client-request-id": correlationId } },
    );
    const { clientId } = directory.tenant.identities.deployer;
    const traceId: string = answer.body.trace_id;
    expect(answer.body).toEqual({
      error: "invalid_client",
      error_description:
        `AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, ` +
        `not the client secret ID, for a secret added to app '${clientId}'. ` +
        `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: 2026-11-22 10:00:00Z`,
      error_codes: [7000215],
      timestamp: "2026-11-22 10:00:00Z",
      trace_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      correlation_id: correlationId,
      error_uri: "https://login.microsoftonline.com/error?code=7000215",
    });
  });

  it.each([
    ["a wrong secret", { client_secret: "wrong" }, [401, "invalid_client", 7000215]],
    [
      "an unknown app",
      { client_id: "11111111-2222-3333-4444-555555555555" },
      [400, "unauthorized_client", 700016],
    ],
    ["an app that is no GUID", { client_id: "CopilotAPIAuth" }, [400, "unauthorized_client", 700016]],
    ["no secret", { client_secret: "" }, [401, "invalid_client", 7000218]],
    ["no client ID", { client_id: "" }, [400, "invalid_request", 900144]],
    ["no grant type", { grant_type: "" }, [400, "invalid_request", 900144]],
    ["another grant type", { grant_type: "password" }, [400, "unsupported_grant_type", 70003]],
    ["no scope", { scope: "" }, [400, "invalid_request", 900144]],
    [
      "a single permission as scope",
      { scope: "https://graph.microsoft.com/User.Read.All" },
      [400, "invalid_scope", 1002012],
    ],
    ["scopes of people alone", { scope: "openid profile" }, [400, "invalid_scope", 1002012]],
    [
      "two resources",
      { scope: "https://graph.microsoft.com/.default https://vault.azure.net/.default" },
      [400, "invalid_scope", 1002012],
    ],
    ["an unknown resource", { scope: "api://nowhere/.default" }, [400, "invalid_resource", 500011]],
  ])("answer %s", async (_what, change, expected) => {
    expect(refusalOf(await directory.token({ ...form, ...change }))).toEqual(expected);
  });

  it.each([
    ["00000000-1111-2222-3333-444444444444", [400, "invalid_tenant", 90002]],
    ["fabrikam.onmicrosoft.com", [400, "invalid_tenant", 90002]],
    ["contoso", [400, "invalid_request", 900023]],
    ["common", [400, "invalid_request", 50059]],
  ])("answer tenant %s", async (tenantName, expected) => {
    expect(refusalOf(await directory.token(form, { tenantName }))).toEqual(expected);
  });

  it("tell an app without a service principal from an unknown one", async () => {
    const { body: application } = await directory.graph("POST", "applications", {
      body: { displayName: "Bare" },
    });
    const answer = await directory.token({ ...form, client_id: application.appId });
    expect(refusalOf(answer)).toEqual([401, "invalid_client", 7000229]);
  });

  it("stop an app that is disabled", async () => {
    const app = await directory.register("Off");
    const { body } = await directory.graph("POST", `applications/${app.applicationObjectId}/addPassword`, {
      body: {},
    });
    const own = { ...form, client_id: app.clientId, client_secret: body.secretText };
    expect((await directory.token(own)).status).toBe(200);
    await directory.graph("PATCH", `servicePrincipals/${app.servicePrincipalObjectId}`, {
      body: { accountEnabled: false },
    });
    expect(refusalOf(await directory.token(own))).toEqual([400, "unauthorized_client", 7000112]);
  });

  it("tell an expired secret from a wrong one", async () => {
    const { applicationObjectId, clientId } = await directory.register("App");
    const { body } = await directory.graph("POST", `applications/${applicationObjectId}/addPassword`, {
      body: { passwordCredential: { endDateTime: "2026-12-01T00:00:00Z" } },
    });
    const own = { ...form, client_id: clientId, client_secret: body.secretText };
    expect((await directory.token(own)).status).toBe(200);
    directory.tenant.clock.set(new Date("2026-12-01T00:00:00Z"));
    expect(refusalOf(await directory.token(own))).toEqual([401, "invalid_client", 7000222]);
  });

  it("are for another address 501, with the path", async () => {
    const answer = await directory.get("https://login.microsoftonline.com/common/oauth2/v2.0/logout");
    expect([answer.status, answer.body.error.message]).toEqual([
      501,
      "GET https://login.microsoftonline.com/common/oauth2/v2.0/logout is not emulated. It would reach Azure in a real run.",
    ]);
  });
});

describe("a new client secret that lags", () => {
  async function addSecret(): Promise<Record<string, string>> {
    const { applicationObjectId, clientId } = await directory.register("App");
    return addSecretTo(applicationObjectId, clientId);
  }

  async function addSecretTo(applicationObjectId: string, clientId: string): Promise<Record<string, string>> {
    const { body } = await directory.graph("POST", `applications/${applicationObjectId}/addPassword`, {
      body: {},
    });
    return { ...form, client_id: clientId, client_secret: body.secretText };
  }

  it("is unknown until the time has passed", async () => {
    directory.tenant.faults = { secretLag: { seconds: 20 } };
    const own = await addSecret();
    expect(refusalOf(await directory.token(own))).toEqual([401, "invalid_client", 7000215]);
    directory.tenant.clock.advance(19_999);
    expect(refusalOf(await directory.token(own))).toEqual([401, "invalid_client", 7000215]);
    directory.tenant.clock.advance(1);
    expect((await directory.token(own)).status).toBe(200);
  });

  it("shows the expired ones in its place, where there are only such", async () => {
    directory.tenant.faults = { secretLag: { seconds: 20 } };
    const { applicationObjectId, clientId } = await directory.register("App");
    await directory.graph("POST", `applications/${applicationObjectId}/addPassword`, {
      body: { passwordCredential: { endDateTime: "2026-11-23T00:00:00Z" } },
    });
    directory.tenant.clock.set(new Date("2026-11-24T00:00:00Z"));
    const own = await addSecretTo(applicationObjectId, clientId);
    expect(refusalOf(await directory.token(own))).toEqual([401, "invalid_client", 7000222]);
  });

  it.each([
    ["7000222", [401, "invalid_client", 7000222]],
    ["700016", [400, "unauthorized_client", 700016]],
  ])("is refused with %s where the plan says so", async (code, expected) => {
    directory.tenant.faults = { secretLag: { seconds: 20, code } };
    expect(refusalOf(await directory.token(await addSecret()))).toEqual(expected);
  });

  it("flaps between replicas, the same way from the same seed, and settles", async () => {
    const run = async (seed: number): Promise<number[]> => {
      directory = await TestDirectory.create({
        faults: { seed, secretLag: { seconds: 20, flapping: true } },
      });
      const own = await addSecret();
      directory.tenant.clock.advance(5000);
      const statuses: number[] = [];
      for (let count = 0; count < 12; count += 1) statuses.push((await directory.token(own)).status);
      directory.tenant.clock.advance(15_000);
      for (let count = 0; count < 3; count += 1) statuses.push((await directory.token(own)).status);
      return statuses;
    };
    const first = await run(7);
    expect(new Set(first.slice(0, 12))).toEqual(new Set([200, 401]));
    expect(first.slice(12)).toEqual([200, 200, 200]);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
  });
});
