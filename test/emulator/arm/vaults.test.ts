import { beforeEach, describe, expect, it } from "vitest";
import { EmulatedServices, startedAt } from "../../support/emulatedServices";

const day = 86_400_000;
let azure: EmulatedServices;
let vaultId: string;
beforeEach(async () => {
  azure = await EmulatedServices.create();
  await azure.makeGroup();
  vaultId = `${azure.subscription}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-apps`;
});

/** PUT of a whole vault, as azure-native does it. */
async function put(properties: object = {}, asked: object = {}): ReturnType<EmulatedServices["arm"]> {
  const body = {
    location: "westeurope",
    tags: { a: "1" },
    properties: { ...azure.vaultProperties(), ...properties },
  };
  return azure.arm("PUT", vaultId, { body, ...asked });
}

describe("a vault", () => {
  it("is missing at first, then made, known to DNS after the next read, and read back in the same shape", async () => {
    const missing = await azure.arm("GET", vaultId);
    expect([missing.status, missing.body.error.code]).toEqual([404, "ResourceNotFound"]);
    const made = await put({ enablePurgeProtection: true, publicNetworkAccess: "enabled" });
    const { clientId } = azure.tenant.identities.deployer;
    const instant = startedAt.toISOString();
    expect([made.status, made.body]).toEqual([
      200,
      {
        id: vaultId,
        name: "kv-apps",
        type: "Microsoft.KeyVault/vaults",
        location: "westeurope",
        tags: { a: "1" },
        systemData: {
          createdBy: clientId,
          createdByType: "Application",
          createdAt: instant,
          lastModifiedBy: clientId,
          lastModifiedByType: "Application",
          lastModifiedAt: instant,
        },
        properties: {
          sku: { family: "A", name: "standard" },
          tenantId: azure.tenant.state.tenantId,
          accessPolicies: [],
          enabledForDeployment: false,
          enableSoftDelete: true,
          softDeleteRetentionInDays: 90,
          enableRbacAuthorization: true,
          enablePurgeProtection: true,
          vaultUri: "https://kv-apps.vault.azure.net",
          provisioningState: "RegisteringDns",
          publicNetworkAccess: "Enabled",
        },
      },
    ]);
    const { properties } = made.body;
    const vaultUri = "https://kv-apps.vault.azure.net/";
    const read = () => azure.arm("GET", vaultId.toUpperCase().replace("/SUBSCRIPTIONS/", "/subscriptions/"));
    const underWay = await read();
    expect(underWay.body).toEqual({ ...made.body, properties: { ...properties, vaultUri } });
    expect(underWay.headers.get("retry-after-ms")).toBe("10");
    const ready = await read();
    expect(ready.headers.get("retry-after-ms")).toBeNull();
    expect(ready.body).toEqual({
      ...made.body,
      properties: { ...properties, vaultUri, provisioningState: "Succeeded" },
    });
    const again = await put({ enablePurgeProtection: true, publicNetworkAccess: "enabled" });
    expect([again.status, again.body]).toEqual([200, ready.body]);
  });

  it("is listed by group and by subscription", async () => {
    await put();
    const { body } = await azure.arm("GET", vaultId);
    await azure.arm("GET", vaultId);
    body.properties.provisioningState = "Succeeded";
    for (const scope of [azure.subscription, `${azure.subscription}/resourceGroups/rg`]) {
      const list = await azure.arm("GET", `${scope}/providers/Microsoft.KeyVault/vaults`);
      expect(list.body).toEqual({ value: [body] });
    }
  });

  it.each([
    ["no tenantId", { tenantId: undefined }, "BadRequest"],
    ["no sku", { sku: undefined }, "BadRequest"],
    ["soft delete off", { enableSoftDelete: false }, "BadRequest"],
    ["purge protection false", { enablePurgeProtection: false }, "BadRequest"],
    ["6 days of retention", { softDeleteRetentionInDays: 6 }, "BadRequest"],
    ["91 days of retention", { softDeleteRetentionInDays: 91 }, "BadRequest"],
    ["an address that is none", { networkAcls: { ipRules: [{ value: "office" }] } }, "BadRequest"],
    [
      "neither RBAC nor policies",
      { enableRbacAuthorization: false, accessPolicies: undefined },
      "BadRequest",
    ],
  ])("is refused with %s", async (_, properties, code) => {
    const { status, body } = await put(properties);
    expect([status, body.error.code]).toEqual([400, code]);
  });

  it.each(["ab", "1abc", "a--b", "abc-", "a".repeat(25), "under_score"])(
    "is refused the name %s",
    async (name) => {
      const path = `${azure.subscription}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/${name}`;
      const body = { location: "westeurope", properties: azure.vaultProperties() };
      const answer = await azure.arm("PUT", path, { body });
      expect([answer.status, answer.body.error.code]).toEqual([400, "InvalidResourceName"]);
      const check = await azure.arm(
        "POST",
        `${azure.subscription}/providers/Microsoft.KeyVault/checkNameAvailability`,
        {
          body: { name, type: "Microsoft.KeyVault/vaults" },
        },
      );
      expect(check.body).toMatchObject({ nameAvailable: false, reason: "AccountNameInvalid" });
    },
  );

  it("needs its group", async () => {
    const path = vaultId.replace("/rg/", "/none/");
    const { status, body } = await azure.arm("PUT", path, { body: { location: "westeurope" } });
    expect([status, body.error.code]).toEqual([404, "ResourceGroupNotFound"]);
  });

  it("uses RBAC by default only from version 2026-02-01 on", async () => {
    const older = await put({ enableRbacAuthorization: undefined });
    expect(older.body.properties).not.toHaveProperty("enableRbacAuthorization");
    azure = await EmulatedServices.create();
    await azure.makeGroup();
    const newer = await put({ enableRbacAuthorization: undefined }, { apiVersion: "2026-02-01" });
    expect(newer.body.properties.enableRbacAuthorization).toBe(true);
  });

  it("keeps purge protection and retention for good", async () => {
    await put({ enablePurgeProtection: true, softDeleteRetentionInDays: 7 });
    const left = await put();
    expect(left.body.properties).toMatchObject({ enablePurgeProtection: true, softDeleteRetentionInDays: 7 });
    const off = await put({ enablePurgeProtection: false });
    expect([off.status, off.body.error.message]).toEqual([
      400,
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    ]);
    const longer = await put({ softDeleteRetentionInDays: 8 });
    expect([longer.status, longer.body.error.message]).toEqual([
      400,
      `The property "softDeleteRetentionInDays" has been set already and it can't be modified.`,
    ]);
  });

  it("stays where it is", async () => {
    await put();
    const body = { location: "northeurope", properties: azure.vaultProperties() };
    const { status, body: answer } = await azure.arm("PUT", vaultId, { body });
    expect([status, answer.error.code]).toEqual([409, "InvalidResourceLocation"]);
  });

  it.each([
    ["10.0.0.0/8", "10.0.0.0–10.255.255.255 (private IP addresses)"],
    ["172.20.10.5/32", "172.16.0.0–172.31.255.255 (private IP addresses)"],
    ["192.168.1.0/24", "192.168.0.0–192.168.255.255 (private IP addresses)"],
    ["127.0.0.1", "127.0.0.0–127.255.255.255 (loopback IP addresses)"],
    ["169.254.169.254", "169.254.0.0–169.254.255.255 (link-local IP addresses)"],
    ["239.1.2.3", "224.0.0.0–239.255.255.255 (multicast IP addresses)"],
  ])("refuses %s for its firewall with Azure's text", async (value, range) => {
    const networkAcls = { ipRules: [{ value: "203.0.113.7" }, { value }] };
    const { status, body } = await put({ networkAcls });
    expect([status, body.error]).toEqual([
      400,
      {
        code: "BadRequest",
        message: `Invalid value found at properties.networkAcls.ipRules[1].value: ${value} belongs to forbidden range ${range}`,
      },
    ]);
  });

  it.each(["0.0.0.0/0", "8.0.0.0/6", "172.15.0.1", "172.32.0.1", "11.0.0.1"])(
    "takes %s for its firewall",
    async (value) => {
      expect((await put({ networkAcls: { ipRules: [{ value }] } })).status).toBe(200);
    },
  );

  it("writes single addresses as ranges", async () => {
    const networkAcls = {
      defaultAction: "Deny",
      ipRules: [{ value: "203.0.113.7" }, { value: "198.51.100.0/24" }],
    };
    const { body } = await put({ networkAcls });
    expect(body.properties.networkAcls).toEqual({
      bypass: "AzureServices",
      defaultAction: "Deny",
      ipRules: [{ value: "203.0.113.7/32" }, { value: "198.51.100.0/24" }],
      virtualNetworkRules: [],
    });
  });

  it("changes tags and properties by PATCH", async () => {
    await put();
    const { status, body } = await azure.arm("PATCH", vaultId, {
      body: { tags: { b: "2" }, properties: { enabledForDeployment: true } },
    });
    expect([status, body.tags, body.properties.enabledForDeployment]).toEqual([200, { b: "2" }, true]);
    expect(body.properties.enableRbacAuthorization).toBe(true);
  });

  it("moves between access policies and RBAC only for whom may assign roles", async () => {
    await put({ enableRbacAuthorization: false });
    azure.assign(azure.verifier, "f25e0fa2-a7c8-4377-a976-54943a77a395", vaultId);
    const refused = await put({ enableRbacAuthorization: true }, { as: azure.verifier });
    expect([refused.status, refused.body.error.code]).toEqual([403, "InsufficientPermissions"]);
    const { deployer } = azure.tenant.identities;
    // Azure wants an unrestricted right for it, and the deployer's has a condition.
    expect((await put({ enableRbacAuthorization: true })).status).toBe(403);
    azure.assign(deployer.objectId, "f58310d9-a9f6-439a-9e8d-f62e7b41a168", azure.subscription);
    expect((await put({ enableRbacAuthorization: true })).status).toBe(200);
  });

  it("cannot have a name that is taken elsewhere", async () => {
    await put();
    await azure.arm("PUT", `${azure.subscription}/resourceGroups/other`, {
      body: { location: "westeurope" },
    });
    const { status, body } = await azure.arm("PUT", vaultId.replace("/rg/", "/other/"), {
      body: { location: "westeurope", properties: azure.vaultProperties() },
    });
    expect([status, body.error.code]).toEqual([409, "VaultAlreadyExists"]);
  });
});

