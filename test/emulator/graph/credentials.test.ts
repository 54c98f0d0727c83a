import { beforeEach, describe, expect, it } from "vitest";
import { isoDurationMilliseconds } from "../../../emulator/graph/isoDuration";
import { codeOf, TestDirectory, without, type Answer } from "../../support/directory";

let directory: TestDirectory;
let path: string;
let applicationObjectId: string;

beforeEach(async () => {
  directory = await TestDirectory.create();
  ({ applicationObjectId } = await directory.register("App"));
  path = `applications/${applicationObjectId}`;
});

function addPassword(passwordCredential?: object): Promise<Answer> {
  return directory.graph("POST", `${path}/addPassword`, {
    body: passwordCredential === undefined ? {} : { passwordCredential },
  });
}

describe("addPassword", () => {
  it("gives the secret once, and never again", async () => {
    const given = {
      displayName: "p12",
      startDateTime: "2026-11-22T00:00:00Z",
      endDateTime: "2027-01-01T00:00:00Z",
    };
    const { status, body } = await addPassword(given);
    expect(status).toBe(200);
    expect(body).toEqual({
      "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.passwordCredential",
      customKeyIdentifier: null,
      ...given,
      hint: body.secretText.slice(0, 3),
      keyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      secretText: expect.stringMatching(/^.{40}$/),
    });
    const read = await directory.graph("GET", path);
    const credential = without(body, "@odata.context");
    expect(read.body.passwordCredentials).toEqual([{ ...credential, secretText: null }]);
    expect(JSON.stringify(directory.tenant.state)).not.toContain(body.secretText);
  });

  it("lasts two years from now when nothing is said", async () => {
    const { body } = await addPassword();
    expect([body.displayName, body.startDateTime, body.endDateTime]).toEqual([
      null,
      "2026-11-22T10:00:00Z",
      "2028-11-22T10:00:00Z",
    ]);
  });

  it.each([
    ["an end before its start", { endDateTime: "2026-11-22T09:00:00Z" }],
    ["an end that is no date", { endDateTime: "tomorrow" }],
    ["a start that is no text", { startDateTime: 7 }],
  ])("is refused with %s", async (_what, credential) => {
    expect(codeOf(await addPassword(credential))).toEqual([400, "Request_BadRequest"]);
  });

  it("is refused with a credential that is no object", async () => {
    const answer = await directory.graph("POST", `${path}/addPassword`, {
      body: { passwordCredential: "x" },
    });
    expect(codeOf(answer)).toEqual([400, "Request_BadRequest"]);
  });
});

describe("removePassword", () => {
  it("removes the one that is named", async () => {
    const { body: one } = await addPassword();
    const { body: two } = await addPassword();
    const remove = (keyId: string) => directory.graph("POST", `${path}/removePassword`, { body: { keyId } });
    expect((await remove(one.keyId)).status).toBe(204);
    const { body } = await directory.graph("GET", path);
    expect(body.passwordCredentials.map(({ keyId }: { keyId: string }) => keyId)).toEqual([two.keyId]);
    expect(codeOf(await remove(one.keyId))).toEqual([400, "Request_BadRequest"]);
  });
});

describe("a service principal's own secret", () => {
  let principalPath: string;
  let servicePrincipalObjectId: string;
  let clientId: string;

  beforeEach(async () => {
    ({ servicePrincipalObjectId, clientId } = await directory.register("Other"));
    principalPath = `servicePrincipals/${servicePrincipalObjectId}`;
  });

  const signIn = (secret: string) =>
    directory.token({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: secret,
      scope: "https://graph.microsoft.com/.default",
    });
  const post = (action: string, body: object) =>
    directory.graph("POST", `${principalPath}/${action}`, { body });

  it("signs in as the app, shows beside no secret of the application, and no more once removed", async () => {
    const { status, body } = await post("addPassword", { passwordCredential: { displayName: "own" } });
    expect([status, body.displayName]).toEqual([200, "own"]);
    expect((await signIn(body.secretText)).status).toBe(200);

    const [principal, application] = await Promise.all(
      [principalPath, `applications(appId='${clientId}')`].map((path) => directory.graph("GET", path)),
    );
    expect(principal?.body.passwordCredentials).toEqual([
      { ...without(body, "@odata.context"), secretText: null },
    ]);
    expect(application?.body.passwordCredentials).toEqual([]);

    expect((await post("removePassword", { keyId: body.keyId })).status).toBe(204);
    expect((await signIn(body.secretText)).body.error_codes).toEqual([7000215]);
    expect(codeOf(await post("removePassword", { keyId: body.keyId }))).toEqual([400, "Request_BadRequest"]);
  });

  it("keeps to the tenant's restrictions for service principals, not to those for applications", async () => {
    const forbidden = {
      passwordCredentials: [{ state: "enabled", restrictionType: "passwordAddition", maxLifetime: null }],
      keyCredentials: [],
    };
    const restrict = (body: object) =>
      directory.graph("PATCH", "policies/defaultAppManagementPolicy", { body: { isEnabled: true, ...body } });
    await restrict({ applicationRestrictions: forbidden });
    expect((await post("addPassword", {})).status).toBe(200);
    await restrict({ servicePrincipalRestrictions: forbidden });
    expect(codeOf(await post("addPassword", {}))).toEqual([400, "CredentialTypeNotAllowedAsPerAppPolicy"]);
  });

  it("cannot be added where Azure manages the credentials", async () => {
    const principal = directory.tenant.state.directory.servicePrincipals[servicePrincipalObjectId];
    Object.assign(principal ?? {}, { servicePrincipalType: "ManagedIdentity" });
    expect(codeOf(await post("addPassword", {}))).toEqual([400, "Request_BadRequest"]);
  });

  it("is made by the app's owner where the role reaches only as far", async () => {
    const roles = ["Application.ReadWrite.OwnedBy"];
    const owned = await directory.register("Owned", { roles });
    const action = `servicePrincipals/${owned.servicePrincipalObjectId}/addPassword`;
    const own = await directory.graph("POST", action, { roles, body: {} });
    const foreign = await directory.graph("POST", action, {
      roles,
      body: {},
      token: { objectId: directory.tenant.identities.verifier.objectId },
    });
    expect([own.status, foreign.status]).toEqual([200, 403]);
  });
});

