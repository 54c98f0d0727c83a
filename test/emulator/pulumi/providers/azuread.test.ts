import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { azureadProvider } from "../../../../emulator/pulumi/providers/azuread/provider";
import { restClient, type RestClient } from "../../../../emulator/pulumi/providers/restClient";
import { oldValues, type ResourceProvider } from "../../../../emulator/pulumi/resourceProvider";
import { graphObjectId } from "../../../../emulator/tenant/seed";
import { startEmulatedAzure, type EmulatedAzureServer } from "../../../support/emulatedAzureServer";

const userReadAll = "df021288-bdef-4463-88db-98f22de89214";
const filesReadAll = "01d4889c-1287-42c6-ac1f-5d1e02578ef6";
const urns = {
  application: "urn:pulumi:test::copilot-token::azuread:index/application:Application::app",
  servicePrincipal: "urn:pulumi:test::copilot-token::azuread:index/servicePrincipal:ServicePrincipal::app",
  grant: "urn:pulumi:test::copilot-token::azuread:index/appRoleAssignment:AppRoleAssignment::grant",
  password: "urn:pulumi:test::copilot-token::azuread:index/applicationPassword:ApplicationPassword::app-1",
  preAuthorized:
    "urn:pulumi:test::copilot-token::azuread:index/applicationPreAuthorized:ApplicationPreAuthorized::connector",
  trust:
    "urn:pulumi:test::copilot-token::azuread:index/applicationFederatedIdentityCredential:" +
    "ApplicationFederatedIdentityCredential::github",
};

let azure: EmulatedAzureServer;
let client: RestClient;
let provider: ResourceProvider;
let number = 0;

beforeAll(async () => {
  azure = await startEmulatedAzure();
});
afterAll(() => azure.close());
beforeEach(() => {
  client = restClient(azure.environment);
  // What never comes is waited for a hundredth of its time.
  provider = azureadProvider(client, 0.01);
  azure.requests();
});

/** Inputs as the engine hands them over: checked. */
async function checked(urn: string, inputs: object): Promise<Record<string, unknown>> {
  const result = await provider.check(urn, {}, { ...inputs });
  expect(result.failures).toEqual([]);
  return result.inputs;
}

async function makeApplication(inputs: object = {}) {
  number += 1;
  const all = await checked(urns.application, {
    displayName: `app ${number}`,
    owners: [azure.tenant.identities.deployer.objectId],
    ...inputs,
  });
  const { id, outs } = await provider.create(urns.application, all);
  return { id, outs, inputs: all, objectId: String(outs["objectId"]), clientId: String(outs["clientId"]) };
}

async function makeServicePrincipal(clientId: string, inputs: object = {}) {
  const owners = [azure.tenant.identities.deployer.objectId];
  const all = await checked(urns.servicePrincipal, { clientId, owners, ...inputs });
  const { id, outs } = await provider.create(urns.servicePrincipal, all);
  return { id, outs, inputs: all, objectId: String(outs["objectId"]) };
}

/** Requests without object IDs, which differ from run to run, and without sign-in. */
function requests(): string[] {
  return azure
    .requests()
    .filter((request) => !request.includes("/oauth2/"))
    .map((request) =>
      request
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}")
        .replace(/appRoleAssignedTo\/\S+/, "appRoleAssignedTo/{id}"),
    );
}

const owners = (objectId: string): string[] | undefined =>
  azure.tenant.state.directory.applications[objectId]?.ownerIds;

