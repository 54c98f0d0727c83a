import { beforeEach, describe, expect, it } from "vitest";
import { managedIdentityEndpoint } from "../../../emulator/entra/managedIdentity";
import { grantPermission } from "../../../emulator/tenant/seed";
import { decodeJwt } from "../../../emulator/entra/tokens";
import { TestDirectory } from "../../support/directory";
import {
  addUserAssignedIdentity,
  askIdentityEndpoint,
  identityHeader,
  type UserAssignedIdentity,
} from "../../support/managedIdentity";

const graph = "https://graph.microsoft.com";
const nowSeconds = 1795341600;

let directory: TestDirectory;
let agent: UserAssignedIdentity;
let other: UserAssignedIdentity;

beforeEach(async () => {
  directory = await TestDirectory.create();
  agent = addUserAssignedIdentity(directory.tenant, "Agent");
  other = addUserAssignedIdentity(directory.tenant, "other");
  grantPermission(directory.tenant.state, agent.principalId, "User.Read.All", "2026-11-22T10:00:00Z");
});

const ask = (
  parameters: Record<string, string | undefined>,
  headers?: Record<string, string>,
): ReturnType<typeof askIdentityEndpoint> => askIdentityEndpoint(directory.tenant, parameters, headers);

describe("the endpoint of managed identities", () => {
  it("answers as App Service does, with a token that lives a day", async () => {
    const { status, body } = await ask({ resource: graph, client_id: agent.clientId });
    expect([status, body]).toEqual([
      200,
      {
        access_token: expect.any(String),
        client_id: agent.clientId,
        expires_on: String(nowSeconds + 86_400),
        not_before: String(nowSeconds - 300),
        resource: graph,
        token_type: "Bearer",
      },
    ]);
    expect(decodeJwt(body.access_token)?.claims).toMatchObject({
      aud: graph,
      iss: `https://sts.windows.net/${directory.tenant.state.tenantId}/`,
      appid: agent.clientId,
      appidacr: "2",
      idtyp: "app",
      oid: agent.principalId,
      sub: agent.principalId,
      roles: ["User.Read.All"],
      exp: nowSeconds + 86_400,
      xms_mirid: agent.resourceId.replace("/resourceGroups/", "/resourcegroups/"),
    });
  });

  it("gives tokens that Graph accepts", async () => {
    const { body } = await ask({ resource: graph, client_id: agent.clientId });
    const users = await directory.get(`${graph}/v1.0/users?$top=1`, {
      Authorization: `Bearer ${body.access_token}`,
    });
    expect(users.status).toBe(200);
  });

  it.each([
    ["client_id", ({ clientId }: UserAssignedIdentity) => clientId.toUpperCase()],
    ["principal_id", ({ principalId }: UserAssignedIdentity) => principalId],
    ["object_id", ({ principalId }: UserAssignedIdentity) => principalId],
    ["mi_res_id", ({ resourceId }: UserAssignedIdentity) => resourceId.toLowerCase()],
  ])("chooses an identity by %s", async (parameter, valueOf) => {
    const { body } = await ask({ resource: graph, [parameter]: valueOf(other) });
    expect(body.client_id).toBe(other.clientId);
  });

  it("gives an assertion for another app: of version 2.0, with the exchange as its audience", async () => {
    const { tenantId } = directory.tenant.state;
    const { body } = await ask({ resource: "api://AzureADTokenExchange", client_id: agent.clientId });
    expect(decodeJwt(body.access_token)?.claims).toEqual({
      aud: "fb60f99c-7a34-4190-8149-302f77469936",
      iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
      iat: nowSeconds - 300,
      nbf: nowSeconds - 300,
      exp: nowSeconds + 86_400,
      aio: expect.any(String),
      azp: agent.clientId,
      azpacr: "2",
      idtyp: "app",
      oid: agent.principalId,
      rh: expect.any(String),
      sub: agent.principalId,
      tid: tenantId,
      uti: expect.any(String),
      ver: "2.0",
      xms_mirid: expect.stringContaining("/userAssignedIdentities/Agent"),
    });
  });

  const noIdentity =
    "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.";
  it.each<[string, Record<string, string | undefined>, number, string]>([
    // The system-assigned identity is meant, which nothing here has; a single other one is not used in its place.
    ["no ID", {}, 400, "Unable to load the proper Managed Identity."],
    ["an unknown ID", { client_id: "7a1f2d30-4c58-4b96-9e07-d3b8c5a1f642" }, 400, noIdentity],
    ["two IDs", { client_id: "a", object_id: "b" }, 400, "Only one of client_id, object_id can be given."],
    ["no resource", { resource: undefined, client_id: "a" }, 400, "The parameter resource is missing."],
    [
      "another version",
      { "api-version": "2017-09-01" },
      400,
      "The api-version is missing or not supported: use 2019-08-01.",
    ],
  ])("refuses %s in App Service's form", async (_what, parameters, status, message) => {
    const answer = await ask({ resource: graph, ...parameters });
    expect([answer.status, answer.body]).toEqual([
      status,
      { statusCode: status, message, correlationId: expect.any(String) },
    ]);
  });

  it("keeps to itself why Entra gave no token", async () => {
    const { status, body } = await ask({ resource: "https://nowhere.example", client_id: agent.clientId });
    expect([status, body.message]).toEqual([
      500,
      "An unexpected error occured while fetching the AAD Token.",
    ]);
  });

  it.each([{}, { "X-IDENTITY-HEADER": "guessed" }])("rejects a caller that sends %j", async (headers) => {
    const { status, body } = await ask({ resource: graph, client_id: agent.clientId }, headers);
    expect([status, body.access_token]).toEqual([401, undefined]);
  });

  it("answers anything else with 501", async () => {
    const endpoint = managedIdentityEndpoint(directory.tenant, identityHeader);
    const headers = { "X-IDENTITY-HEADER": identityHeader };
    const answers = await Promise.all([
      endpoint(new Request("http://127.0.0.1:4711/metadata/identity", { headers })),
      endpoint(new Request("http://127.0.0.1:4711/msi/token", { method: "POST", headers })),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([501, 501]);
  });
});
