import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workflowVariables } from "../../emulator/github/githubActions";
import { describeJob } from "../../emulator/github/githubJob";
import { grantPermission } from "../../emulator/tenant/seed";
import { TestDirectory } from "../support/directory";
import { startEmulatedAzure, type EmulatedAzureServer } from "../support/emulatedAzureServer";
import { trustSubject } from "../../emulator/tenant/seedTrust";
import { addUserAssignedIdentity } from "../support/managedIdentity";

const run = promisify(execFile);

/** Signs in as a user of the library would write it; nothing but the environment says where Azure is. */
const identityScript = `
  const { ClientSecretCredential, DefaultAzureCredential } = require("@azure/identity");
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client, AZURE_CLIENT_SECRET: secret } = process.env;
  (async () => {
    const graph = await new ClientSecretCredential(tenant, client, secret).getToken("https://graph.microsoft.com/.default");
    const arm = await new DefaultAzureCredential().getToken("https://management.azure.com/.default");
    const refusal = await new ClientSecretCredential(tenant, client, "wrong").getToken("https://graph.microsoft.com/.default").catch((error) => error);
    const unknown = await new ClientSecretCredential("00000000-1111-2222-3333-444444444444", client, secret).getToken("https://graph.microsoft.com/.default").catch((error) => error);
    const claims = (token) => JSON.parse(Buffer.from(token.token.split(".")[1], "base64url"));
    console.log(JSON.stringify({
      graph: [claims(graph).aud, claims(graph).roles],
      arm: [claims(arm).aud, claims(arm).appid],
      refusal: /AADSTS\\d+/.exec(refusal.message)?.[0],
      unknown: /AADSTS\\d+/.exec(unknown.message)?.[0],
    }));
  })();
`;

/** What a client library calls with; the rest is in the environment. */
const secretlessScript = `
  const { ClientAssertionCredential, DefaultAzureCredential, ManagedIdentityCredential } = require("@azure/identity");
  const { EnvHttpProxyAgent, fetch } = require("undici");
  const { AZURE_TENANT_ID: tenant, APP: app, IDENTITY: identity } = process.env;
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = process.env;
  const dispatcher = new EnvHttpProxyAgent();
  const graph = "https://graph.microsoft.com/.default";
  const claims = ({ token }) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  const managed = new ManagedIdentityCredential({ clientId: identity });
  const fromManagedIdentity = async () => (await managed.getToken("api://AzureADTokenExchange/.default")).token;
  const fromGitHub = async () => {
    const answer = await fetch(url + "&audience=api://AzureADTokenExchange", { dispatcher, headers: { Authorization: "Bearer " + bearer } });
    return (await answer.json()).value;
  };
  const users = async (credential) => {
    const { token } = await credential.getToken(graph);
    const answer = await fetch("https://graph.microsoft.com/v1.0/users?$top=1", { dispatcher, headers: { Authorization: "Bearer " + token } });
    return [claims({ token }).appid, answer.status];
  };
  (async () => {
    console.log(JSON.stringify({
      managedIdentity: await users(managed),
      byDefault: await users(new DefaultAzureCredential()),
      withoutId: await new ManagedIdentityCredential().getToken(graph).catch(({ message }) => message),
      exchangedManagedIdentity: await users(new ClientAssertionCredential(tenant, app, fromManagedIdentity)),
      exchangedGitHub: await users(new ClientAssertionCredential(tenant, app, fromGitHub)),
    }));
  })();
`;

describe("@azure/identity, unmodified, in a process of its own", () => {
  let azure: EmulatedAzureServer;
  beforeAll(async () => {
    azure = await startEmulatedAzure();
  });
  afterAll(() => azure.close());

  async function runScript(script: string, environment: Record<string, string>): Promise<unknown> {
    const { stdout } = await run(process.execPath, ["-e", script], { env: environment });
    return JSON.parse(stdout);
  }

  it("signs in through proxy and CA variables alone", async () => {
    expect(await runScript(identityScript, azure.environment)).toEqual({
      graph: [
        "https://graph.microsoft.com",
        ["Application.ReadWrite.OwnedBy", "AppRoleAssignment.ReadWrite.All", "Application.Read.All"],
      ],
      arm: ["https://management.azure.com", azure.tenant.identities.deployer.clientId],
      refusal: "AADSTS7000215",
      unknown: "AADSTS90002",
    });
    expect([...azure.refusedHosts]).toEqual([]);
  });

  it("signs in without any secret: as a managed identity, and as an app that trusts it or a GitHub job", async () => {
    const { tenant } = azure;
    const { state } = tenant;
    const identity = addUserAssignedIdentity(tenant, "agent");
    addUserAssignedIdentity(tenant, "another");
    const job = { repository: "contoso/agents", environment: "verify" };
    // Any application does; this one is there.
    const app = tenant.identities.verifier;
    const entra = `https://login.microsoftonline.com/${state.tenantId}/v2.0`;
    trustSubject(tenant, app.applicationObjectId, describeJob(job).subject);
    trustSubject(tenant, app.applicationObjectId, identity.principalId, entra);
    for (const objectId of [identity.principalId, app.objectId]) {
      grantPermission(state, objectId, "User.Read.All", "2026-11-22T10:00:00Z");
    }
    const environment = azure.environmentOf(
      { ...azure.workload, clientId: identity.clientId },
      { jobVariables: await workflowVariables(tenant, job) },
    );
    const ids = { APP: app.clientId, IDENTITY: identity.clientId };
    expect(await runScript(secretlessScript, { ...environment, ...ids })).toEqual({
      managedIdentity: [identity.clientId, 200],
      byDefault: [identity.clientId, 200],
      withoutId: expect.stringContaining("Unable to load the proper Managed Identity."),
      exchangedManagedIdentity: [app.clientId, 200],
      exchangedGitHub: [app.clientId, 200],
    });
    expect([...azure.refusedHosts]).toEqual([]);
  });
});

describe("jose, with the published keys", () => {
  it.each([
    ["https://management.azure.com", true],
    ["https://vault.azure.net", true],
    ["https://graph.microsoft.com", false],
  ])("verifies a token for %s: %s", async (resource, verifies) => {
    const directory = await TestDirectory.create();
    const { clientId, clientSecret } = directory.tenant.identities.deployer;
    const { body } = await directory.token({
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: "client_credentials",
      scope: `${resource}/.default`,
    });
    const keys = await directory.get("https://login.microsoftonline.com/common/discovery/keys");
    const verified = jwtVerify(body.access_token, createLocalJWKSet(keys.body), {
      audience: resource,
      issuer: `https://sts.windows.net/${directory.tenant.state.tenantId}/`,
      currentDate: directory.tenant.clock.now(),
    });
    if (verifies) expect((await verified).payload["appid"]).toBe(clientId);
    else await expect(verified).rejects.toMatchObject({ code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
  });
});
