import { beforeEach, describe, expect, it } from "vitest";
import { workflowVariables } from "../../../emulator/github/githubActions";
import type { WorkflowJob } from "../../../emulator/github/githubJob";
import { createSigningKey } from "../../../emulator/entra/signingKey";
import { decodeJwt, signJwt } from "../../../emulator/entra/tokens";
import { TestDirectory, type Answer } from "../../support/directory";
import {
  addUserAssignedIdentity,
  askIdentityEndpoint,
  type UserAssignedIdentity,
} from "../../support/managedIdentity";

const issuer = "https://token.actions.githubusercontent.com";
const audience = "api://AzureADTokenExchange";
const subject = "repo:contoso/agents:ref:refs/heads/main";

let directory: TestDirectory;
let app: { applicationObjectId: string; clientId: string };

beforeEach(async () => {
  directory = await TestDirectory.create();
  app = await directory.register("Deployer");
  await directory.graph("POST", `applications/${app.applicationObjectId}/federatedIdentityCredentials`, {
    body: { name: "github-main", issuer, subject, audiences: [audience] },
  });
});

async function requestAssertion(job: WorkflowJob, asked: string | null = audience): Promise<Answer> {
  const variables = await workflowVariables(directory.tenant, job);
  const query = asked === null ? "" : `&audience=${encodeURIComponent(asked)}`;
  return directory.get(`${variables.ACTIONS_ID_TOKEN_REQUEST_URL}${query}`, {
    Authorization: `Bearer ${variables.ACTIONS_ID_TOKEN_REQUEST_TOKEN}`,
  });
}

async function assertion(job: WorkflowJob, asked?: string): Promise<string> {
  return (await requestAssertion(job, asked)).body.value;
}

async function signIn(clientAssertion: string, clientId = app.clientId): Promise<Answer> {
  return directory.token({
    client_id: clientId,
    grant_type: "client_credentials",
    scope: "https://graph.microsoft.com/.default",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: clientAssertion,
  });
}

function refusalOf(answer: Answer): [number, string, number] {
  return [answer.status, answer.body.error, answer.body.error_codes[0]];
}

describe("GitHub's issuer", () => {
  it("gives a job an assertion for the audience it asks for", async () => {
    const { status, body } = await requestAssertion({ repository: "contoso/agents" });
    expect([status, decodeJwt(body.value)?.claims]).toEqual([
      200,
      {
        jti: expect.any(String),
        sub: subject,
        aud: audience,
        ref: "refs/heads/main",
        ref_type: "branch",
        repository: "contoso/agents",
        repository_id: "74",
        repository_owner: "contoso",
        repository_owner_id: "65",
        repository_visibility: "private",
        event_name: "workflow_dispatch",
        base_ref: "",
        head_ref: "",
        workflow: "local",
        workflow_ref: "contoso/agents/.github/workflows/local.yml@refs/heads/main",
        job_workflow_ref: "contoso/agents/.github/workflows/local.yml@refs/heads/main",
        runner_environment: "github-hosted",
        actor: "octocat",
        actor_id: "12",
        run_id: "1658821493",
        run_number: "1",
        run_attempt: "1",
        iss: issuer,
        iat: 1795341600,
        nbf: 1795341300,
        exp: 1795341900,
      },
    ]);
  });

  it("names the environment in the subject where the job has one, and its own audience where none is asked", async () => {
    const { body } = await requestAssertion({ repository: "contoso/agents", environment: "prod" }, null);
    expect(decodeJwt(body.value)?.claims).toMatchObject({
      sub: "repo:contoso/agents:environment:prod",
      aud: "https://github.com/contoso",
    });
  });

  it("refuses a request without the job's token, and after the job's time", async () => {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } =
      await workflowVariables(directory.tenant, { repository: "contoso/agents" });
    expect((await directory.get(url)).status).toBe(401);
    directory.tenant.clock.advance(6 * 3_600_000);
    expect((await directory.get(url, { Authorization: `Bearer ${token}` })).status).toBe(401);
  });

  it("publishes discovery and the key that its assertions verify with", async () => {
    const { body: discovery } = await directory.get(`${issuer}/.well-known/openid-configuration`);
    const { body: keys } = await directory.get(discovery.jwks_uri);
    const header = decodeJwt(await assertion({ repository: "contoso/agents" }))?.header;
    expect([discovery.issuer, keys.keys.map(({ kid }: { kid: string }) => kid)]).toEqual([
      issuer,
      [header?.["kid"]],
    ]);
  });

  it("answers anything else with 501", async () => {
    expect((await directory.get(`${issuer}/other`)).status).toBe(501);
  });
});

