import { beforeEach, describe, expect, it } from "vitest";
import { delegationCondition } from "../../../core/access/azureRoles";
import { EmulatedServices } from "../../support/emulatedServices";

const secretsUser = "4633458b-17de-408a-b874-0445c86b69e6";
const secretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
const accessAdministrator = "f58310d9-a9f6-439a-9e8d-f62e7b41a168";
const guid = "00000000-1111-2222-3333-444444444444";
const provider = "providers/Microsoft.Authorization";
let azure: EmulatedServices;
let vaultId: string;
beforeEach(async () => {
  azure = await EmulatedServices.create();
  vaultId = await azure.makeVault("kv-apps");
  azure.assign(azure.tenant.identities.deployer.objectId, accessAdministrator, azure.subscription);
});

function wanted(properties: object = {}): { properties: Record<string, unknown> } {
  return {
    properties: {
      roleDefinitionId: `${azure.subscription}/${provider}/roleDefinitions/${secretsUser}`,
      principalId: azure.verifier,
      principalType: "ServicePrincipal",
      ...properties,
    },
  };
}

function put(
  properties: object = {},
  name = guid,
  scope = `${vaultId}/secrets/one`,
): ReturnType<EmulatedServices["arm"]> {
  return azure.arm("PUT", `${scope}/${provider}/roleAssignments/${name}`, { body: wanted(properties) });
}

