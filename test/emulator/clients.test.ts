import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { azure } from "../../emulator/azure";
import { emulatedEnvironment, writeCaFiles } from "../../emulator/environment";
import { startServer, type RunningServer } from "../../emulator/server";
import { createTenant, type Tenant } from "../../emulator/tenant";
import { TestDirectory } from "../support/directory";

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

describe("@azure/identity, unmodified, in a process of its own", () => {
  let tenant: Tenant;
  let server: RunningServer;
  let projectDir: string;

  beforeAll(async () => {
    tenant = await createTenant();
    server = await startServer(azure(tenant));
    projectDir = await mkdtemp(join(tmpdir(), "copilot-token-clients-"));
  });

  afterAll(async () => {
    await server.close();
    await rm(projectDir, { recursive: true });
  });

  it("signs in through proxy and CA variables alone", async () => {
    const base = { PATH: process.env["PATH"] };
    const caFiles = await writeCaFiles(projectDir, server.caPem, base);
    const { tenantId, subscriptionId } = tenant.state;
    const { deployer } = tenant.identities;
    const environment = emulatedEnvironment({
      proxyUrl: server.proxyUrl,
      caFiles,
      base,
      tenantId,
      subscriptionId,
      identity: deployer,
      projectDir,
    });
    const { stdout } = await run(process.execPath, ["-e", identityScript], { env: environment });
    expect(JSON.parse(stdout)).toEqual({
      graph: [
        "https://graph.microsoft.com",
        ["Application.ReadWrite.OwnedBy", "AppRoleAssignment.ReadWrite.All", "Application.Read.All"],
      ],
      arm: ["https://management.azure.com", deployer.clientId],
      refusal: "AADSTS7000215",
      unknown: "AADSTS90002",
    });
    expect([...server.refusedHosts]).toEqual([]);
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