describe("sign-in by assertion", () => {
  it("gives a token that says so", async () => {
    const answer = await signIn(await assertion({ repository: "contoso/agents" }));
    expect(decodeJwt(answer.body.access_token)?.claims).toMatchObject({ appid: app.clientId, appidacr: "2" });
  });

  it("matches the subject letter by letter", async () => {
    const other = await signIn(await assertion({ repository: "contoso/others" }));
    expect(refusalOf(other)).toEqual([401, "invalid_client", 700213]);
    const otherCase = await signIn(await assertion({ repository: "Contoso/agents" }));
    expect(refusalOf(otherCase)).toEqual([401, "invalid_client", 7002138]);
    expect(otherCase.body.error_description).toContain("'repo:Contoso/agents:ref:refs/heads/main'");
  });

  it("matches the audience", async () => {
    const answer = await signIn(await assertion({ repository: "contoso/agents" }, "api://other"));
    expect(refusalOf(answer)).toEqual([401, "invalid_client", 700212]);
  });

  it("matches the issuer", async () => {
    const own = signJwt(
      await directory.tenant.signingKey,
      { alg: "RS256" },
      { iss: "https://example.com", sub: subject, aud: audience },
    );
    expect(refusalOf(await signIn(own))).toEqual([401, "invalid_client", 700211]);
  });

  it("wants the issuer's own signature", async () => {
    const forged = signJwt(
      await createSigningKey(),
      { alg: "RS256" },
      { iss: issuer, sub: subject, aud: audience, exp: 2e9 },
    );
    expect(refusalOf(await signIn(forged))).toEqual([401, "invalid_client", 50013]);
  });

  it("wants it fresh", async () => {
    const stale = await assertion({ repository: "contoso/agents" });
    directory.tenant.clock.advance(300_000);
    expect(refusalOf(await signIn(stale))).toEqual([401, "invalid_client", 700024]);
  });

  it("wants a JWT", async () => {
    expect(refusalOf(await signIn("abc"))).toEqual([400, "invalid_request", 50027]);
  });

  it("wants the type of the assertion", async () => {
    const answer = await directory.token({
      client_id: app.clientId,
      grant_type: "client_credentials",
      scope: "https://graph.microsoft.com/.default",
      client_assertion: await assertion({ repository: "contoso/agents" }),
    });
    expect(refusalOf(answer)).toEqual([400, "invalid_request", 900144]);
  });

  it("says plainly that it cannot play another issuer", async () => {
    const other = "https://gitlab.com";
    await directory.graph("POST", `applications/${app.applicationObjectId}/federatedIdentityCredentials`, {
      body: { name: "gitlab", issuer: other, subject, audiences: [audience] },
    });
    const answer = await signIn(
      signJwt(
        await directory.tenant.signingKey,
        { alg: "RS256" },
        { iss: other, sub: subject, aud: audience },
      ),
    );
    expect([refusalOf(answer)[2], answer.body.error_description]).toEqual([
      50166,
      expect.stringContaining(other),
    ]);
  });

  it("waits, as Graph's readers do, until the credential has reached the replica", async () => {
    directory.tenant.clock.advance(61_000);
    directory.tenant.faults = { graphLag: { seconds: 60 } };
    const body = {
      name: "tag",
      issuer,
      subject: "repo:contoso/agents:ref:refs/tags/v1",
      audiences: [audience],
    };
    await directory.graph("POST", `applications/${app.applicationObjectId}/federatedIdentityCredentials`, {
      body,
    });
    const job = { repository: "contoso/agents", ref: "refs/tags/v1" };
    expect(refusalOf(await signIn(await assertion(job)))[2]).toBe(700213);
    directory.tenant.clock.advance(61_000);
    expect((await signIn(await assertion(job))).status).toBe(200);
  });

  it("works for a user-assigned identity, whose federation lies in ARM", async () => {
    const { tenant } = directory;
    const clientId = "b7c0e2d9-4a15-4f83-96be-1d5c8a7f2e60";
    const principalId = "5e9a7d13-c84f-4b02-a6d1-f3b0e8c92745";
    const identityId = `/subscriptions/${tenant.state.subscriptionId}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ci`;
    const federationId = `${identityId}/federatedIdentityCredentials/github`;
    tenant.state.directory.servicePrincipals[principalId] = {
      id: principalId,
      appId: clientId,
      displayName: "ci",
      servicePrincipalType: "ManagedIdentity",
      accountEnabled: true,
      createdDateTime: "2026-11-22T10:00:00Z",
      appOwnerOrganizationId: null,
      appRoles: [],
      oauth2PermissionScopes: [],
      ownerIds: [],
    };
    tenant.state.arm.resources[identityId.toLowerCase()] = {
      id: identityId,
      name: "ci",
      type: "Microsoft.ManagedIdentity/userAssignedIdentities",
      properties: { clientId, principalId },
    };
    tenant.state.arm.resources[federationId.toLowerCase()] = {
      id: federationId,
      name: "github",
      type: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
      properties: { issuer, subject, audiences: [audience] },
    };
    expect((await signIn(await assertion({ repository: "contoso/agents" }), clientId)).status).toBe(200);
    expect(refusalOf(await signIn(await assertion({ repository: "contoso/other" }), clientId))[2]).toBe(
      700213,
    );
    const bySecret = await directory.token({
      client_id: clientId,
      client_secret: "anything",
      grant_type: "client_credentials",
      scope: "https://graph.microsoft.com/.default",
    });
    expect(refusalOf(bySecret)).toEqual([401, "invalid_client", 7000215]);
  });
});