describe("a role assignment", () => {
  it("is missing, made at a single secret, read, put again and removed", async () => {
    const scope = `${vaultId}/secrets/one`;
    const id = `${scope}/${provider}/roleAssignments/${guid}`;
    expect((await azure.arm("GET", id)).status).toBe(404);
    const made = await put({ description: "reads one" });
    const { objectId } = azure.tenant.identities.deployer;
    expect([made.status, made.body]).toEqual([
      201,
      {
        id,
        name: guid,
        type: "Microsoft.Authorization/roleAssignments",
        properties: {
          roleDefinitionId: `${azure.subscription}/${provider}/roleDefinitions/${secretsUser}`,
          principalId: azure.verifier,
          principalType: "ServicePrincipal",
          scope,
          condition: null,
          conditionVersion: null,
          createdOn: "2026-11-22T10:00:00.0000000Z",
          updatedOn: "2026-11-22T10:00:00.0000000Z",
          createdBy: null,
          updatedBy: objectId,
          delegatedManagedIdentityResourceId: null,
          description: "reads one",
        },
      },
    ]);
    const { properties } = made.body;
    expect((await azure.arm("GET", id)).body).toEqual({
      ...made.body,
      properties: { ...properties, createdBy: objectId },
    });
    expect((await put({ description: "reads one" })).status).toBe(201);
    const removed = await azure.arm("DELETE", id);
    expect([removed.status, removed.body.name]).toEqual([200, guid]);
    expect((await azure.arm("DELETE", id)).status).toBe(204);
  });

  it("finds the type of a principal that it is not told", async () => {
    const { status, body } = await put({ principalType: undefined });
    expect([status, body.properties.principalType]).toEqual([201, "ServicePrincipal"]);
  });

  it.each([
    ["a name that is no GUID", {}, "not-a-guid", 400, "InvalidRoleAssignmentId"],
    ["an unknown role", { roleDefinitionId: `/x/${guid}` }, guid, 404, "RoleDefinitionDoesNotExist"],
    ["an unknown principal", { principalId: guid, principalType: undefined }, guid, 400, "PrincipalNotFound"],
    ["an unknown user", { principalId: guid, principalType: "User" }, guid, 400, "PrincipalNotFound"],
    ["a principal of another type", { principalType: "User" }, guid, 400, "UnmatchedPrincipalType"],
    ["no principal", { principalId: undefined }, guid, 400, "BadRequestFormat"],
    ["a condition without meaning", { condition: "@x" }, guid, 400, "InvalidRoleAssignmentCondition"],
    [
      "a condition of an old syntax",
      { condition: delegationCondition([{ guid }]), conditionVersion: "1.0" },
      guid,
      400,
      "InvalidRoleAssignmentCondition",
    ],
  ])("is refused with %s", async (_, properties, name, status, code) => {
    const answer = await put(properties, name);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it("shows the condition that it is held under", async () => {
    const condition = delegationCondition([{ guid: secretsUser }]);
    const { status, body } = await put({ condition });
    expect([status, body.properties.condition, body.properties.conditionVersion]).toEqual([
      201,
      condition,
      "2.0",
    ]);
  });

  it("can be held at a key of a vault and at a container of a storage account, if these are there", async () => {
    const group = `${azure.subscription}/resourceGroups/rg`;
    const account = `${group}/providers/Microsoft.Storage/storageAccounts/state`;
    const container = `${account}/blobServices/default/containers/pulumi`;
    expect((await put({}, guid, container)).body.error.code).toBe("ResourceNotFound");
    const made = await azure.arm("PUT", account, {
      body: { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_ZRS" } },
    });
    expect(made.status).toBe(201);
    expect((await put({}, guid, container)).body.properties.scope).toBe(container);
    const key = `${vaultId}/keys/pulumi`;
    expect((await put({}, guid, key)).body.properties.scope).toBe(key);
  });

  it("misses a new principal without principalType while the directory replicates", async () => {
    azure.tenant.faults = { graphLag: { seconds: 30 } };
    const identity = `${azure.subscription}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/fresh`;
    const made = await azure.arm("PUT", identity, { body: { location: "westeurope" } });
    const { principalId } = made.body.properties;
    const missed = await put({ principalId, principalType: undefined });
    expect([missed.status, missed.body.error.code]).toEqual([400, "PrincipalNotFound"]);
    expect(missed.body.error.message).toContain(
      `Principal ${principalId.replaceAll("-", "")} does not exist in the directory ${azure.tenant.state.tenantId}.`,
    );
    expect((await put({ principalId, principalType: "ServicePrincipal" })).status).toBe(201);
    azure.tenant.clock.advance(30_000);
    expect((await put({ principalId, principalType: undefined })).status).toBe(201);
  });

  it("is made for whatever is said to be a service principal, even if there is none", async () => {
    const { status, body } = await put({ principalId: guid, principalType: "ServicePrincipal" });
    expect([status, body.properties.principalType]).toEqual([201, "ServicePrincipal"]);
  });

  it("exists once for one principal, role and scope", async () => {
    await put();
    const second = await put({}, "99999999-1111-2222-3333-444444444444");
    expect([second.status, second.body.error.code]).toEqual([409, "RoleAssignmentExists"]);
    const elsewhere = await put({}, "99999999-1111-2222-3333-444444444444", vaultId);
    expect(elsewhere.status).toBe(201);
  });

  it("cannot be moved to another principal or role", async () => {
    await put();
    for (const change of [
      { principalId: azure.tenant.identities.deployer.objectId },
      { roleDefinitionId: `/${provider}/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7` },
    ]) {
      const { status, body } = await put(change);
      expect([status, body.error.code]).toEqual([400, "RoleAssignmentUpdateNotPermitted"]);
    }
  });

  it("needs its scope", async () => {
    const { status, body } = await put({}, guid, vaultId.replace("kv-apps", "kv-none"));
    expect([status, body.error.code]).toEqual([404, "ResourceNotFound"]);
  });

  it("cannot be made by a Contributor", async () => {
    azure.assign(azure.verifier, "b24988ac-6180-42a0-ab88-20f7382dd24c", azure.subscription);
    const { status, body } = await azure.arm("PUT", `${vaultId}/${provider}/roleAssignments/${guid}`, {
      as: azure.verifier,
      body: wanted(),
    });
    expect([status, body.error.code]).toEqual([403, "AuthorizationFailed"]);
    expect(body.error.message).toContain("'Microsoft.Authorization/roleAssignments/write'");
  });

  it("is listed around and below a scope, only at a scope, and by principal", async () => {
    await put();
    await put({}, "99999999-1111-2222-3333-444444444444", vaultId);
    const count = async (filter: string, scope = vaultId): Promise<number> => {
      const query = filter === "" ? "" : `?$filter=${encodeURIComponent(filter)}`;
      return (await azure.arm("GET", `${scope}/${provider}/roleAssignments${query}`)).body.value.length;
    };
    const ofDeployer = Object.keys(azure.tenant.state.arm.roleAssignments).length - 2;
    expect(await count("")).toBe(ofDeployer + 2);
    expect(await count("atScope()")).toBe(ofDeployer + 1);
    expect(await count(`principalId eq '${azure.verifier}'`)).toBe(2);
    expect(await count(`atScope() and principalId eq '${azure.verifier}'`)).toBe(1);
    expect(await count(`assignedTo('${azure.verifier}')`)).toBe(2);
    expect(await count(`principalId eq '${guid}'`)).toBe(0);
  });
});

describe("role definitions", () => {
  const custom = {
    properties: {
      roleName: "Secret Writer",
      description: "writes",
      type: "CustomRole",
      permissions: [{ actions: ["Microsoft.KeyVault/vaults/secrets/write"], notActions: [] }],
      assignableScopes: [] as string[],
    },
  };

  it("are found by name, with the subscription's own ID", async () => {
    const query = `?$filter=${encodeURIComponent("roleName eq 'Key Vault Secrets User'")}`;
    const { body } = await azure.arm("GET", `${azure.subscription}/${provider}/roleDefinitions${query}`);
    expect(body.value).toMatchObject([
      {
        id: `${azure.subscription}/${provider}/roleDefinitions/${secretsUser}`,
        name: secretsUser,
        properties: { roleName: "Key Vault Secrets User", type: "BuiltInRole", assignableScopes: ["/"] },
      },
    ]);
    const atTenant = await azure.arm("GET", `/${provider}/roleDefinitions/${secretsUser}`, {});
    expect(atTenant.status).toBe(403);
    const one = await azure.arm("GET", `${azure.subscription}/${provider}/roleDefinitions/${secretsUser}`);
    expect(one.body).toEqual(body.value[0]);
  });

  it("of one's own are made, used, kept while assigned, and removed", async () => {
    azure.assign(
      azure.tenant.identities.deployer.objectId,
      "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
      azure.subscription,
    );
    const id = `${azure.subscription}/${provider}/roleDefinitions/${guid}`;
    const body = { properties: { ...custom.properties, assignableScopes: [azure.subscription] } };
    const made = await azure.arm("PUT", id, { body });
    expect([made.status, made.body]).toEqual([
      201,
      {
        id,
        name: guid,
        type: "Microsoft.Authorization/roleDefinitions",
        properties: {
          ...body.properties,
          createdOn: "2026-11-22T10:00:00.0000000Z",
          updatedOn: "2026-11-22T10:00:00.0000000Z",
          createdBy: null,
          updatedBy: azure.tenant.identities.deployer.objectId,
          permissions: [
            {
              actions: ["Microsoft.KeyVault/vaults/secrets/write"],
              notActions: [],
              dataActions: [],
              notDataActions: [],
            },
          ],
        },
      },
    ]);
    const customOnly = `?$filter=${encodeURIComponent("type eq 'CustomRole'")}`;
    const list = await azure.arm("GET", `${azure.subscription}/${provider}/roleDefinitions${customOnly}`);
    const createdBy = azure.tenant.identities.deployer.objectId;
    expect(list.body.value).toEqual([{ ...made.body, properties: { ...made.body.properties, createdBy } }]);
    const secret = { properties: { value: "v" } };
    const write = (): ReturnType<EmulatedServices["arm"]> =>
      azure.arm("PUT", `${vaultId}/secrets/one`, { as: azure.verifier, body: secret });
    expect((await write()).status).toBe(403);
    expect((await put({ roleDefinitionId: id }, guid, vaultId)).status).toBe(201);
    expect((await write()).status).toBe(201);
    const kept = await azure.arm("DELETE", id);
    expect([kept.status, kept.body.error.code]).toEqual([400, "RoleDefinitionHasAssignments"]);
    await azure.arm("DELETE", `${vaultId}/${provider}/roleAssignments/${guid}`);
    expect((await azure.arm("DELETE", id)).status).toBe(200);
    expect((await azure.arm("DELETE", id)).status).toBe(204);
    expect((await azure.arm("GET", id)).body.error.code).toBe("RoleDefinitionDoesNotExist");
  });

  it("of one's own are refused when they are malformed, have another's name, or replace a built-in one", async () => {
    azure.assign(
      azure.tenant.identities.deployer.objectId,
      "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
      azure.subscription,
    );
    const roles = `${azure.subscription}/${provider}/roleDefinitions`;
    const put = async (name: string, properties: object): Promise<[number, string]> => {
      const { status, body } = await azure.arm("PUT", `${roles}/${name}`, { body: { properties } });
      return [status, body.error?.code];
    };
    const good = { ...custom.properties, assignableScopes: [azure.subscription] };
    expect(await put("x", good)).toEqual([400, "InvalidRoleDefinitionId"]);
    expect(await put(guid, custom.properties)).toEqual([400, "InvalidRoleDefinition"]);
    expect(await put(guid, { ...good, roleName: "owner" })).toEqual([
      409,
      "RoleDefinitionWithSameNameExists",
    ]);
    expect(await put(secretsUser, good)).toEqual([400, "RoleDefinitionUpdateNotPermitted"]);
    expect(await put(guid, { ...good, assignableScopes: ["/subscriptions/other"] })).toEqual([
      403,
      "AuthorizationFailed",
    ]);
    expect((await azure.arm("DELETE", `${roles}/${secretsUser}`)).body.error.code).toBe(
      "RoleDefinitionDeleteNotPermitted",
    );
  });

  it("of one's own cannot be assigned outside their scopes", async () => {
    azure.tenant.state.arm.roleDefinitions[guid] = {
      name: guid,
      roleName: "Elsewhere",
      description: "",
      roleType: "CustomRole",
      assignableScopes: [`${azure.subscription}/resourceGroups/elsewhere`],
      permissions: [],
    };
    const { body } = await put({ roleDefinitionId: `/${provider}/roleDefinitions/${guid}` });
    expect(body.error.code).toBe("RoleAssignmentScopeNotAssignableToRoleDefinition");
  });

  it("show the caller's own permissions at a scope", async () => {
    azure.assign(azure.verifier, secretsUser, vaultId);
    const at = async (scope: string): Promise<unknown> =>
      (await azure.arm("GET", `${scope}/${provider}/permissions`, { as: azure.verifier })).body.value;
    expect(await at(azure.subscription)).toEqual([]);
    expect(await at(`${vaultId}/secrets/one`)).toEqual([
      {
        actions: [],
        notActions: [],
        dataActions: [
          "Microsoft.KeyVault/vaults/secrets/getSecret/action",
          "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ],
        notDataActions: [],
      },
    ]);
  });
});

describe("the right to assign roles under a condition", () => {
  const delegate = "aaaaaaaa-0000-4000-8000-00000000000a";
  beforeEach(() => {
    azure.assign(delegate, accessAdministrator, azure.subscription);
    const assignment = Object.values(azure.tenant.state.arm.roleAssignments).at(-1);
    Object.assign(assignment ?? {}, { condition: delegationCondition([{ guid: secretsUser }]) });
  });
  const roleOf = (role: string) => ({
    roleDefinitionId: `${azure.subscription}/${provider}/roleDefinitions/${role}`,
  });
  const asDelegate = async (method: string, role: string) => {
    const { status, body } = await azure.arm(method, `${vaultId}/${provider}/roleAssignments/${guid}`, {
      as: delegate,
      body: wanted(roleOf(role)),
    });
    return [status, body?.error?.message];
  };

  it("reaches the role that the condition names, to give it and to take it away", async () => {
    expect(await asDelegate("PUT", secretsUser)).toEqual([201, undefined]);
    expect(await asDelegate("DELETE", secretsUser)).toEqual([200, undefined]);
    expect((await azure.arm("DELETE", `${vaultId}/${provider}/roleAssignments/${guid}`)).status).toBe(204);
  });

  it("reaches no other role: neither to give it nor to take it away", async () => {
    const refused = (action: string) => [
      403,
      expect.stringContaining(
        `has an authorization with ABAC condition that is not fulfilled to perform action 'Microsoft.Authorization/roleAssignments/${action}' over scope`,
      ),
    ];
    expect(await asDelegate("PUT", secretsOfficer)).toEqual(refused("write"));
    expect(await asDelegate("PUT", accessAdministrator)).toEqual(refused("write"));
    expect((await put(roleOf(secretsOfficer), guid, vaultId)).status).toBe(201);
    expect(await asDelegate("DELETE", secretsOfficer)).toEqual(refused("delete"));
  });

  it("leaves what the condition is not about as it is", async () => {
    expect((await azure.arm("GET", vaultId, { as: delegate })).status).toBe(200);
  });
});
