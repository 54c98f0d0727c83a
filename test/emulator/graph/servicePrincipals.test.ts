import { beforeEach, describe, expect, it } from "vitest";
import { graphClientId, graphObjectId } from "../../../emulator/tenant/seed";
import { codeOf, TestDirectory, without } from "../../support/directory";

const userReadAll = "df021288-bdef-4463-88db-98f22de89214";
let directory: TestDirectory;

beforeEach(async () => {
  directory = await TestDirectory.create();
});

describe("servicePrincipals", () => {
  it("are made for a registration of this tenant", async () => {
    const { body: application } = await directory.graph("POST", "applications", {
      body: { displayName: "App" },
    });
    const answer = await directory.graph("POST", "servicePrincipals", {
      body: { appId: application.appId, tags: ["x"] },
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      appId: application.appId,
      displayName: "App",
      appOwnerOrganizationId: directory.tenant.state.tenantId,
      servicePrincipalType: "Application",
      servicePrincipalNames: [application.appId],
      accountEnabled: true,
      tags: ["x"],
    });
  });

  it("are refused for an application that is not there, in the words for which clients wait and ask again", async () => {
    const appId = "11111111-2222-3333-4444-555555555555";
    const answer = await directory.graph("POST", "servicePrincipals", { body: { appId } });
    expect([answer.status, answer.body.error.message]).toEqual([
      400,
      `The appId '${appId}' of the service principal does not reference a valid application object.`,
    ]);
  });

  it("exist once for each application", async () => {
    const { clientId } = await directory.register("App");
    const answer = await directory.graph("POST", "servicePrincipals", { body: { appId: clientId } });
    expect(codeOf(answer)).toEqual([409, "Request_MultipleObjectsWithSameKeyValue"]);
  });

  it.each([
    ["no client ID", {}],
    ["a client ID that is none", { appId: "App" }],
    ["an unknown property", { appId: "11111111-2222-3333-4444-555555555555", colour: "red" }],
  ])("are refused with %s", async (_what, body) => {
    expect(codeOf(await directory.graph("POST", "servicePrincipals", { body }))).toEqual([
      400,
      "Request_BadRequest",
    ]);
  });

  it("of Microsoft accept the tenant's properties, from a caller that may write every app, and are never deleted", async () => {
    for (const key of [graphObjectId, `(appId='${graphClientId}')`]) {
      const path = key.startsWith("(") ? `servicePrincipals${key}` : `servicePrincipals/${key}`;
      const asOwner = await directory.graph("PATCH", path, {
        roles: ["Application.ReadWrite.OwnedBy"],
        body: { notes: "mine" },
      });
      const change = await directory.graph("PATCH", path, { body: { accountEnabled: true, tags: [] } });
      const removal = await directory.graph("DELETE", path);
      expect([codeOf(asOwner)[0], change.status, codeOf(removal)[0]]).toEqual([403, 204, 403]);
    }
    expect((await directory.graph("GET", `servicePrincipals/${graphObjectId}`)).body).toMatchObject({
      accountEnabled: true,
      createdDateTime: null,
      notes: null,
    });
  });

  it("are deleted alone, without their application, and can be restored", async () => {
    const app = await directory.register("App");
    const path = `servicePrincipals/${app.servicePrincipalObjectId}`;
    expect((await directory.graph("DELETE", path)).status).toBe(204);
    expect((await directory.graph("GET", path)).status).toBe(404);
    expect((await directory.graph("GET", `applications/${app.applicationObjectId}`)).status).toBe(200);
    await directory.graph("POST", `directory/deletedItems/${app.servicePrincipalObjectId}/restore`);
    expect((await directory.graph("GET", path)).status).toBe(200);
  });
});