describe("app management policies", () => {
  const restrict = (restriction: object) => ({
    passwordCredentials: [{ state: "enabled", ...restriction }],
    keyCredentials: [],
  });
  const lifetime = { restrictionType: "passwordLifetime", maxLifetime: "P180D" };

  async function setDefault(restriction: object, isEnabled = true): Promise<void> {
    const answer = await directory.graph("PATCH", "policies/defaultAppManagementPolicy", {
      body: { isEnabled, applicationRestrictions: restrict(restriction) },
    });
    expect(answer.status).toBe(204);
  }

  it("are off in a new tenant", async () => {
    const { body } = await directory.graph("GET", "policies/defaultAppManagementPolicy");
    expect([body.isEnabled, body.applicationRestrictions.passwordCredentials]).toEqual([false, []]);
  });

  it("limit how long a secret may last, to the second", async () => {
    await setDefault(lifetime);
    const start = { startDateTime: "2026-11-22T00:00:00Z" };
    expect((await addPassword({ ...start, endDateTime: "2027-05-21T00:00:00Z" })).status).toBe(200);
    const answer = await addPassword({ ...start, endDateTime: "2027-05-21T00:00:01Z" });
    expect([codeOf(answer), answer.body.error.message]).toEqual([
      [400, "CredentialInvalidLifetimeAsPerAppPolicy"],
      "Credential lifetime exceeds the max value allowed as per assigned policy '00000000-0000-0000-0000-000000000000'.",
    ]);
    // Two years is what an empty body asks for.
    expect(codeOf(await addPassword())).toEqual([400, "CredentialInvalidLifetimeAsPerAppPolicy"]);
  });

  it("can forbid secrets altogether", async () => {
    await setDefault({ restrictionType: "passwordAddition", maxLifetime: null });
    expect(codeOf(await addPassword())).toEqual([400, "CredentialTypeNotAllowedAsPerAppPolicy"]);
  });

  it("spare older applications, disabled restrictions and everything while switched off", async () => {
    await setDefault({ ...lifetime, restrictForAppsCreatedAfterDateTime: "2026-11-22T10:00:01Z" });
    expect((await addPassword()).status).toBe(200);
    await setDefault({ ...lifetime, state: "disabled" });
    expect((await addPassword()).status).toBe(200);
    await setDefault(lifetime, false);
    expect((await addPassword()).status).toBe(200);
  });

  it("of an application's own go before the default", async () => {
    await setDefault({ restrictionType: "passwordAddition", maxLifetime: null });
    const { body: policy } = await directory.graph("POST", "policies/appManagementPolicies", {
      body: {
        displayName: "Lenient",
        isEnabled: true,
        restrictions: restrict({ ...lifetime, maxLifetime: "P365D" }),
      },
    });
    const assigned = `${path}/appManagementPolicies`;
    const link = {
      "@odata.id": `https://graph.microsoft.com/v1.0/policies/appManagementPolicies/${String(policy.id)}`,
    };
    expect((await directory.graph("POST", `${assigned}/$ref`, { body: link })).status).toBe(204);
    expect((await addPassword({ endDateTime: "2027-11-01T00:00:00Z" })).status).toBe(200);
    expect((await addPassword()).body.error.message).toContain(policy.id);
    expect((await directory.graph("GET", assigned)).body.value).toMatchObject([
      { id: policy.id, displayName: "Lenient" },
    ]);
    const applies = await directory.graph(
      "GET",
      `policies/appManagementPolicies/${String(policy.id)}/appliesTo?$select=id`,
    );
    expect(applies.body.value).toEqual([{ id: applicationObjectId }]);

    const one = `policies/appManagementPolicies/${String(policy.id)}`;
    expect((await directory.graph("DELETE", one)).status).toBe(400);
    expect((await directory.graph("DELETE", `${assigned}/${String(policy.id)}/$ref`)).status).toBe(204);
    expect((await directory.graph("DELETE", `${assigned}/${String(policy.id)}/$ref`)).status).toBe(404);
    expect((await directory.graph("DELETE", one)).status).toBe(204);
    expect(codeOf(await addPassword())).toEqual([400, "CredentialTypeNotAllowedAsPerAppPolicy"]);
  });

  it("are listed, read and changed by ID", async () => {
    const { body: policy } = await directory.graph("POST", "policies/appManagementPolicies", {
      body: { displayName: "One", restrictions: {} },
    });
    const one = `policies/appManagementPolicies/${String(policy.id)}`;
    await directory.graph("PATCH", one, { body: { isEnabled: true } });
    expect((await directory.graph("GET", one)).body).toMatchObject({ displayName: "One", isEnabled: true });
    expect((await directory.graph("GET", "policies/appManagementPolicies?$select=id")).body.value).toEqual([
      { id: policy.id },
    ]);
  });

  it.each([{ displayName: "No restrictions" }, { restrictions: {} }])("are refused as %j", async (body) => {
    expect(codeOf(await directory.graph("POST", "policies/appManagementPolicies", { body }))[0]).toBe(400);
  });

  it("are refused with a lifetime that is no duration", async () => {
    const answer = await directory.graph("PATCH", "policies/defaultAppManagementPolicy", {
      body: { applicationRestrictions: restrict({ ...lifetime, maxLifetime: "6 months" }) },
    });
    expect(codeOf(answer)).toEqual([400, "Request_BadRequest"]);
  });
});

