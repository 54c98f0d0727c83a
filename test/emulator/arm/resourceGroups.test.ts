import { beforeEach, describe, expect, it } from "vitest";
import { EmulatedServices } from "../../support/emulatedServices";

let azure: EmulatedServices;
let groupId: string;
beforeEach(async () => {
  azure = await EmulatedServices.create();
  groupId = `${azure.subscription}/resourceGroups/Apps`;
});

describe("a resource group", () => {
  it("is made, read, changed, listed and removed", async () => {
    expect((await azure.arm("HEAD", groupId)).status).toBe(404);
    expect((await azure.arm("GET", groupId)).body.error).toEqual({
      code: "ResourceGroupNotFound",
      message: "Resource group 'Apps' could not be found.",
    });
    const made = await azure.arm("PUT", groupId, { body: { location: "West Europe", tags: { a: "1" } } });
    const expected = {
      id: groupId,
      name: "Apps",
      type: "Microsoft.Resources/resourceGroups",
      location: "westeurope",
      tags: { a: "1" },
      properties: { provisioningState: "Succeeded" },
    };
    expect([made.status, made.body]).toEqual([201, expected]);
    expect((await azure.arm("HEAD", groupId)).status).toBe(204);
    expect((await azure.arm("GET", groupId.toLowerCase())).body).toEqual(expected);
    const again = await azure.arm("PUT", groupId.toUpperCase().replace("/SUBSCRIPTIONS", "/subscriptions"), {
      body: { location: "westeurope" },
    });
    expect([again.status, again.body.name, again.body.tags]).toEqual([200, "Apps", undefined]);
    const patched = await azure.arm("PATCH", groupId, { body: { tags: { b: "2" } } });
    expect(patched.body.tags).toEqual({ b: "2" });
    expect((await azure.arm("GET", `${azure.subscription}/resourcegroups`)).body.value).toEqual([
      patched.body,
    ]);
    expect((await azure.arm("DELETE", groupId)).status).toBe(200);
    expect((await azure.arm("DELETE", groupId)).status).toBe(404);
    expect((await azure.arm("GET", `${azure.subscription}/resourcegroups`)).body.value).toEqual([]);
  });

  it.each([
    ["no location", {}, 400, "LocationRequired"],
    ["a location that is none", { location: "westeuropa" }, 400, "LocationNotAvailableForResourceGroup"],
    ["tags that are none", { location: "westeurope", tags: { a: 1 } }, 400, "InvalidTags"],
  ])("is refused with %s", async (_, body, status, code) => {
    const answer = await azure.arm("PUT", groupId, { body });
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it("is refused with a body that is no object, with a bad name, and in another place", async () => {
    expect((await azure.arm("PUT", groupId, { body: [] })).body.error.code).toBe("InvalidRequestContent");
    const badName = await azure.arm("PUT", `${groupId}.`, { body: { location: "westeurope" } });
    expect([badName.status, badName.body.error.code]).toEqual([400, "InvalidResourceGroupName"]);
    await azure.arm("PUT", groupId, { body: { location: "westeurope" } });
    const moved = await azure.arm("PUT", groupId, { body: { location: "eastus" } });
    expect([moved.status, moved.body.error.code]).toEqual([409, "InvalidResourceGroupLocation"]);
    expect((await azure.arm("POST", groupId)).status).toBe(405);
  });

  it("takes everything inside along, and soft-deletes its vaults", async () => {
    const vaultId = await azure.makeVault("inside");
    const identity = `${azure.subscription}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/inside`;
    const { body } = await azure.arm("PUT", identity, { body: { location: "westeurope" } });
    const { principalId } = body.properties;
    azure.assign(azure.verifier, "4633458b-17de-408a-b874-0445c86b69e6", vaultId);
    const before = Object.keys(azure.tenant.state.arm.roleAssignments).length;
    expect((await azure.arm("DELETE", `${azure.subscription}/resourceGroups/rg`)).status).toBe(200);
    const { arm, directory } = azure.tenant.state;
    expect(arm.resources).toEqual({});
    expect(Object.keys(arm.deletedVaults)).toEqual(["inside"]);
    expect(directory.servicePrincipals[principalId]).toBeUndefined();
    expect(Object.keys(arm.roleAssignments)).toHaveLength(before - 1);
  });

  it("is listed only to whom may read it", async () => {
    await azure.arm("PUT", groupId, { body: { location: "westeurope" } });
    await azure.makeGroup();
    azure.assign(azure.verifier, "acdd72a7-3385-48ef-bd42-f606fba81ae7", groupId);
    const { body } = await azure.arm("GET", `${azure.subscription}/resourcegroups`, { as: azure.verifier });
    expect(body.value.map(({ name }: { name: string }) => name)).toEqual(["Apps"]);
  });
});

describe("resource lists", () => {
  it("filter as the CLI and the clients do", async () => {
    await azure.makeVault("kv-one");
    await azure.makeVault("kv-two");
    const identity = `${azure.subscription}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mi-one`;
    await azure.arm("PUT", identity, { body: { location: "westeurope", tags: { stage: "dev" } } });
    const names = async (filter: string): Promise<string[]> => {
      const query = filter === "" ? "" : `?$filter=${encodeURIComponent(filter)}`;
      const { body } = await azure.arm("GET", `${azure.subscription}/resources${query}`);
      return body.value.map(({ name }: { name: string }) => name);
    };
    expect(await names("")).toEqual(["kv-one", "kv-two", "mi-one"]);
    expect(await names("resourceType eq 'Microsoft.KeyVault/vaults'")).toEqual(["kv-one", "kv-two"]);
    expect(await names("resourceType eq 'microsoft.keyvault/vaults' and name eq 'kv-two'")).toEqual([
      "kv-two",
    ]);
    expect(await names("tagName eq 'stage' and tagValue eq 'dev'")).toEqual(["mi-one"]);
    expect(await names("tagName eq 'stage' and tagValue eq 'prod'")).toEqual([]);
    expect(await names("resourceGroup eq 'elsewhere'")).toEqual([]);
  });

  it("show only what the caller may read", async () => {
    await azure.makeVault("kv-one");
    azure.assign(azure.verifier, "acdd72a7-3385-48ef-bd42-f606fba81ae7", await azure.makeVault("kv-two"));
    const { body } = await azure.arm("GET", `${azure.subscription}/resources`, { as: azure.verifier });
    expect(body.value.map(({ name }: { name: string }) => name)).toEqual(["kv-two"]);
  });

  it("show no properties, and page with $top", async () => {
    await azure.makeVault("kv-one");
    await azure.makeVault("kv-two");
    const group = `${azure.subscription}/resourceGroups/rg`;
    const first = await azure.arm("GET", `${group}/resources?$top=1`);
    expect(first.body.value).toEqual([
      {
        id: `${group}/providers/Microsoft.KeyVault/vaults/kv-one`,
        name: "kv-one",
        type: "Microsoft.KeyVault/vaults",
        location: "westeurope",
        tags: {},
      },
    ]);
    const { pathname, search } = new URL(first.body.nextLink);
    const second = await azure.arm("GET", `${pathname}${search}`);
    expect([second.body.value[0].name, second.body.nextLink]).toEqual(["kv-two", undefined]);
  });

  it("refuse a filter that is none, and say which they do not emulate", async () => {
    const malformed = await azure.arm("GET", `${azure.subscription}/resources?$filter=name`);
    expect([malformed.status, malformed.body.error.code]).toEqual([400, "InvalidFilterInQueryString"]);
    const other = await azure.arm("GET", `${azure.subscription}/resources?$filter=plan eq 'x'`);
    expect([other.status, other.body.error.code]).toEqual([501, "NotEmulated"]);
  });
});

describe("ARM's slow path", () => {
  it("ends a group's removal after one more poll of the Location", async () => {
    azure = await EmulatedServices.create({ armAsync: true });
    await azure.makeGroup();
    const group = `${azure.subscription}/resourceGroups/rg`;
    const removal = await azure.arm("DELETE", group);
    expect(removal.status).toBe(202);
    expect(removal.headers.get("retry-after-ms")).toBe("10");
    expect((await azure.arm("GET", group)).body.properties.provisioningState).toBe("Deleting");
    const { pathname, search } = new URL(removal.headers.get("Location") ?? "");
    expect((await azure.arm("GET", `${pathname}${search}`)).status).toBe(202);
    expect((await azure.arm("GET", `${pathname}${search}`)).status).toBe(200);
    expect((await azure.arm("GET", group)).status).toBe(404);
  });

  it("makes a vault in the background, which says so", async () => {
    azure = await EmulatedServices.create({ armAsync: true });
    await azure.makeGroup();
    const vaultId = `${azure.subscription}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/slow-vault`;
    const body = { location: "westeurope", properties: azure.vaultProperties() };
    const made = await azure.arm("PUT", vaultId, { body });
    expect([made.status, made.body.properties.provisioningState]).toEqual([201, "Creating"]);
    const { pathname, search } = new URL(made.headers.get("Azure-AsyncOperation") ?? "");
    expect((await azure.arm("GET", `${pathname}${search}`)).body).toEqual({ status: "InProgress" });
    expect((await azure.arm("GET", `${pathname}${search}`)).body).toEqual({ status: "Succeeded" });
    expect((await azure.arm("GET", vaultId)).body.properties.provisioningState).toBe("Succeeded");
    expect((await azure.arm("GET", `${pathname}x${search}`)).body.error.code).toBe("OperationNotFound");
  });
});