describe("a deleted vault", () => {
  const deletedPath = (): string =>
    `${azure.subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-apps`;

  it("keeps its name, is listed, and comes back with all it had, but without role assignments", async () => {
    await put({ softDeleteRetentionInDays: 7 });
    const { body: before } = await azure.arm("GET", vaultId);
    await azure.vault("kv-apps", "PUT", "/secrets/one", { body: { value: "kept" } });
    azure.assign(azure.verifier, "4633458b-17de-408a-b874-0445c86b69e6", vaultId);
    const assignments = Object.keys(azure.tenant.state.arm.roleAssignments).length;
    expect((await azure.arm("DELETE", vaultId)).status).toBe(200);
    expect((await azure.arm("DELETE", vaultId)).status).toBe(204);
    expect(Object.keys(azure.tenant.state.arm.roleAssignments)).toHaveLength(assignments - 1);
    const deleted = await azure.arm("GET", deletedPath());
    expect(deleted.body).toEqual({
      id: deletedPath(),
      name: "kv-apps",
      type: "Microsoft.KeyVault/deletedVaults",
      properties: {
        vaultId,
        location: "westeurope",
        tags: { a: "1" },
        deletionDate: "2026-11-22T10:00:00Z",
        scheduledPurgeDate: "2026-11-29T10:00:00Z",
      },
    });
    const list = await azure.arm("GET", `${azure.subscription}/providers/Microsoft.KeyVault/deletedVaults`);
    expect(list.body.value).toEqual([deleted.body]);
    const taken = await put();
    expect([taken.status, taken.body.error.code]).toEqual([409, "ConflictError"]);
    expect(taken.body.error.message).toContain("A vault with the same name already exists in deleted state.");
    const name = await azure.arm(
      "POST",
      `${azure.subscription}/providers/Microsoft.KeyVault/checkNameAvailability`,
      {
        body: { name: "kv-apps" },
      },
    );
    expect(name.body).toMatchObject({ nameAvailable: false, reason: "AlreadyExists" });
    expect((await azure.vault("kv-apps", "GET", "/secrets/one")).body.error.code).toBe("VaultNotFound");

    const recovered = await put({ createMode: "recover" });
    expect([recovered.status, recovered.body]).toEqual([200, before]);
    expect((await azure.vault("kv-apps", "GET", "/secrets/one")).body.value).toBe("kept");
  });

  it("is purged without purge protection, which needs a right of its own", async () => {
    await put();
    await azure.arm("DELETE", vaultId);
    azure.assign(azure.verifier, "f25e0fa2-a7c8-4377-a976-54943a77a395", azure.subscription);
    expect((await azure.arm("POST", `${deletedPath()}/purge`, { as: azure.verifier })).status).toBe(403);
    const purge = await azure.arm("POST", `${deletedPath()}/purge`);
    const { pathname } = new URL(purge.headers.get("Location") ?? "");
    const polls = [await azure.arm("GET", pathname), await azure.arm("GET", pathname)];
    expect([purge.status, ...polls.map(({ status, body }) => [status, body.status])]).toEqual([
      202,
      [202, "NotStarted"],
      [200, "Succeeded"],
    ]);
    expect((await azure.arm("GET", deletedPath())).body.error.code).toBe("DeletedVaultNotFound");
    expect((await put()).status).toBe(200);
  });

  it("is not purged under purge protection, until its time is over", async () => {
    await put({ enablePurgeProtection: true, softDeleteRetentionInDays: 7 });
    await azure.arm("DELETE", vaultId);
    const purge = await azure.arm("POST", `${deletedPath()}/purge`);
    expect([purge.status, purge.body.error.message]).toEqual([
      405,
      "Operation 'DeletedVaultPurge' is not allowed.",
    ]);
    azure.tenant.clock.advance(7 * day - 1);
    expect((await azure.arm("GET", deletedPath())).body.properties.purgeProtectionEnabled).toBe(true);
    azure.tenant.clock.advance(1);
    expect((await azure.arm("GET", deletedPath())).status).toBe(404);
    expect(azure.tenant.state.vaults).toEqual({});
  });

  it("is not there to recover when nothing was deleted, or elsewhere", async () => {
    const none = await put({ createMode: "recover" });
    expect([none.status, none.body.error.code]).toEqual([404, "DeletedVaultNotFound"]);
  });
});

describe("checkNameAvailability", () => {
  it("says that a free name is free, and wants a name", async () => {
    const path = `${azure.subscription}/providers/Microsoft.KeyVault/checkNameAvailability`;
    expect((await azure.arm("POST", path, { body: { name: "free-name" } })).body).toEqual({
      nameAvailable: true,
    });
    expect((await azure.arm("POST", path, { body: {} })).status).toBe(400);
    expect((await azure.arm("GET", path)).status).toBe(405);
  });
});
