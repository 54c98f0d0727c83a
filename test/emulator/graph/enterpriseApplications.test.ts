import { X509Certificate } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { TestDirectory, type Answer, type Asked } from "../../support/directory";

let directory: TestDirectory;
let app: { applicationObjectId: string; clientId: string; servicePrincipalId: string };
beforeEach(async () => {
  directory = await TestDirectory.create();
  const { applicationObjectId, clientId } = await directory.register("Saml");
  const { body } = await directory.graph("GET", `servicePrincipals(appId='${clientId}')`);
  app = { applicationObjectId, clientId, servicePrincipalId: body.id };
});

function ask(method: string, path: string, asked?: Asked): Promise<Answer> {
  return directory.graph(method, path, asked);
}

describe("the gallery of applications", () => {
  const marketo = "4601ed45-8ff3-4599-8377-b6649007e876";

  it("is found by name, and makes an application with its service principal", async () => {
    const found = await ask("GET", "applicationTemplates?$filter=displayName eq 'Marketo'");
    expect(found.body.value.map(({ id }: { id: string }) => id)).toEqual([marketo]);
    const body = { displayName: "Our Marketo" };
    const made = await ask("POST", `applicationTemplates/${marketo}/instantiate`, { body });
    const { application, servicePrincipal } = made.body;
    expect([made.status, application.displayName, application.applicationTemplateId]).toEqual([
      201,
      "Our Marketo",
      marketo,
    ]);
    expect((await ask("GET", `applications/${application.id}`)).body.appRoles).toEqual(application.appRoles);
    const stored = (await ask("GET", `servicePrincipals/${servicePrincipal.id}`)).body;
    expect([stored.appId, stored.applicationTemplateId, stored.appRoles]).toEqual([
      application.appId,
      marketo,
      application.appRoles,
    ]);
    expect(application.appRoles).toHaveLength(1);
  });

  it("has no template of another ID, and no application can claim one", async () => {
    const other = `applicationTemplates/${app.servicePrincipalId}`;
    expect((await ask("GET", other)).status).toBe(404);
    expect((await ask("POST", `${other}/instantiate`, { body: { displayName: "x" } })).status).toBe(404);
    const claimed = { displayName: "x", applicationTemplateId: marketo };
    expect((await ask("POST", "applications", { body: claimed })).status).toBe(400);
    const asked = { body: { displayName: "x" }, roles: ["Application.Read.All"] };
    expect((await ask("POST", `applicationTemplates/${marketo}/instantiate`, asked)).status).toBe(403);
  });
});

describe("a certificate that signs SAML tokens", () => {
  it("is a key that stays, a certificate that is shown to who selects it, and a password", async () => {
    const path = `servicePrincipals/${app.servicePrincipalId}`;
    const body = { displayName: "CN=Saml", endDateTime: "2027-01-25T00:00:00Z" };
    const made = await ask("POST", `${path}/addTokenSigningCertificate`, { body });
    expect([made.status, made.body.usage, made.body.endDateTime]).toEqual([200, "Verify", body.endDateTime]);
    const certificate = new X509Certificate(Buffer.from(made.body.key, "base64"));
    expect([certificate.subject, certificate.fingerprint.replaceAll(":", "")]).toEqual([
      "CN=Saml",
      made.body.thumbprint,
    ]);

    const whole = (await ask("GET", path)).body;
    const keys = (entity: { keyCredentials: { usage: string; key: string | null }[] }) =>
      entity.keyCredentials.map(({ usage, key }) => [usage, key]);
    expect(keys(whole)).toEqual([
      ["Sign", null],
      ["Verify", null],
    ]);
    expect(whole.passwordCredentials).toHaveLength(1);
    expect(keys((await ask("GET", `${path}?$select=keyCredentials`)).body)).toEqual([
      ["Sign", null],
      ["Verify", made.body.key],
    ]);

    // The list of passwords loses by PATCH, and gains nothing.
    const invented = { body: { passwordCredentials: [{ keyId: app.clientId }] } };
    expect((await ask("PATCH", path, invented)).status).toBe(400);
    const removal = { body: { keyCredentials: [], passwordCredentials: [] } };
    expect((await ask("PATCH", path, removal)).status).toBe(204);
    const emptied = (await ask("GET", path)).body;
    expect([emptied.keyCredentials, emptied.passwordCredentials]).toEqual([[], []]);
  });

  it.each([
    ["a name that is no subject", { displayName: "Saml" }],
    ["an end in the past", { endDateTime: "2026-11-22T10:00:00Z" }],
    ["an end in more than three years", { endDateTime: "2030-01-01T00:00:00Z" }],
  ])("is refused with %s", async (_what, body) => {
    const path = `servicePrincipals/${app.servicePrincipalId}/addTokenSigningCertificate`;
    expect((await ask("POST", path, { body })).status).toBe(400);
  });
});

describe("a claims mapping policy", () => {
  const policies = "policies/claimsMappingPolicies";
  const definition = ['{"ClaimsMappingPolicy":{"Version":1,"IncludeBasicClaimSet":"false"}}'];

  it("is made, changed, assigned to one service principal at most once, and deleted", async () => {
    const made = await ask("POST", policies, { body: { displayName: "one", definition } });
    const policy = { ...made.body };
    delete policy["@odata.context"];
    expect([made.status, policy]).toEqual([
      201,
      {
        id: expect.any(String),
        deletedDateTime: null,
        definition,
        displayName: "one",
        isOrganizationDefault: false,
      },
    ]);
    await ask("PATCH", `${policies}/${policy.id}`, { body: { displayName: "two" } });
    expect((await ask("GET", `${policies}/${policy.id}`)).body.displayName).toBe("two");

    const assigned = `servicePrincipals/${app.servicePrincipalId}/claimsMappingPolicies`;
    const link = { body: { "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${policy.id}` } };
    expect((await ask("POST", `${assigned}/$ref`, link)).status).toBe(204);
    expect((await ask("POST", `${assigned}/$ref`, link)).status).toBe(400);
    expect((await ask("GET", assigned)).body.value).toEqual([{ ...policy, displayName: "two" }]);
    expect((await ask("DELETE", `${assigned}/${policy.id}/$ref`)).status).toBe(204);
    expect((await ask("DELETE", `${assigned}/${policy.id}/$ref`)).status).toBe(404);
    expect((await ask("GET", assigned)).body.value).toEqual([]);
    expect((await ask("DELETE", `${policies}/${policy.id}`)).status).toBe(204);
    expect((await ask("GET", policies)).body.value).toEqual([]);
  });

  it.each([
    ["no definition", undefined],
    ["a definition that is no JSON", ["{"]],
    ["a definition of something else", ["{}"]],
  ])("is refused with %s", async (_what, given) => {
    expect((await ask("POST", policies, { body: { displayName: "one", definition: given } })).status).toBe(
      400,
    );
  });
});