describe("sign-in by a managed identity's token", () => {
  const exchange = "api://AzureADTokenExchange";
  let identity: UserAssignedIdentity;
  let entra: string;

  beforeEach(() => {
    identity = addUserAssignedIdentity(directory.tenant, "agent");
    entra = `https://login.microsoftonline.com/${directory.tenant.state.tenantId}/v2.0`;
  });

  async function trust(
    trusted: { issuer?: string; subject?: string; audience?: string } = {},
  ): Promise<void> {
    const body = {
      name: "trust",
      issuer: trusted.issuer ?? entra,
      subject: trusted.subject ?? identity.principalId,
      audiences: [trusted.audience ?? exchange],
    };
    await directory.graph("POST", `applications/${app.applicationObjectId}/federatedIdentityCredentials`, {
      body,
    });
  }

  async function identityToken(resource = exchange): Promise<string> {
    const parameters = { resource, client_id: identity.clientId };
    return (await askIdentityEndpoint(directory.tenant, parameters)).body.access_token;
  }

  it("gives the application's token to the identity that it trusts", async () => {
    await trust();
    const { body } = await signIn(await identityToken());
    expect(decodeJwt(body.access_token)?.claims).toMatchObject({ appid: app.clientId, appidacr: "2" });
  });

  it("refuses an identity that the application does not trust", async () => {
    await trust({ subject: "0f6d2a94-57be-4c31-8a0d-b9e4c7f13582" });
    expect(refusalOf(await signIn(await identityToken()))).toEqual([401, "invalid_client", 700213]);
  });

  it("refuses a token that was made for a service", async () => {
    await trust();
    expect(refusalOf(await signIn(await identityToken("https://vault.azure.net")))[2]).toBe(700211);
  });

  it("refuses this tenant's issuer of tokens for services, even where a credential names it", async () => {
    const issuerOfV1 = `https://sts.windows.net/${directory.tenant.state.tenantId}/`;
    await trust({ issuer: issuerOfV1, audience: "https://vault.azure.net" });
    expect(refusalOf(await signIn(await identityToken("https://vault.azure.net")))[2]).toBe(700227);
  });

  it("refuses the client ID of the exchange where the credential must name it by its URI", async () => {
    await trust({ audience: "fb60f99c-7a34-4190-8149-302f77469936" });
    expect(refusalOf(await signIn(await identityToken()))[2]).toBe(700212);
  });

  it("refuses an application's token: only managed identities vouch for others", async () => {
    const { deployer } = directory.tenant.identities;
    await trust({ subject: deployer.objectId });
    const { body } = await directory.token({
      client_id: deployer.clientId,
      client_secret: deployer.clientSecret,
      grant_type: "client_credentials",
      scope: `${exchange}/.default`,
    });
    expect(refusalOf(await signIn(body.access_token))[2]).toBe(700226);
  });

  it("refuses Entra's issuer of another tenant", async () => {
    const other = "https://login.microsoftonline.com/0d1f5c7e-2b94-4a63-8e0a-c9b7f3d5a182/v2.0";
    await trust({ issuer: other });
    const claims = { iss: other, sub: identity.principalId, aud: exchange };
    const answer = await signIn(signJwt(await directory.tenant.signingKey, { alg: "RS256" }, claims));
    expect(refusalOf(answer)[2]).toBe(700236);
  });

  it("refuses it for another managed identity", async () => {
    const { tenant } = directory;
    const client = addUserAssignedIdentity(tenant, "client");
    const id = `${client.resourceId}/federatedIdentityCredentials/trust`;
    tenant.state.arm.resources[id.toLowerCase()] = {
      id,
      name: "trust",
      type: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
      properties: { issuer: entra, subject: identity.principalId, audiences: [exchange] },
    };
    expect(refusalOf(await signIn(await identityToken(), client.clientId))[2]).toBe(700222);
  });
});