describe("azuread.Application", () => {
  it("is made with the real provider's requests, and unlinks its maker", async () => {
    const { objectId, outs } = await makeApplication({
      owners: [],
      requiredResourceAccesses: [
        {
          resourceAppId: "00000003-0000-0000-c000-000000000000",
          resourceAccesses: [{ id: userReadAll, type: "Role" }],
        },
      ],
    });

    expect(requests()).toEqual([
      "POST /v1.0/applications 201",
      "PATCH /v1.0/applications/{id} 204",
      "PATCH /v1.0/applications/{id} 204",
      "DELETE /v1.0/applications/{id}/owners/{id}/$ref 204",
      "GET /v1.0/applications/{id} 200",
      "GET /v1.0/applications/{id} 200",
      "GET /v1.0/applications/{id}/owners 200",
    ]);
    expect(owners(objectId)).toEqual([]);
    expect(outs).toMatchObject({
      displayName: `app ${number}`,
      signInAudience: "AzureADMyOrg",
      owners: [],
      requiredResourceAccesses: [
        {
          resourceAppId: "00000003-0000-0000-c000-000000000000",
          resourceAccesses: [{ id: userReadAll, type: "Role" }],
        },
      ],
    });
  });

  it("keeps exactly the owners that are listed, the maker among them", async () => {
    const [user] = Object.keys(azure.tenant.state.directory.users);
    const maker = azure.tenant.identities.deployer.objectId;
    const { objectId, id, outs, inputs } = await makeApplication({ owners: [maker, user] });
    expect(owners(objectId)?.toSorted()).toEqual([maker, user].toSorted());

    const news = { ...inputs, owners: [user] };
    await provider.update(id, urns.application, oldValues(outs, inputs), news);
    expect(owners(objectId)).toEqual([user]);
  });

  it("refuses a name that is taken, when it is told to, with the real provider's words", async () => {
    const { outs } = await makeApplication();
    const taken = { displayName: outs["displayName"], preventDuplicateNames: true };

    await expect(provider.create(urns.application, await checked(urns.application, taken))).rejects.toThrow(
      `An existing "azuread_application" with name "${String(outs["displayName"])}" (ID: "${String(outs["objectId"])}") was found`,
    );
    // Its own name is no duplicate.
    const { id, outs: own, inputs } = await makeApplication({ preventDuplicateNames: true });
    const news = { ...inputs, description: "changed" };
    const updated = await provider.update(id, urns.application, oldValues(own, inputs), news);
    expect(updated.outs["description"]).toBe("changed");
  });

  it("sees no difference in another order of a set, nor in what is empty", async () => {
    const { id, outs, inputs } = await makeApplication({ tags: ["a", "b"] });
    const difference = (news: object) =>
      provider.diff(id, urns.application, oldValues(outs, inputs), { ...inputs, ...news });

    expect(await difference({ tags: ["b", "a"], notes: "", identifierUris: [] })).toMatchObject({
      changes: false,
    });
    expect(await difference({ tags: ["a"] })).toMatchObject({
      changes: true,
      replaces: [],
      changedProperties: ["tags"],
    });
  });

  it("can be imported by a program that says just what is there", async () => {
    const { id, objectId, outs } = await makeApplication({ notes: "by hand" });
    const found = await provider.read(`/applications/${objectId}`, urns.application);
    const said = {
      ...(await checked(urns.application, { displayName: outs["displayName"], notes: "by hand" })),
      owners: outs["owners"],
    };

    expect(found.id).toBe(id);
    expect(
      await provider.diff(id, urns.application, oldValues(found.props, found.inputs), said),
    ).toMatchObject({
      changes: false,
    });
    expect(
      (await provider.read("/applications/00000000-0000-0000-0000-000000000000", urns.application)).id,
    ).toBe("");
  });

  it("is deleted, and stays deleted", async () => {
    const { id, objectId, outs, inputs } = await makeApplication();
    await provider.delete(id, urns.application, oldValues(outs, inputs));
    await provider.delete(id, urns.application, oldValues(outs, inputs));

    expect(azure.tenant.state.directory.applications[objectId]).toBeUndefined();
  });

  it("refuses inputs that it would have to drop", async () => {
    const { failures } = await provider.check(urns.application, {}, { displayName: "x", logoImage: "…" });

    expect(failures.map(({ property }) => property)).toEqual(["logoImage"]);
  });
});

