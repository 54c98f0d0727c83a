import { beforeEach, describe, expect, it } from "vitest";
import { isInRange } from "../../../core/vault/ipv4Range";
import { EmulatedServices, type Answer, type Asked } from "../../support/emulatedServices";

const secretsUser = "4633458b-17de-408a-b874-0445c86b69e6";
let azure: EmulatedServices;
let vaultId: string;
beforeEach(async () => {
  azure = await EmulatedServices.create();
  vaultId = await azure.makeVault("kv-apps");
  for (const name of ["one", "two"])
    await azure.vault("kv-apps", "PUT", `/secrets/${name}`, { body: { value: name } });
});

function ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
  return azure.vault("kv-apps", method, path, asked);
}

const routes: [method: string, path: string, dataAction: string][] = [
  ["GET", "/secrets", "readMetadata/action"],
  ["GET", "/secrets/one", "getSecret/action"],
  ["GET", "/secrets/one/versions", "readMetadata/action"],
  ["PUT", "/secrets/one", "setSecret/action"],
  ["PATCH", "/secrets/one/", "update/action"],
  ["DELETE", "/secrets/one", "delete"],
  ["POST", "/secrets/one/backup", "backup/action"],
  ["POST", "/secrets/restore", "restore/action"],
  ["GET", "/deletedsecrets", "readMetadata/action"],
  ["GET", "/deletedsecrets/one", "readMetadata/action"],
  ["POST", "/deletedsecrets/one/recover", "recover/action"],
  ["DELETE", "/deletedsecrets/one", "purge/action"],
];

describe("the challenge", () => {
  it.each(routes)("answers %s %s without a token, whatever its body and version", async (method, path) => {
    const { status, headers, body } = await ask(method, path, { as: null, apiVersion: null });
    expect([status, body]).toEqual([
      401,
      { error: { code: "Unauthorized", message: "AKV10000: Request is missing a Bearer or PoP token." } },
    ]);
    expect(headers.get("WWW-Authenticate")).toBe(
      `Bearer authorization="https://login.microsoftonline.com/${azure.tenant.state.tenantId}", resource="https://vault.azure.net"`,
    );
  });

  it("answers tokens for other services and tokens that have expired too", async () => {
    const other = await ask("GET", "/secrets", { audience: "https://management.azure.com/" });
    expect([other.status, other.body.error.message]).toEqual([
      401,
      "AKV10022: Invalid audience. Expected https://vault.azure.net.",
    ]);
    const expired = await ask("GET", "/secrets", { lifetimeSeconds: 0 });
    expect([expired.status, expired.body.error.message]).toEqual([
      401,
      expect.stringContaining("TokenExpired"),
    ]);
    expect(expired.headers.has("WWW-Authenticate")).toBe(true);
  });

  it("is not reached for a vault that is not there", async () => {
    const { status, body } = await azure.vault("kv-none", "GET", "/secrets", { as: null });
    expect([status, body.error.code]).toEqual([404, "VaultNotFound"]);
  });
});

