import { beforeEach, describe, expect, it } from "vitest";
import { codeOf, startedAt, TestDirectory } from "../../support/directory";

let directory: TestDirectory;

beforeEach(async () => {
  directory = await TestDirectory.create();
});

async function create(body: object): Promise<Record<string, unknown>> {
  return (await directory.graph("POST", "applications", { body })).body;
}

describe("applications", () => {
  it("are made with Graph's defaults around what was given, and no service principal", async () => {
    const answer = await directory.graph("POST", "applications", {
      body: { displayName: "App", web: { redirectUris: ["https://a"] }, tags: ["x"] },
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications/$entity",
      displayName: "App",
      createdDateTime: "2026-11-22T10:00:00Z",
      signInAudience: "AzureADMyOrg",
      publisherDomain: "contoso.onmicrosoft.com",
      tags: ["x"],
      web: {
        redirectUris: ["https://a"],
        homePageUrl: null,
        implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
      },
      passwordCredentials: [],
    });
    expect(answer.body).not.toHaveProperty("ownerIds");
    expect(answer.body).not.toHaveProperty("federatedIdentityCredentials");
    const found = await directory.graph("GET", `servicePrincipals?$filter=appId eq '${answer.body.appId}'`);
    expect(found.body.value).toEqual([]);
  });

  it("are read by object ID and by client ID alike", async () => {
    const { id, appId } = await create({ displayName: "App" });
    const byObjectId = await directory.graph("GET", `applications/${String(id)}`);
    const byClientId = await directory.graph("GET", `applications(appId='${String(appId)}')`);
    expect([byObjectId.status, byClientId.body]).toEqual([200, byObjectId.body]);
  });

  it("are changed in part: objects merge, the rest is replaced", async () => {
    const { id } = await create({
      displayName: "App",
      tags: ["a", "b"],
      web: { redirectUris: ["https://a"] },
    });
    const change = await directory.graph("PATCH", `applications/${String(id)}`, {
      body: { tags: ["c"], web: { homePageUrl: "https://home" } },
    });
    const { body } = await directory.graph("GET", `applications/${String(id)}`);
    expect([change.status, body.displayName, body.tags, body.web.redirectUris, body.web.homePageUrl]).toEqual(
      [204, "App", ["c"], ["https://a"], "https://home"],
    );
  });

  it.each([
    ["no display name", {}],
    ["an empty display name", { displayName: "" }],
    ["a display name of 257 characters", { displayName: "x".repeat(257) }],
    ["a display name that is no text", { displayName: 7 }],
    ["an unknown property", { displayName: "App", colour: "red" }],
    ["a property that Graph sets", { displayName: "App", appId: "11111111-2222-3333-4444-555555555555" }],
    ["a client secret", { displayName: "App", passwordCredentials: [{ secretText: "x" }] }],
    ["an unknown audience", { displayName: "App", signInAudience: "Everybody" }],
    ["tags that are no list", { displayName: "App", tags: "x" }],
    [
      "permissions without GUIDs",
      { displayName: "App", requiredResourceAccess: [{ resourceAppId: "Graph", resourceAccess: [] }] },
    ],
    ["an owner that is no address", { displayName: "App", "owners@odata.bind": ["somebody"] }],
  ])("are refused with %s", async (_what, body) => {
    expect(codeOf(await directory.graph("POST", "applications", { body }))).toEqual([
      400,
      "Request_BadRequest",
    ]);
  });

  it("are refused with an owner that does not exist", async () => {
    const link = "https://graph.microsoft.com/v1.0/directoryObjects/00000000-1111-2222-3333-444444444444";
    const answer = await directory.graph("POST", "applications", {
      body: { displayName: "App", "owners@odata.bind": [link] },
    });
    expect(codeOf(answer)).toEqual([404, "Request_ResourceNotFound"]);
  });

  it("share no application ID URI", async () => {
    await create({ displayName: "One", identifierUris: ["api://one"] });
    const answer = await directory.graph("POST", "applications", {
      body: { displayName: "Two", identifierUris: ["api://one"] },
    });
    expect(codeOf(answer)).toEqual([400, "Request_BadRequest"]);
  });

  it("lose an app role only after it was disabled", async () => {
    const role = {
      id: "6a1f3c58-90d2-4b7e-8c45-e2d7b9f0a316",
      value: "Read",
      displayName: "Read",
      description: "Read",
      allowedMemberTypes: ["Application"],
      isEnabled: true,
    };
    const { id } = await create({ displayName: "App", appRoles: [role] });
    const path = `applications/${String(id)}`;
    const early = await directory.graph("PATCH", path, { body: { appRoles: [] } });
    expect(early.body.error.message).toBe(
      "Permission (scope or role) cannot be deleted or updated unless disabled first.",
    );
    await directory.graph("PATCH", path, { body: { appRoles: [{ ...role, isEnabled: false }] } });
    expect((await directory.graph("PATCH", path, { body: { appRoles: [] } })).status).toBe(204);
  });

  it("hand their name and roles on to the service principal at each change", async () => {
    const { applicationObjectId, servicePrincipalObjectId } = await directory.register("Before");
    await directory.graph("PATCH", `applications/${applicationObjectId}`, { body: { displayName: "After" } });
    const { body } = await directory.graph("GET", `servicePrincipals/${servicePrincipalObjectId}`);
    expect([body.displayName, body.appDisplayName]).toEqual(["After", "After"]);
  });

  it("refuse a second write while one is under way", async () => {
    const { id } = await create({ displayName: "App" });
    const rename = (displayName: string) =>
      directory.graph("PATCH", `applications/${String(id)}`, { body: { displayName } });
    const [first, second] = await Promise.all([rename("One"), rename("Two")]);
    expect([first.status, codeOf(second)]).toEqual([204, [409, "Directory_ConcurrencyViolation"]]);
    expect((await rename("Two")).status).toBe(204);
  });
});

