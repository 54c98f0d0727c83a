import {
  ConfidentialClientApplication,
  CryptoProvider,
  PublicClientApplication,
  type INetworkModule,
} from "@azure/msal-node";
import { createLocalJWKSet, jwtVerify } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import type { BrowserEnd, UserChoices } from "../../../emulator/entra/browser";
import { mintServiceAssertion, serviceSubject } from "../../../emulator/entra/clientAssertion";
import { decodeJwt } from "../../../emulator/entra/tokens";
import { driveIdOf } from "../../../emulator/graph/drives";
import { azure } from "../../../emulator/server/azure";
import {
  browserOf,
  consentForAll,
  graphScopes,
  people,
  redirectUri,
  registerDelegatedApp,
  type DelegatedApp,
} from "../../support/delegatedApp";
import { TestDirectory } from "../../support/directory";

let directory: TestDirectory;
let app: DelegatedApp;

beforeEach(async () => {
  directory = await TestDirectory.create();
  app = await registerDelegatedApp(directory, graphScopes(directory, "User.Read", "Files.ReadWrite"));
});

const authority = (): string => `https://login.microsoftonline.com/${directory.tenant.state.tenantId}`;

/** MSAL's network, which ends at the tenant. */
function network(before: () => Promise<unknown> = () => Promise.resolve()): INetworkModule {
  const handle = azure(directory.tenant);
  const ask = async (method: string, url: string, options?: { headers?: object; body?: string }) => {
    const headers = new Headers(options?.headers as Record<string, string>);
    const body = options?.body === undefined ? {} : { body: options.body };
    const response = await handle(new Request(url, { method, headers, ...body }));
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: (await response.json()) as never,
    };
  };
  return {
    sendGetRequestAsync: async (url, options) => ask("GET", url, options),
    sendPostRequestAsync: async (url, options) => {
      if (options?.body?.includes("device_code=") === true) await before();
      return ask("POST", url, options);
    },
  };
}

function confidentialClient(credential: object = { clientSecret: app.clientSecret }) {
  return new ConfidentialClientApplication({
    auth: { clientId: app.clientId, authority: authority(), ...credential },
    system: { networkClient: network() },
  });
}

/** An address of `/authorize` with a code challenge, and the verifier of it. */
async function authorizeAddress(
  client: ConfidentialClientApplication,
  scopes: string[],
  others: object = {},
) {
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const address = await client.getAuthCodeUrl({
    scopes,
    redirectUri,
    codeChallenge: challenge,
    codeChallengeMethod: "S256",
    ...others,
  });
  return { address, verifier };
}

function codeIn(end: BrowserEnd): string {
  return answerIn(end)["code"] ?? "";
}

function answerIn(end: BrowserEnd): Record<string, string> {
  if (!("address" in end)) throw new Error(`A page came instead: ${end.page}`);
  return Object.fromEntries(new URL(end.address).searchParams);
}

async function signIn(scopes: string[], user: UserChoices, others: object = {}): Promise<BrowserEnd> {
  const { address } = await authorizeAddress(confidentialClient(), scopes, others);
  return browserOf(directory).open(address, user);
}

async function graphAs(token: string, path: string, method = "GET", body?: string) {
  return directory.graph(method, path, {
    token: null,
    headers: { Authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body }),
  });
}