describe("app role assignments", () => {
  let principalId: string;
  const assigned = `servicePrincipals/${graphObjectId}/appRoleAssignedTo`;
  const grant = (change: object = {}) =>
    directory.graph("POST", assigned, {
      body: { appRoleId: userReadAll, principalId, resourceId: graphObjectId, ...change },
    });

  beforeEach(async () => {
    principalId = (await directory.register("App")).servicePrincipalObjectId;
  });

  it("show on both sides, under an ID that is no GUID", async () => {
    const answer = await grant();
    expect(answer.status).toBe(201);
    const assignment = without(answer.body, "@odata.context");
    expect(assignment).toEqual({
      id: expect.stringMatching(/^[\w-]{43}$/),
      deletedDateTime: null,
      appRoleId: userReadAll,
      createdDateTime: "2026-11-22T10:00:00Z",
      principalDisplayName: "App",
      principalId,
      principalType: "ServicePrincipal",
      resourceDisplayName: "Microsoft Graph",
      resourceId: graphObjectId,
    });
    const held = await directory.graph("GET", `servicePrincipals/${principalId}/appRoleAssignments`);
    const given = await directory.graph("GET", `${assigned}?$filter=principalId eq ${principalId}`);
    const one = await directory.graph("GET", `${assigned}/${String(assignment.id)}`);
    expect([held.body.value, given.body.value, one.body]).toEqual([[assignment], [assignment], answer.body]);
  });

  it("can be made and removed on the holder's side too", async () => {
    const held = `servicePrincipals/${principalId}/appRoleAssignments`;
    const { body } = await directory.graph("POST", held, {
      body: { appRoleId: userReadAll, principalId, resourceId: graphObjectId },
    });
    expect((await directory.graph("DELETE", `${held}/${String(body.id)}`)).status).toBe(204);
    expect((await directory.graph("DELETE", `${held}/${String(body.id)}`)).status).toBe(404);
  });

  it("can be made for a person where the role is for people", async () => {
    const role = {
      id: "6a1f3c58-90d2-4b7e-8c45-e2d7b9f0a316",
      value: "Read",
      displayName: "Read",
      description: "Read",
      allowedMemberTypes: ["User"],
      isEnabled: true,
    };
    const { body: api } = await directory.graph("POST", "applications", {
      body: { displayName: "API", appRoles: [role] },
    });
    const { body: resource } = await directory.graph("POST", "servicePrincipals", {
      body: { appId: api.appId },
    });
    const [userId = ""] = Object.keys(directory.tenant.state.directory.users);
    const assign = (holderId: string) =>
      directory.graph("POST", `servicePrincipals/${String(resource.id)}/appRoleAssignedTo`, {
        body: { appRoleId: role.id, principalId: holderId, resourceId: resource.id },
      });
    expect((await assign(userId)).body.principalType).toBe("User");
    expect(codeOf(await assign(principalId))).toEqual([400, "Request_BadRequest"]);
  });

  it("are refused twice, with Graph's text", async () => {
    await grant();
    const answer = await grant();
    expect([answer.status, answer.body.error.message]).toEqual([
      400,
      "Permission being assigned already exists on the object",
    ]);
  });

  it.each([
    ["an unknown role", { appRoleId: "11111111-2222-3333-4444-555555555555" }, [400, "Request_BadRequest"]],
    ["no role", { appRoleId: undefined }, [400, "Request_BadRequest"]],
    [
      "another resource than the path's",
      { resourceId: "11111111-2222-3333-4444-555555555555" },
      [400, "Request_BadRequest"],
    ],
    [
      "an unknown principal",
      { principalId: "11111111-2222-3333-4444-555555555555" },
      [404, "Request_ResourceNotFound"],
    ],
  ])("are refused with %s", async (_what, change, expected) => {
    expect(codeOf(await grant(change))).toEqual(expected);
  });

  it("want the right to read besides the right to grant", async () => {
    const body = { appRoleId: userReadAll, principalId, resourceId: graphObjectId };
    const granter = "AppRoleAssignment.ReadWrite.All";
    const alone = await directory.graph("POST", assigned, { body, roles: [granter] });
    const both = await directory.graph("POST", assigned, { body, roles: [granter, "Application.Read.All"] });
    expect([alone.status, both.status]).toEqual([403, 201]);
  });

  it("go for good with their principal", async () => {
    const { body } = await grant();
    await directory.graph("DELETE", `servicePrincipals/${principalId}`);
    await directory.graph("DELETE", `directory/deletedItems/${principalId}`);
    expect(directory.tenant.state.directory.appRoleAssignments).not.toHaveProperty([body.id]);
  });
});