describe("a vault with RBAC", () => {
  it.each(routes)("refuses %s %s to whom lacks %s", async (method, path, dataAction) => {
    const { status, body } = await ask(method, path, {
      as: azure.verifier,
      body: method === "GET" ? undefined : {},
    });
    expect([status, body.error.code, body.error.innererror.code]).toEqual([
      403,
      "Forbidden",
      "ForbiddenByRbac",
    ]);
    expect(body.error.message).toContain(`\r\nAction: 'Microsoft.KeyVault/vaults/secrets/${dataAction}'\r\n`);
  });

  it("says who lacks what, where, in Azure's words", async () => {
    const { body } = await ask("GET", "/secrets/one", { as: azure.verifier });
    const { clientId, objectId } = azure.tenant.identities.verifier;
    expect(body.error.message).toBe(
      "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role " +
        "definitions were changed recently, please observe propagation time.\r\n" +
        `Caller: appid=${clientId};oid=${objectId};iss=https://sts.windows.net/${azure.tenant.state.tenantId}/\r\n` +
        "Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\n" +
        `Resource: '${vaultId.toLowerCase()}/secrets/one'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\n` +
        "DecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: kv-apps;location=westeurope\r\n",
    );
  });

  it("opens a single secret to whom has a role at it", async () => {
    azure.assign(azure.verifier, secretsUser, `${vaultId}/secrets/one`);
    const statuses = await Promise.all(
      ["/secrets/one", "/secrets/one/versions", "/secrets/two", "/secrets"].map(
        async (path) => (await ask("GET", path, { as: azure.verifier })).status,
      ),
    );
    expect(statuses).toEqual([200, 200, 403, 403]);
  });

  it("lets a new assignment wait for the lag", async () => {
    azure.tenant.faults = { rbacLagSeconds: 600 };
    azure.assign(azure.verifier, secretsUser, vaultId);
    expect((await ask("GET", "/secrets/one", { as: azure.verifier })).status).toBe(403);
    azure.tenant.clock.advance(600_000);
    expect((await ask("GET", "/secrets/one", { as: azure.verifier })).status).toBe(200);
  });

  it("does not heed access policies, nor Owner", async () => {
    const { properties } = (await azure.arm("GET", vaultId)).body;
    await azure.arm("PUT", vaultId, {
      body: {
        location: "westeurope",
        properties: {
          ...properties,
          accessPolicies: [{ objectId: azure.verifier, permissions: { secrets: ["get"] } }],
        },
      },
    });
    azure.assign(azure.verifier, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", azure.subscription);
    expect((await ask("GET", "/secrets/one", { as: azure.verifier })).status).toBe(403);
  });
});

describe("a vault with access policies", () => {
  it("heeds them, and no role", async () => {
    const policy = (secrets: string[]): object => ({
      tenantId: azure.tenant.state.tenantId,
      objectId: azure.verifier.toUpperCase(),
      permissions: { secrets },
    });
    const use = async (secrets: string[]): Promise<number[]> => {
      await azure.makeVaultWithPolicies("kv-policies", [policy(secrets)]);
      const as = azure.verifier;
      const set = await azure.vault("kv-policies", "PUT", "/secrets/one", { as, body: { value: "v" } });
      const get = await azure.vault("kv-policies", "GET", "/secrets/one", { as });
      const list = await azure.vault("kv-policies", "GET", "/secrets", { as });
      await azure.vault("kv-policies", "DELETE", "/secrets/one", { as });
      const purge = await azure.vault("kv-policies", "DELETE", "/deletedsecrets/one", { as });
      return [set.status, get.status, list.status, purge.status];
    };
    azure.assign(azure.verifier, "00482a5a-887f-4fb3-b363-3b7fe8e74483", azure.subscription);
    expect(await use(["list"])).toEqual([403, 403, 200, 403]);
    expect(await use(["Get", "Set", "Delete"])).toEqual([200, 200, 403, 403]);
    await azure.vault("kv-policies", "POST", "/deletedsecrets/one/recover", { as: azure.verifier });
    const refused = await azure.vault("kv-policies", "GET", "/secrets", { as: azure.verifier });
    expect(refused.body.error).toEqual({
      code: "Forbidden",
      message: expect.stringContaining(
        "does not have secrets list permission on key vault 'kv-policies;location=westeurope'.",
      ),
      innererror: { code: "AccessDenied" },
    });
  });

  it("takes all as everything but purge", async () => {
    const secrets = ["all"];
    await azure.makeVaultWithPolicies("kv-policies", [
      { objectId: azure.verifier, permissions: { secrets } },
    ]);
    const as = azure.verifier;
    await azure.vault("kv-policies", "PUT", "/secrets/one", { as, body: { value: "v" } });
    expect((await azure.vault("kv-policies", "DELETE", "/secrets/one", { as })).status).toBe(200);
    expect((await azure.vault("kv-policies", "DELETE", "/deletedsecrets/one", { as })).status).toBe(403);
  });
});

describe("a vault's firewall", () => {
  it.each([
    [undefined, ["203.0.113.0/24"], 403],
    ["203.0.113.9", ["203.0.113.0/24"], 200],
    ["203.0.113.9", ["203.0.113.9"], 200],
    ["203.0.113.9", [], 403],
    [undefined, ["0.0.0.0/0"], 200],
  ])("sees %s, allows %j: %i", async (callerAddress, ranges, status) => {
    await azure.makeVault("kv-walled", {
      networkAcls: { defaultAction: "Deny", ipRules: ranges.map((value) => ({ value })) },
    });
    azure.tenant.faults = callerAddress === undefined ? {} : { callerAddress };
    const answer = await azure.vault("kv-walled", "GET", "/secrets");
    expect(answer.status).toBe(status);
    if (status === 200) return;
    expect(answer.body.error.innererror.code).toBe("ForbiddenByFirewall");
    expect(answer.body.error.message).toContain(`Client address: ${callerAddress ?? "127.0.0.1"}\r\n`);
  });

  it("does not stop the challenge, nor ARM", async () => {
    const walledId = await azure.makeVault("kv-walled", {
      networkAcls: { defaultAction: "Deny", ipRules: [] },
    });
    expect((await azure.vault("kv-walled", "GET", "/secrets", { as: null })).status).toBe(401);
    const body = { properties: { value: "v" } };
    expect((await azure.arm("PUT", `${walledId}/secrets/one`, { body })).status).toBe(201);
  });

  it("stops everyone without public access", async () => {
    await azure.makeVault("kv-private", { publicNetworkAccess: "Disabled" });
    const { status, body } = await azure.vault("kv-private", "GET", "/secrets");
    expect([status, body.error.innererror.code]).toEqual([403, "ForbiddenByConnection"]);
  });
});

describe("isInRange", () => {
  it.each([
    ["10.0.0.1", "10.0.0.0/8", true],
    ["11.0.0.1", "10.0.0.0/8", false],
    ["10.0.0.1", "10.0.0.1/32", true],
    ["10.0.0.2", "10.0.0.1", false],
    ["255.255.255.255", "0.0.0.0/0", true],
    ["192.168.1.127", "192.168.1.0/25", true],
    ["192.168.1.128", "192.168.1.0/25", false],
  ])("%s in %s: %s", (address, range, expected) => {
    expect(isInRange(address, range)).toBe(expected);
  });
});

describe("every answer", () => {
  it("carries Key Vault's headers", async () => {
    const { headers } = await ask("GET", "/secrets/one");
    expect(headers.get("x-ms-keyvault-region")).toBe("westeurope");
    expect(headers.get("x-ms-keyvault-network-info")).toBe(
      "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;",
    );
    expect(headers.get("Cache-Control")).toBe("no-cache");
    expect(headers.get("x-ms-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});