describe("MSAL signs a user in", () => {
  it("by authorization code with PKCE, and refreshes the tokens", async () => {
    await consentForAll(directory, app, "User.Read Files.ReadWrite");
    const client = confidentialClient();
    const { address, verifier } = await authorizeAddress(client, ["User.Read"]);
    const code = codeIn(await browserOf(directory).open(address, { login: people.adele }));
    const result = await client.acquireTokenByCode({
      scopes: ["User.Read"],
      redirectUri,
      code,
      codeVerifier: verifier,
    });
    const account = result.account;
    if (account === null) throw new Error("MSAL found no account.");
    expect(account.username).toBe(people.adele);
    const claims = decodeJwt(result.accessToken)?.claims ?? {};
    expect(claims).toMatchObject({
      appid: app.clientId,
      aud: "00000003-0000-0000-c000-000000000000",
      idtyp: "user",
      scp: "Files.ReadWrite User.Read openid profile",
      upn: people.adele,
    });
    expect(claims).not.toHaveProperty("roles");
    const me = await graphAs(result.accessToken, "me");
    expect([me.status, me.body.userPrincipalName]).toEqual([200, people.adele]);

    const again = await client.acquireTokenSilent({
      account,
      scopes: ["Files.ReadWrite"],
      forceRefresh: true,
    });
    expect(again.fromCache).toBe(false);
    const drive = await graphAs(again.accessToken, "me/drive/root/children");
    expect(drive.body.value.map(({ name }: { name: string }) => name)).toEqual(["Notes of Adele Vance.txt"]);
  });

  it("by a device code", async () => {
    const { applicationObjectId, clientId } = app;
    await directory.graph("PATCH", `applications/${applicationObjectId}`, {
      body: { isFallbackPublicClient: true },
    });
    await consentForAll(directory, app, "User.Read");
    let signedIn: Promise<BrowserEnd> | undefined;
    const client = new PublicClientApplication({
      auth: { clientId, authority: authority() },
      system: { networkClient: network(async () => await signedIn) },
    });
    const result = await client.acquireTokenByDeviceCode({
      scopes: ["User.Read"],
      deviceCodeCallback: ({ userCode, verificationUri }) => {
        signedIn = browserOf(directory).open(verificationUri, { login: people.megan, userCode });
      },
    });
    expect(result?.account?.username).toBe(people.megan);
    expect((await graphAs(result?.accessToken ?? "", "me")).body.displayName).toBe("Megan Bowen");
  });

  it("on behalf of a user who signed in to the app itself", async () => {
    const scopeId = "0b9a3c5e-6f13-4f0d-8d3b-7a1f60c2d9e4";
    const api = { oauth2PermissionScopes: [{ id: scopeId, value: "access_as_user", type: "User" }] };
    await directory.graph("PATCH", `applications/${app.applicationObjectId}`, {
      body: { identifierUris: [`api://${app.clientId}`], api },
    });
    const teams = await registerDelegatedApp(directory);
    await directory.graph("PATCH", `applications/${app.applicationObjectId}`, {
      body: {
        api: { preAuthorizedApplications: [{ appId: teams.clientId, delegatedPermissionIds: [scopeId] }] },
      },
    });
    await consentForAll(directory, app, "User.Read");
    const scope = `api://${app.clientId}/access_as_user`;
    const address = `${authority()}/oauth2/v2.0/authorize?${String(
      new URLSearchParams({
        client_id: teams.clientId,
        response_type: "code",
        redirect_uri: redirectUri,
        scope,
      }),
    )}`;
    const code = codeIn(await browserOf(directory).open(address, { login: people.alex }));
    const token = await directory.token({
      client_id: teams.clientId,
      client_secret: teams.clientSecret,
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      scope,
    });
    expect(decodeJwt(token.body.access_token)?.claims).toMatchObject({
      aud: `api://${app.clientId}`,
      scp: "access_as_user",
    });

    const result = await confidentialClient().acquireTokenOnBehalfOf({
      oboAssertion: token.body.access_token,
      scopes: ["https://graph.microsoft.com/User.Read"],
    });
    expect((await graphAs(result?.accessToken ?? "", "me")).body.displayName).toBe("Alex Wilber");
    // A token for Graph is for Graph alone.
    await expect(
      confidentialClient().acquireTokenOnBehalfOf({
        oboAssertion: result?.accessToken ?? "",
        scopes: ["User.Read"],
      }),
    ).rejects.toMatchObject({ errorCode: "invalid_grant" });
  });

  it("with the assertion of a service instead of a secret", async () => {
    await consentForAll(directory, app, "User.Read");
    const { tenant } = directory;
    const subject = serviceSubject("5b404cf4-a79d-4cfe-b866-24bf8e1a4921", "agent-1", tenant);
    await directory.graph("POST", `applications/${app.applicationObjectId}/federatedIdentityCredentials`, {
      body: {
        name: "agent",
        issuer: `https://login.microsoftonline.com/${tenant.state.tenantId}/v2.0`,
        subject,
        audiences: ["api://AzureADTokenExchange"],
      },
    });
    const redeem = async (assertionOf: string) => {
      const client = confidentialClient({ clientAssertion: await mintServiceAssertion(assertionOf, tenant) });
      const { address, verifier } = await authorizeAddress(client, ["User.Read"]);
      const code = codeIn(await browserOf(directory).open(address, { login: people.adele }));
      return client.acquireTokenByCode({ scopes: ["User.Read"], redirectUri, code, codeVerifier: verifier });
    };
    const result = await redeem(subject);
    expect(decodeJwt(result.accessToken)?.claims).toMatchObject({ appidacr: "2", upn: people.adele });
    await expect(redeem(`${subject}2`)).rejects.toThrow("AADSTS700213");
  });
});