describe("owners", () => {
  const link = (id: string): object => ({
    "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
  });

  it.each(["applications", "servicePrincipals"])(
    "of %s are added, listed and removed by reference",
    async (collection) => {
      const app = await directory.register("App");
      const id = collection === "applications" ? app.applicationObjectId : app.servicePrincipalObjectId;
      const path = `${collection}/${id}/owners`;
      const [userId = ""] = Object.keys(directory.tenant.state.directory.users);
      expect((await directory.graph("POST", `${path}/$ref`, { body: link(userId) })).status).toBe(204);
      expect((await directory.graph("POST", `${path}/$ref`, { body: link(userId) })).status).toBe(400);
      const { body } = await directory.graph("GET", path);
      expect(body.value).toMatchObject([
        { "@odata.type": "#microsoft.graph.user", id: userId, displayName: "Adele Vance" },
      ]);
      expect((await directory.graph("DELETE", `${path}/${userId}/$ref`)).status).toBe(204);
      expect((await directory.graph("DELETE", `${path}/${userId}/$ref`)).status).toBe(404);
    },
  );

  it("cannot be groups", async () => {
    const app = await directory.register("App");
    const [groupId = ""] = Object.keys(directory.tenant.state.directory.groups);
    const answer = await directory.graph("POST", `applications/${app.applicationObjectId}/owners/$ref`, {
      body: link(groupId),
    });
    expect(codeOf(answer)).toEqual([400, "Request_BadRequest"]);
  });

  it("come with their object through $expand", async () => {
    const { applicationObjectId } = await directory.register("Mine", {
      roles: ["Application.ReadWrite.OwnedBy"],
    });
    const { body } = await directory.graph(
      "GET",
      `applications/${applicationObjectId}?$select=id&$expand=owners($select=id)`,
    );
    expect(body.owners.map(({ id }: { id: string }) => id)).toEqual([
      directory.tenant.identities.deployer.objectId,
    ]);
  });
});

describe("directoryObjects", () => {
  it("are found by ID, many at once, by type", async () => {
    const { directory: objects } = directory.tenant.state;
    const [userId = ""] = Object.keys(objects.users);
    const ids = [userId, graphObjectId, "11111111-2222-3333-4444-555555555555"];
    const all = await directory.graph("POST", "directoryObjects/getByIds", { body: { ids } });
    const some = await directory.graph("POST", "directoryObjects/getByIds", {
      body: { ids, types: ["servicePrincipal"] },
    });
    const types = (value: object[]): unknown[] =>
      value.map((object) => ({ ...object })["@odata.type" as never]);
    expect([types(all.body.value), types(some.body.value)]).toEqual([
      ["#microsoft.graph.user", "#microsoft.graph.servicePrincipal"],
      ["#microsoft.graph.servicePrincipal"],
    ]);
    const one = await directory.graph("GET", `directoryObjects/${graphObjectId}`);
    expect(one.body).toMatchObject({
      "@odata.type": "#microsoft.graph.servicePrincipal",
      displayName: "Microsoft Graph",
    });
  });

  it("show only type and ID of what the caller may not read", async () => {
    const [userId = ""] = Object.keys(directory.tenant.state.directory.users);
    const { body } = await directory.graph("POST", "directoryObjects/getByIds", {
      roles: ["Application.Read.All"],
      body: { ids: [userId] },
    });
    expect(body.value).toEqual([{ "@odata.type": "#microsoft.graph.user", id: userId }]);
  });
});