describe("azuread.ServicePrincipal", () => {
  it("is made for its application, once", async () => {
    const { clientId } = await makeApplication();
    azure.requests();
    const { outs } = await makeServicePrincipal(clientId, { owners: [] });

    expect(requests()).toEqual([
      "GET /v1.0/servicePrincipals?$filter=appId eq '{id}' 200",
      "POST /v1.0/servicePrincipals 201",
      "PATCH /v1.0/servicePrincipals/{id} 204",
      "DELETE /v1.0/servicePrincipals/{id}/owners/{id}/$ref 204",
      "GET /v1.0/servicePrincipals/{id} 200",
      "GET /v1.0/servicePrincipals/{id} 200",
      "GET /v1.0/servicePrincipals/{id}/owners 200",
    ]);
    expect(outs).toMatchObject({
      clientId,
      accountEnabled: true,
      type: "Application",
      owners: [],
      description: "",
    });
    await expect(makeServicePrincipal(clientId)).rejects.toThrow(
      `A resource with the ID "${String(outs["objectId"])}" already exists`,
    );
  });

  it("changes in place, but not its application", async () => {
    const { clientId } = await makeApplication();
    const { id, outs, inputs, objectId } = await makeServicePrincipal(clientId);
    const olds = oldValues(outs, inputs);
    await provider.update(id, urns.servicePrincipal, olds, { ...inputs, appRoleAssignmentRequired: true });

    expect(azure.tenant.state.directory.servicePrincipals[objectId]).toMatchObject({
      appRoleAssignmentRequired: true,
    });
    expect(
      (await provider.diff(id, urns.servicePrincipal, olds, { ...inputs, clientId: "other" })).replaces,
    ).toEqual(["clientId"]);
    await provider.delete(id, urns.servicePrincipal, olds);
    expect(azure.tenant.state.directory.servicePrincipals[objectId]).toBeUndefined();
  });
});

describe("azuread.AppRoleAssignment", () => {
  it("grants on the resource's side, and takes the grant back", async () => {
    const { clientId } = await makeApplication();
    const principal = await makeServicePrincipal(clientId);
    const inputs = {
      appRoleId: userReadAll,
      principalObjectId: principal.objectId,
      resourceObjectId: graphObjectId,
    };
    azure.requests();
    const { id, outs } = await provider.create(urns.grant, inputs);

    expect(requests()).toEqual([
      "GET /v1.0/servicePrincipals/{id} 200",
      "POST /v1.0/servicePrincipals/{id}/appRoleAssignedTo 201",
      "GET /v1.0/servicePrincipals/{id}/appRoleAssignedTo/{id} 200",
    ]);
    expect(id).toMatch(new RegExp(`^/servicePrincipals/${graphObjectId}/appRoleAssignedTo/`));
    expect(outs).toMatchObject({
      ...inputs,
      principalType: "ServicePrincipal",
      resourceDisplayName: "Microsoft Graph",
    });
    await expect(provider.create(urns.grant, inputs)).rejects.toThrow(
      "Permission being assigned already exists",
    );

    const change = await provider.diff(id, urns.grant, oldValues(outs, inputs), {
      ...inputs,
      appRoleId: filesReadAll,
    });
    expect(change.replaces).toEqual(["appRoleId"]);
    await provider.delete(id, urns.grant, oldValues(outs, inputs));
    expect((await provider.read(id, urns.grant)).id).toBe("");
  });

  it("names a resource that is not there", async () => {
    const inputs = {
      appRoleId: userReadAll,
      principalObjectId: graphObjectId,
      resourceObjectId: userReadAll,
    };

    await expect(provider.create(urns.grant, inputs)).rejects.toThrow(
      `Service principal not found for resource (Object ID: "${userReadAll}")`,
    );
  });
});

describe("azuread.ApplicationPassword", () => {
  it("gives the value once, and leaves others alone when it goes", async () => {
    const { id: applicationId, objectId } = await makeApplication();
    const endDate = new Date(azure.tenant.clock.now().getTime() + 86_400_000)
      .toISOString()
      .replace(/\.\d+/, "");
    const make = (displayName: string) =>
      provider.create(urns.password, { applicationId, displayName, endDate });
    azure.requests();
    const first = await make("one");
    expect(requests()).toEqual([
      "GET /v1.0/applications/{id} 200",
      "POST /v1.0/applications/{id}/addPassword 200",
      "GET /v1.0/applications/{id} 200",
    ]);
    const second = await make("two");

    expect(first.outs).toMatchObject({ applicationId, displayName: "one", endDate });
    expect(String(first.outs["value"]).length).toBeGreaterThan(15);
    expect(first.id).toBe(`${objectId}/password/${String(first.outs["keyId"])}`);
    await provider.delete(first.id, urns.password, oldValues(first.outs, { applicationId }));
    await provider.delete(first.id, urns.password, oldValues(first.outs, { applicationId }));
    expect((await provider.read(first.id, urns.password, first.outs)).id).toBe("");
    expect((await provider.read(second.id, urns.password, second.outs)).props).toEqual(second.outs);
  });

  it("makes several for one application at a time, though Graph takes one change at a time", async () => {
    const { id: applicationId, objectId } = await makeApplication();
    const names = ["a", "b", "c", "d"];
    await Promise.all(
      names.map((displayName) => provider.create(urns.password, { applicationId, displayName })),
    );

    const { passwordCredentials } = azure.tenant.state.directory.applications[objectId] ?? {};
    expect(passwordCredentials?.map(({ displayName }) => displayName).toSorted()).toEqual(names);
  });

  it("names an application that is not there", async () => {
    const missing = { applicationId: `/applications/${userReadAll}`, displayName: "x" };

    await expect(provider.create(urns.password, missing)).rejects.toThrow(`"${userReadAll}" was not found`);
  });
});