describe("the page", () => {
  it("asks for consent, and writes down that the user gave it for itself", async () => {
    const end = await signIn(["User.Read"], { login: people.adele });
    expect(codeIn(end)).not.toBe("");
    const grants = Object.values(directory.tenant.state.directory.oauth2PermissionGrants ?? {});
    expect(grants).toMatchObject([{ consentType: "Principal", scope: "User.Read" }]);
    // Another user is asked anew.
    const silent = await signIn(["User.Read"], { login: people.alex, consent: "cancel" });
    expect(answerIn(silent)).toMatchObject({ error: "access_denied" });
  });

  it("tells a user when only an administrator can consent", async () => {
    const end = await signIn(["User.Read.All"], { login: people.adele });
    expect(end).toMatchObject({ page: expect.stringContaining("AADSTS90094") });
  });

  it("keeps a user signed in, so that a silent sign-in needs no page", async () => {
    await consentForAll(directory, app, "User.Read");
    const browser = browserOf(directory);
    const silent = (await authorizeAddress(confidentialClient(), ["User.Read"], { prompt: "none" })).address;
    const before = answerIn(await browser.open(silent, { login: "" }));
    expect(before).toMatchObject({
      error: "login_required",
      error_description: expect.stringContaining("AADSTS50058"),
    });
    await browser.open((await authorizeAddress(confidentialClient(), ["User.Read"])).address, {
      login: people.adele,
    });
    expect(answerIn(await browser.open(silent, { login: "" }))).toHaveProperty("code");
    const more = (await authorizeAddress(confidentialClient(), ["Mail.Read"], { prompt: "none" })).address;
    expect(answerIn(await browser.open(more, { login: "" }))).toMatchObject({ error: "consent_required" });
  });

  it.each([
    ["an address that is not registered", { redirectUri: "https://example.org/back" }, "AADSTS50011"],
    ["a user of another directory", {}, "AADSTS50034", "someone@example.org"],
  ])("refuses %s without sending anything there", async (_what, others, code, login = people.adele) => {
    expect(await signIn(["User.Read"], { login }, others)).toMatchObject({
      page: expect.stringContaining(code),
    });
  });

  it("refuses a scope that Microsoft Graph does not have", async () => {
    const answer = answerIn(await signIn(["User.Raed"], { login: people.adele }));
    expect(answer["error_description"]).toContain("AADSTS650053");
  });

  it("blocks a user who is not assigned, until a group of the user's is", async () => {
    await consentForAll(directory, app, "User.Read");
    await directory.graph("PATCH", `servicePrincipals/${app.servicePrincipalObjectId}`, {
      body: { appRoleAssignmentRequired: true },
    });
    const blocked = await signIn(["User.Read"], { login: people.adele });
    expect(blocked).toMatchObject({ page: expect.stringContaining("AADSTS50105") });
    const [group] = Object.values(directory.tenant.state.directory.groups);
    await directory.graph("POST", `servicePrincipals/${app.servicePrincipalObjectId}/appRoleAssignedTo`, {
      body: {
        appRoleId: "00000000-0000-0000-0000-000000000000",
        principalId: group?.id,
        resourceId: app.servicePrincipalObjectId,
      },
    });
    expect(codeIn(await signIn(["User.Read"], { login: people.adele }))).not.toBe("");
  });

  it("answers ID tokens that verify with the published keys, where the app may have them", async () => {
    await consentForAll(directory, app, "User.Read");
    const parameters = new URLSearchParams({
      client_id: app.clientId,
      response_type: "code id_token",
      redirect_uri: redirectUri,
      scope: "openid profile User.Read",
      nonce: "n-1",
      response_mode: "query",
    });
    const address = `${authority()}/oauth2/v2.0/authorize?${String(parameters)}`;
    const refused = answerIn(await browserOf(directory).open(address, { login: people.adele }));
    expect(refused["error_description"]).toContain("AADSTS700054");
    await directory.graph("PATCH", `applications/${app.applicationObjectId}`, {
      body: { web: { implicitGrantSettings: { enableIdTokenIssuance: true } } },
    });
    const answer = answerIn(await browserOf(directory).open(address, { login: people.adele }));
    const keys = await directory.get(`${authority()}/discovery/v2.0/keys`);
    const { payload } = await jwtVerify(answer["id_token"] ?? "", createLocalJWKSet(keys.body), {
      audience: app.clientId,
      issuer: `${authority()}/v2.0`,
      currentDate: directory.tenant.clock.now(),
    });
    expect(payload).toMatchObject({ nonce: "n-1", preferred_username: people.adele });
  });

  it("serves version 1, whose tokens have everything that has consent", async () => {
    await consentForAll(directory, app, "User.Read Files.ReadWrite");
    const resource = "https://graph.microsoft.com";
    const parameters = new URLSearchParams({
      client_id: app.clientId,
      response_type: "code",
      redirect_uri: redirectUri,
      resource,
    });
    const address = `https://login.windows.net/common/oauth2/authorize?${String(parameters)}`;
    const code = codeIn(await browserOf(directory).open(address, { login: people.adele }));
    const form = {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      resource,
    };
    const answer = await directory.token(form, { path: "oauth2/token" });
    expect(decodeJwt(answer.body.access_token)?.claims).toMatchObject({
      aud: resource,
      scp: expect.stringContaining("Files.ReadWrite User.Read"),
    });
    const replayed = await directory.token(form, { path: "oauth2/token" });
    expect([replayed.body.error, replayed.body.error_codes]).toEqual(["invalid_grant", [54005]]);
  });
});