describe("Application.ReadWrite.OwnedBy", () => {
  const roles = ["Application.ReadWrite.OwnedBy"];

  it("makes its holder the owner of what it registers, which it may then read, change and delete", async () => {
    const { applicationObjectId } = await directory.register("Mine", { roles });
    const path = `applications/${applicationObjectId}`;
    const { objectId } = directory.tenant.identities.deployer;
    const owners = await directory.graph("GET", `${path}/owners?$select=id`);
    expect(owners.body.value).toEqual([{ id: objectId }]);
    expect((await directory.graph("GET", path, { roles })).status).toBe(200);
    expect((await directory.graph("PATCH", path, { roles, body: { notes: "x" } })).status).toBe(204);
    expect((await directory.graph("POST", `${path}/addPassword`, { roles, body: {} })).status).toBe(200);
    expect((await directory.graph("DELETE", path, { roles })).status).toBe(204);
  });

  it("stops at what others own, and at any list", async () => {
    const { applicationObjectId, servicePrincipalObjectId } = await directory.register("Theirs");
    const denied = [403, "Authorization_RequestDenied"];
    for (const [method, path] of [
      ["GET", `applications/${applicationObjectId}`],
      ["PATCH", `applications/${applicationObjectId}`],
      ["DELETE", `applications/${applicationObjectId}`],
      ["POST", `applications/${applicationObjectId}/addPassword`],
      ["GET", `servicePrincipals/${servicePrincipalObjectId}`],
      ["GET", "applications"],
      ["GET", "servicePrincipals"],
    ] as const) {
      const body = method === "PATCH" || method === "POST" ? {} : undefined;
      expect(codeOf(await directory.graph(method, path, { roles, body }))).toEqual(denied);
    }
  });

  it("finds its own applications, and only these, through ownedObjects", async () => {
    await directory.register("Theirs");
    const { applicationObjectId, servicePrincipalObjectId } = await directory.register("Mine", { roles });
    const { deployer, verifier } = directory.tenant.identities;
    const { body } = await directory.graph(
      "GET",
      `servicePrincipals/${deployer.objectId}/ownedObjects?$select=id`,
      { roles },
    );
    expect(body.value).toEqual([{ id: applicationObjectId }, { id: servicePrincipalObjectId }]);
    const other = await directory.graph("GET", `servicePrincipals/${verifier.objectId}/ownedObjects`, {
      roles,
    });
    expect(codeOf(other)).toEqual([403, "Authorization_RequestDenied"]);
  });

  it("registers no service principal for an application of another tenant", async () => {
    const answer = await directory.graph("POST", "servicePrincipals", {
      roles,
      body: { appId: "11111111-2222-3333-4444-555555555555" },
    });
    expect([answer.status, answer.body.error.message]).toEqual([
      403,
      "When using this permission, the backing application of the service principal being created must in the local tenant",
    ]);
  });
});