describe("azuread.ApplicationFederatedIdentityCredential", () => {
  it("is made, changed and removed", async () => {
    const { id: applicationId, objectId } = await makeApplication();
    const inputs = {
      applicationId,
      displayName: "github-main",
      audiences: ["api://AzureADTokenExchange"],
      issuer: "https://token.actions.githubusercontent.com",
      subject: "repo:contoso/agents:ref:refs/heads/main",
    };
    const { id, outs } = await provider.create(urns.trust, inputs);
    const kept = () => azure.tenant.state.directory.applications[objectId]?.federatedIdentityCredentials;
    expect(kept()).toMatchObject([{ name: "github-main", subject: inputs.subject }]);

    const news = { ...inputs, subject: "repo:contoso/agents:environment:live" };
    const updated = await provider.update(id, urns.trust, oldValues(outs, inputs), news);
    expect(updated.outs).toMatchObject(news);
    expect(
      (await provider.diff(id, urns.trust, oldValues(outs, inputs), { ...inputs, displayName: "x" }))
        .replaces,
    ).toEqual(["displayName"]);
    await provider.delete(id, urns.trust, oldValues(updated.outs, news));
    expect(kept()).toEqual([]);
  });
});

describe("the functions of azuread", () => {
  it("tell what Microsoft Graph offers in this tenant", async () => {
    const { outputs } = await provider.invoke("azuread:index/getServicePrincipal:getServicePrincipal", {
      clientId: "00000003-0000-0000-c000-000000000000",
    });

    expect(outputs).toMatchObject({ objectId: graphObjectId, displayName: "Microsoft Graph" });
    expect(outputs["appRoleIds"]).toMatchObject({ "User.Read.All": userReadAll });
    expect(outputs["oauth2PermissionScopeIds"]).toHaveProperty("User.Read");
    expect(requests()).toEqual(["GET /v1.0/servicePrincipals?$filter=appId eq '{id}' 200"]);
  });

  it("tell who runs the program, and find apps and service principals", async () => {
    const { clientId, objectId } = azure.tenant.identities.deployer;
    const invoke = async (name: string, inputs: object) =>
      (await provider.invoke(`azuread:index/${name}:${name}`, { ...inputs })).outputs;

    expect(await invoke("getClientConfig", {})).toMatchObject({
      clientId,
      objectId,
      tenantId: azure.tenant.state.tenantId,
    });
    expect(await invoke("getApplication", { clientId })).toMatchObject({ clientId });
    expect(await invoke("getServicePrincipal", { objectId })).toMatchObject({ clientId });
    expect(await invoke("getServicePrincipals", { clientIds: [clientId] })).toMatchObject({
      objectIds: [objectId],
    });
    await expect(invoke("getApplication", { clientId: userReadAll })).rejects.toThrow(
      "no applications found",
    );
    await expect(invoke("getServicePrincipal", { objectId: userReadAll })).rejects.toThrow("was not found");
    await expect(invoke("getServicePrincipals", { displayNames: ["nobody"] })).rejects.toThrow(
      "no servicePrincipals",
    );
    await expect(invoke("getUnheardOf", {})).rejects.toThrow("does not know the function");
  });
});