/** The form that exchanges an authorization code for tokens. */
function redemptionOf(code: string, verifier: string): Record<string, string> {
  return {
    client_id: app.clientId,
    client_secret: app.clientSecret,
    grant_type: "authorization_code",
    code,
    code_verifier: verifier,
    redirect_uri: redirectUri,
  };
}

describe("the token endpoint of users", () => {
  async function codeForm(changes: Record<string, string> = {}): Promise<Record<string, string>> {
    await consentForAll(directory, app, "User.Read").catch(() => undefined);
    const { address, verifier } = await authorizeAddress(confidentialClient(), ["User.Read"]);
    const code = codeIn(await browserOf(directory).open(address, { login: people.adele }));
    return { ...redemptionOf(code, verifier), ...changes };
  }

  it.each([
    ["a wrong verifier", { code_verifier: "wrong" }, 501481],
    ["another redirect address", { redirect_uri: "https://example.org" }, 500112],
    ["a wrong secret", { client_secret: "wrong" }, 7000215],
    ["no secret", { client_secret: "" }, 7000218],
    ["a code that was never issued", { code: "1.Anything" }, 9002313],
    ["more than one resource", { scope: "User.Read https://management.azure.com/user_impersonation" }, 28000],
    ["what has no consent", { scope: "Mail.Read" }, 65001],
  ])("refuses %s", async (_what, changes, code) => {
    const { body } = await directory.token(await codeForm(changes));
    expect(body.error_codes).toEqual([code]);
  });

  it("ends a refresh token's use when consent is withdrawn", async () => {
    const first = await directory.token(await codeForm({ scope: "User.Read offline_access" }));
    const form = {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      grant_type: "refresh_token",
      refresh_token: first.body.refresh_token,
    };
    expect((await directory.token(form)).status).toBe(200);
    directory.tenant.state.directory.oauth2PermissionGrants = {};
    const { body } = await directory.token(form);
    expect([body.error, body.suberror, body.error_codes]).toEqual([
      "invalid_grant",
      "consent_required",
      [65001],
    ]);
  });

  it("lets the Azure CLI sign in by a device code, without consent", async () => {
    const client = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
    const scope = "https://management.core.windows.net//.default offline_access openid profile";
    const started = await directory.token(
      { client_id: client, scope },
      { tenantName: "organizations", path: "oauth2/v2.0/devicecode" },
    );
    const form = {
      client_id: client,
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      device_code: started.body.device_code,
    };
    expect((await directory.token(form)).body.error).toBe("authorization_pending");
    await browserOf(directory).open(started.body.verification_uri, {
      login: people.adele,
      userCode: started.body.user_code,
    });
    const { body } = await directory.token(form, { tenantName: "organizations" });
    const subscriptions = await directory.get(
      "https://management.azure.com/subscriptions?api-version=2022-12-01",
      {
        Authorization: `Bearer ${body.access_token}`,
      },
    );
    expect([subscriptions.status, subscriptions.body.value]).toEqual([200, []]);
  });
});