describe("deleted applications", () => {
  it("take their service principal along, which is restored on its own, with its grants", async () => {
    const app = await directory.register("App");
    const graph = "f0792d42-b8fc-4c31-9ea5-353bc241e371";
    const grant = await directory.graph("POST", `servicePrincipals/${graph}/appRoleAssignedTo`, {
      body: {
        appRoleId: "df021288-bdef-4463-88db-98f22de89214",
        principalId: app.servicePrincipalObjectId,
        resourceId: graph,
      },
    });
    expect((await directory.graph("DELETE", `applications/${app.applicationObjectId}`)).status).toBe(204);
    const gone = [
      await directory.graph("GET", `applications/${app.applicationObjectId}`),
      await directory.graph("GET", `servicePrincipals/${app.servicePrincipalObjectId}`),
      await directory.graph("GET", `servicePrincipals/${graph}/appRoleAssignedTo/${String(grant.body.id)}`),
    ];
    expect(gone.map(({ status }) => status)).toEqual([404, 404, 404]);
    const deleted = await directory.graph(
      "GET",
      "directory/deletedItems/microsoft.graph.application?$select=id,deletedDateTime",
    );
    expect(deleted.body.value).toEqual([
      { id: app.applicationObjectId, deletedDateTime: "2026-11-22T10:00:00Z" },
    ]);

    const restored = await directory.graph(
      "POST",
      `directory/deletedItems/${app.applicationObjectId}/restore`,
    );
    expect([restored.status, restored.body["@odata.type"], restored.body.deletedDateTime]).toEqual([
      200,
      "#microsoft.graph.application",
      null,
    ]);
    const principal = app.servicePrincipalObjectId;
    expect((await directory.graph("GET", `servicePrincipals/${principal}`)).status).toBe(404);
    await directory.graph("POST", `directory/deletedItems/${principal}/restore`);
    const assignments = await directory.graph(
      "GET",
      `servicePrincipals/${principal}/appRoleAssignments?$select=id`,
    );
    expect(assignments.body.value).toEqual([{ id: grant.body.id }]);
  });

  it("can be deleted for good, alone or by time", async () => {
    const one = await directory.register("One");
    const two = await directory.register("Two");
    await directory.graph("DELETE", `applications/${one.applicationObjectId}`);
    await directory.graph("DELETE", `applications/${two.applicationObjectId}`);
    const path = (id: string): string => `directory/deletedItems/${id}`;
    expect((await directory.graph("DELETE", path(one.applicationObjectId))).status).toBe(204);
    expect((await directory.graph("GET", path(one.applicationObjectId))).status).toBe(404);
    directory.tenant.clock.set(new Date(startedAt.getTime() + 30 * 86_400_000));
    expect((await directory.graph("GET", path(two.applicationObjectId))).status).toBe(200);
    directory.tenant.clock.advance(1000);
    expect((await directory.graph("GET", path(two.applicationObjectId))).status).toBe(404);
    expect(
      (await directory.graph("GET", "directory/deletedItems/microsoft.graph.servicePrincipal")).body.value,
    ).toEqual([]);
  });
});