describe("the azuread provider", () => {
  it("says which right is missing, in Graph's words", async () => {
    const { verifier } = azure.tenant.identities;
    const powerless = restClient({
      ...azure.environment,
      ARM_CLIENT_ID: verifier.clientId,
      ARM_CLIENT_SECRET: verifier.clientSecret,
    });
    const other = azureadProvider(powerless);

    await expect(other.create(urns.application, { displayName: "x" })).rejects.toThrow(
      "Could not create application: unexpected status 403 with error: Authorization_RequestDenied: Insufficient privileges",
    );
  });

  it("waits until new objects have reached every replica", async () => {
    azure.tenant.faults = { graphLag: { reads: 2, replicas: 2 } };
    const { clientId, id } = await makeApplication();
    const { objectId } = await makeServicePrincipal(clientId);
    const grant = { appRoleId: userReadAll, principalObjectId: objectId, resourceObjectId: graphObjectId };
    const { outs } = await azureadProvider(client, 0.1).create(urns.grant, grant);
    const password = await provider.create(urns.password, { applicationId: id, displayName: "p" });
    azure.tenant.faults = {};

    expect(password.outs).toMatchObject({ applicationId: id });
    expect(id).toMatch(/^\/applications\//);
    expect(outs).toMatchObject(grant);
  });
});

describe("a grant that cannot be found after its creation", () => {
  it("is told of soon, as by the real provider, and stays in the tenant", async () => {
    const { clientId } = await makeApplication();
    const { objectId } = await makeServicePrincipal(clientId);
    azure.tenant.faults = {
      disturbances: [
        {
          service: "graph",
          method: "GET",
          path: "/appRoleAssignedTo",
          action: { kind: "status", status: 404 },
        },
      ],
    };
    const grant = { appRoleId: userReadAll, principalObjectId: objectId, resourceObjectId: graphObjectId };
    await expect(provider.create(urns.grant, grant)).rejects.toThrow("the next run takes it over");
    azure.tenant.faults = {};

    const { appRoleAssignments } = azure.tenant.state.directory;
    const made = Object.values(appRoleAssignments).filter(({ principalId }) => principalId === objectId);
    expect(made.map(({ appRoleId }) => appRoleId)).toEqual([userReadAll]);
  });
});

describe("an API with preauthorised clients", () => {
  const scope = {
    id: "6a3c2c1e-8f6b-4d7e-b0a9-1f5d2e4c3b7a",
    value: "user_impersonation",
    type: "Admin",
    adminConsentDisplayName: "Call it",
    adminConsentDescription: "Calls it.",
  };
  const [connector, other] = ["7ab7862c-4c57-491e-8a45-d52a7e023983", "d2ebd3a9-1ada-4480-8b2d-eac162716601"];
  const clientsOf = (objectId: string): unknown => {
    const api = azure.tenant.state.directory.applications[objectId]?.["api"];
    return (api as { preAuthorizedApplications: unknown }).preAuthorizedApplications;
  };
  const make = async (applicationId: string, authorizedClientId: string) => {
    const inputs = { applicationId, authorizedClientId, permissionIds: [scope.id] };
    return { inputs, ...(await provider.create(urns.preAuthorized, inputs)) };
  };

  it("keeps its scopes, and each client beside the others, through changes of the application", async () => {
    const api = { requestedAccessTokenVersion: 2, oauth2PermissionScopes: [scope] };
    const made = await makeApplication({ api });
    expect(made.outs).toMatchObject({
      api: { requestedAccessTokenVersion: 2, oauth2PermissionScopes: [{ ...scope, enabled: true }] },
      oauth2PermissionScopeIds: { user_impersonation: scope.id },
    });
    const first = await make(made.id, connector);
    const second = await make(made.id, other);
    expect(first.id).toBe(`${made.objectId}/preAuthorizedApplication/${connector}`);
    const entry = (appId: string): object => ({ appId, delegatedPermissionIds: [scope.id] });
    const news = { ...made.inputs, displayName: "renamed" };
    await provider.update(made.id, urns.application, oldValues(made.outs, made.inputs), news);
    expect(clientsOf(made.objectId)).toEqual([entry(connector), entry(other)]);
    expect((await provider.read(second.id, urns.preAuthorized)).inputs).toEqual(second.inputs);

    await provider.delete(first.id, urns.preAuthorized, oldValues(first.outs, first.inputs));
    expect(clientsOf(made.objectId)).toEqual([entry(other)]);
    expect((await provider.read(first.id, urns.preAuthorized)).id).toBe("");
  });
});