describe("Microsoft Graph with a user's token", () => {
  async function tokenFor(login: string, scope: string): Promise<string> {
    await consentForAll(directory, app, scope);
    const { address, verifier } = await authorizeAddress(confidentialClient(), scope.split(" "));
    const code = codeIn(await browserOf(directory).open(address, { login }));
    const { body } = await directory.token(redemptionOf(code, verifier));
    return body.access_token;
  }

  it("reaches the user's own, and only what the scopes allow", async () => {
    const token = await tokenFor(people.adele, "User.Read Files.Read");
    const [adele = "", alex = ""] = Object.keys(directory.tenant.state.directory.users);
    const statuses = [];
    for (const path of [
      "me",
      "me/memberOf",
      "me/drive",
      `users/${adele}`,
      "me/messages",
      `users/${alex}`,
      `users/${alex}/drive`,
      "users",
    ]) {
      const { status, body } = await graphAs(token, path);
      statuses.push([path, status, body.error?.code]);
    }
    expect(statuses).toEqual([
      ["me", 200, undefined],
      ["me/memberOf", 200, undefined],
      ["me/drive", 200, undefined],
      [`users/${adele}`, 200, undefined],
      ["me/messages", 403, "ErrorAccessDenied"],
      [`users/${alex}`, 403, "Authorization_RequestDenied"],
      [`users/${alex}/drive`, 403, "accessDenied"],
      ["users", 403, "Authorization_RequestDenied"],
    ]);
  });

  it("writes files with Files.ReadWrite, not with Files.Read", async () => {
    const token = await tokenFor(people.adele, "Files.ReadWrite");
    const path = "me/drive/root:/plan.txt:/content";
    expect((await graphAs(token, path, "PUT", "first")).status).toBe(201);
    expect((await graphAs(token, path, "PUT", "second")).body).toMatchObject({ name: "plan.txt", size: 6 });
    const other = await TestDirectory.create();
    directory = other;
    app = await registerDelegatedApp(other);
    expect((await graphAs(await tokenFor(people.adele, "Files.Read"), path, "PUT", "x")).status).toBe(403);
  });

  it("opens another user's file for those with whom it is shared", async () => {
    const [item] = Object.values(directory.tenant.state.directory.driveItems ?? {});
    const token = await tokenFor(people.alex, "Files.Read.All");
    const own = await graphAs(token, "me/drive");
    expect(own.status).toBe(200);
    const path = `drives/${driveIdOf(item?.ownerId ?? "")}/items/${item?.id ?? ""}`;
    expect((await graphAs(token, path)).body).toMatchObject({ name: item?.name });
    const { address, verifier } = await authorizeAddress(confidentialClient(), ["Files.Read.All"]);
    const code = codeIn(await browserOf(directory).open(address, { login: people.megan }));
    const megan = await confidentialClient().acquireTokenByCode({
      scopes: ["Files.Read.All"],
      redirectUri,
      code,
      codeVerifier: verifier,
    });
    expect((await graphAs(megan.accessToken, path)).body.error.code).toBe("accessDenied");
  });

  it("lets no user change the directory: none has a role there", async () => {
    const token = await tokenFor(people.adele, "Application.ReadWrite.All");
    expect((await graphAs(token, "applications")).status).toBe(200);
    const created = await graphAs(token, "applications", "POST", JSON.stringify({ displayName: "x" }));
    expect(created.status).toBe(403);
  });
});