describe("isoDurationMilliseconds", () => {
  it.each([
    ["P180D", 180 * 86_400_000],
    ["P4DT12H30M5S", 4 * 86_400_000 + 45_005_000],
    ["PT0.5S", 500],
    ["P", undefined],
    ["P1DT", undefined],
    ["P6M", undefined],
    ["180", undefined],
  ])("reads %s", (text, expected) => {
    expect(isoDurationMilliseconds(text)).toBe(expected);
  });
});

describe("federatedIdentityCredentials", () => {
  const federation = {
    name: "github-main",
    issuer: "https://token.actions.githubusercontent.com",
    subject: "repo:contoso/agents:ref:refs/heads/main",
    audiences: ["api://AzureADTokenExchange"],
    description: "",
  };
  const add = (change: object = {}) =>
    directory.graph("POST", `${path}/federatedIdentityCredentials`, { body: { ...federation, ...change } });

  it("are made, read by ID or name, listed, changed and removed", async () => {
    const { status, body } = await add();
    const credential = without(body, "@odata.context");
    expect([status, credential]).toEqual([201, { id: expect.any(String), ...federation }]);
    const collection = `${path}/federatedIdentityCredentials`;
    expect((await directory.graph("GET", `${collection}/${String(body.id)}`)).body).toEqual(body);
    expect((await directory.graph("GET", `${collection}/github-main`)).body).toEqual(body);
    expect((await directory.graph("GET", collection)).body.value).toEqual([credential]);
    expect(
      (
        await directory.graph("PATCH", `${collection}/github-main`, {
          body: { subject: "other", description: null },
        })
      ).status,
    ).toBe(204);
    expect((await directory.graph("GET", collection)).body.value).toEqual([
      { ...credential, subject: "other", description: null },
    ]);
    expect((await directory.graph("DELETE", `${collection}/github-main`)).status).toBe(204);
    expect((await directory.graph("GET", collection)).body.value).toEqual([]);
  });

  it.each([
    ["a name of two characters", { name: "ab" }],
    ["no name", { name: undefined }],
    ["an issuer without https", { issuer: "http://issuer" }],
    ["an empty subject", { subject: "" }],
    ["two audiences", { audiences: ["a", "b"] }],
    ["no audience", { audiences: [] }],
  ])("are refused with %s", async (_what, change) => {
    expect(codeOf(await add(change))).toEqual([400, "Request_BadRequest"]);
  });

  it("keep their name", async () => {
    await add();
    const answer = await directory.graph("PATCH", `${path}/federatedIdentityCredentials/github-main`, {
      body: { name: "other" },
    });
    expect(codeOf(answer)).toEqual([400, "Request_BadRequest"]);
  });

  it("share neither name nor issuer and subject", async () => {
    await add();
    expect(codeOf(await add({ subject: "other" }))).toEqual([409, "Request_MultipleObjectsWithSameKeyValue"]);
    expect(codeOf(await add({ name: "other" }))).toEqual([400, "InvalidFederatedIdentityCredentialValue"]);
  });

  it("number at most twenty", async () => {
    for (let index = 0; index < 20; index += 1) {
      expect((await add({ name: `name-${index}`, subject: `subject-${index}` })).status).toBe(201);
    }
    expect(codeOf(await add({ name: "one-more", subject: "one-more" }))).toEqual([400, "Request_BadRequest"]);
  });
});
