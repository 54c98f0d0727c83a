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

/** Makes a certificate in a vault, registers it, and signs in by it: the vault signs, or the client by the exported key. */
const certificateScript = `
  const { createHash, randomUUID } = require("node:crypto");
  const { ClientAssertionCredential, ClientCertificateCredential, DefaultAzureCredential } = require("@azure/identity");
  const { CertificateClient } = require("@azure/keyvault-certificates");
  const { CryptographyClient, KeyClient } = require("@azure/keyvault-keys");
  const { SecretClient } = require("@azure/keyvault-secrets");
  const { EnvHttpProxyAgent, fetch } = require("undici");
  const { AZURE_TENANT_ID: tenant, SUBSCRIPTION: subscription, APP: app, APP_OBJECT: appObject } = process.env;
  const dispatcher = new EnvHttpProxyAgent();
  const administrator = new DefaultAzureCredential();
  const claims = ({ token }) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  const send = async (resource, method, path, body) => {
    const { token } = await administrator.getToken(resource + "/.default");
    const headers = { Authorization: "Bearer " + token, "Content-Type": "application/json" };
    const answer = await fetch(resource + path, { dispatcher, method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(path + " " + answer.status + " " + (await answer.text()));
  };
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  (async () => {
    const arm = "https://management.azure.com";
    const { oid } = claims(await administrator.getToken(arm + "/.default"));
    const group = "/subscriptions/" + subscription + "/resourceGroups/rg";
    await send(arm, "PUT", group + "?api-version=2021-04-01", { location: "westeurope" });
    const permissions = { secrets: ["all"], keys: ["all"], certificates: ["all"] };
    await send(arm, "PUT", group + "/providers/Microsoft.KeyVault/vaults/kv-certs?api-version=2023-07-01", {
      location: "westeurope",
      properties: {
        tenantId: tenant, sku: { family: "A", name: "standard" }, enableRbacAuthorization: false,
        accessPolicies: [{ tenantId: tenant, objectId: oid, permissions }],
      },
    });
    const vault = "https://kv-certs.vault.azure.net";
    const certificates = new CertificateClient(vault, administrator);
    const make = async (name, exportable) => {
      const policy = { issuerName: "Self", subject: "CN=" + name, exportable, contentType: "application/x-pem-file", keySize: 2048 };
      const poller = await certificates.beginCreateCertificate(name, policy, { intervalInMs: 1 });
      return poller.pollUntilDone();
    };
    const sealed = await make("sealed", false);
    const open = await make("open", true);
    await send("https://graph.microsoft.com", "PATCH", "/v1.0/applications/" + appObject, {
      keyCredentials: [sealed, open].map(({ cer }) => ({
        type: "AsymmetricX509Cert", usage: "Verify", key: Buffer.from(cer).toString("base64"),
      })),
    });
    const crypto = new CryptographyClient(await new KeyClient(vault, administrator).getKey("sealed"), administrator);
    const signByVault = async () => {
      const seconds = Math.floor(Date.now() / 1000);
      const thumbprint = createHash("sha256").update(sealed.cer).digest("base64url");
      const header = { alg: "PS256", typ: "JWT", "x5t#S256": thumbprint };
      const aud = "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/token";
      const body = { aud, iss: app, sub: app, jti: randomUUID(), nbf: seconds, exp: seconds + 300 };
      const signed = encode(header) + "." + encode(body);
      const { result } = await crypto.sign("PS256", createHash("sha256").update(signed).digest());
      return signed + "." + Buffer.from(result).toString("base64url");
    };
    const graph = "https://graph.microsoft.com/.default";
    const secret = await new SecretClient(vault, administrator).getSecret("open");
    const strength = async (credential) => {
      const { appid, appidacr } = claims(await credential.getToken(graph));
      return [appid, appidacr];
    };
    const unregistered = await make("unregistered", true);
    const { value: unknown } = await new SecretClient(vault, administrator).getSecret("unregistered");
    const byFile = (certificate) => new ClientCertificateCredential(tenant, app, { certificate });
    console.log(JSON.stringify({
      keyVersions: [sealed.properties.version === sealed.keyId.split("/").pop(), unregistered.name],
      byVault: await strength(new ClientAssertionCredential(tenant, app, signByVault)),
      byFile: await strength(byFile(secret.value)),
      unknown: await strength(byFile(unknown)).catch(({ message }) => /AADSTS\\d+/.exec(message)?.[0]),
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

  it("signs in with only proxy and CA variables", async () => {
    expect(await runScript(identityScript, azure.environment)).toEqual({
      graph: [
        "https://graph.microsoft.com",
        [
          "Application.ReadWrite.OwnedBy",
          "AppRoleAssignment.ReadWrite.All",
          "Application.Read.All",
          "DelegatedPermissionGrant.ReadWrite.All",
        ],
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

describe("@azure/keyvault-certificates and @azure/keyvault-keys, unmodified", () => {
  it("make certificates by which an app signs in, whether the vault signs or the client", async () => {
    const azure = await startEmulatedAzure();
    const { administrator, verifier: app } = azure.tenant.identities;
    const environment = {
      ...azure.environmentOf(administrator),
      SUBSCRIPTION: azure.tenant.state.subscriptionId,
      APP: app.clientId,
      APP_OBJECT: app.applicationObjectId,
    };
    const { stdout } = await run(process.execPath, ["-e", certificateScript], { env: environment });
    expect(JSON.parse(stdout)).toEqual({
      keyVersions: [true, "unregistered"],
      byVault: [app.clientId, "2"],
      byFile: [app.clientId, "2"],
      unknown: "AADSTS700027",
    });
    await azure.close();
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
