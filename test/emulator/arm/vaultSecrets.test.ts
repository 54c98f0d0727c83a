import { beforeEach, describe, expect, it } from "vitest";
import { EmulatedServices, startedAt } from "../../support/emulatedServices";

const seconds = startedAt.getTime() / 1000;
const expires = seconds + 86_400;
let azure: EmulatedServices;
let secretId: string;
beforeEach(async () => {
  azure = await EmulatedServices.create();
  secretId = `${await azure.makeVault("kv-apps")}/secrets/CopilotAPIAuth`;
});

const content = {
  tags: { keyId: "k1", sequence: "1" },
  properties: { value: "first", contentType: "text/plain", attributes: { enabled: true, exp: expires } },
};

function put(body: object): ReturnType<EmulatedServices["arm"]> {
  return azure.arm("PUT", secretId, { body });
}

function values(): string[] {
  const versions = azure.tenant.state.vaults["kv-apps"]?.secrets["copilotapiauth"]?.versions ?? [];
  return versions.map(({ value }) => value);
}

describe("an ARM secret", () => {
  it("is missing, made, read, listed, and never shows its value", async () => {
    const missing = await azure.arm("GET", secretId);
    expect([missing.status, missing.body.error.code]).toEqual([404, "SecretNotFound"]);
    const made = await put(content);
    const version = made.body.properties.secretUriWithVersion.split("/").at(-1);
    expect(version).toMatch(/^[0-9a-f]{32}$/);
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: secretId,
        name: "CopilotAPIAuth",
        type: "Microsoft.KeyVault/vaults/secrets",
        location: "westeurope",
        tags: { keyId: "k1", sequence: "1" },
        properties: {
          contentType: "text/plain",
          attributes: { enabled: true, exp: expires, created: seconds, updated: seconds },
          secretUri: "https://kv-apps.vault.azure.net/secrets/CopilotAPIAuth",
          secretUriWithVersion: `https://kv-apps.vault.azure.net/secrets/CopilotAPIAuth/${version}`,
        },
      },
    ]);
    expect(
      (await azure.arm("GET", secretId.toLowerCase().replace("/resourcegroups", "/resourceGroups"))).body,
    ).toEqual(made.body);
    const list = await azure.arm("GET", secretId.slice(0, secretId.lastIndexOf("/")));
    expect(list.body).toEqual({ value: [made.body] });
    expect(values()).toEqual(["first"]);
  });

  it.each([
    ["nothing", content, 1],
    ["nothing but the order of its tags", { ...content, tags: { sequence: "1", keyId: "k1" } }, 1],
    ["the value", { ...content, properties: { ...content.properties, value: "second" } }, 2],
    ["the content type", { ...content, properties: { ...content.properties, contentType: "x" } }, 2],
    ["the tags", { ...content, tags: { keyId: "k2" } }, 2],
    [
      "the expiry",
      { ...content, properties: { ...content.properties, attributes: { exp: expires + 1 } } },
      2,
    ],
    [
      "enabled",
      { ...content, properties: { ...content.properties, attributes: { exp: expires, enabled: false } } },
      2,
    ],
  ])("put again with a change of %s", async (_, body, versions) => {
    await put(content);
    expect((await put(body)).status).toBe(200);
    expect(values()).toHaveLength(versions);
  });

  it("changes its properties by PATCH in the version that there is, its value in a new one", async () => {
    await put(content);
    const tagged = await azure.arm("PATCH", secretId, { body: { tags: { keyId: "k9" } } });
    expect([tagged.status, tagged.body.tags, values().length]).toEqual([200, { keyId: "k9" }, 1]);
    const valued = await azure.arm("PATCH", secretId, { body: { properties: { value: "patched" } } });
    expect(valued.body.properties.contentType).toBe("text/plain");
    expect(values()).toEqual(["first", "patched"]);
  });

  it("is refused without vault, value or a good name, and cannot be deleted here", async () => {
    const noVault = await azure.arm("PUT", secretId.replace("kv-apps", "kv-none"), { body: content });
    expect([noVault.status, noVault.body.error.code]).toEqual([404, "ParentResourceNotFound"]);
    expect((await put({ properties: {} })).status).toBe(400);
    expect((await put({ properties: { value: 7 } })).status).toBe(400);
    const badName = await azure.arm("PUT", secretId.replace("CopilotAPIAuth", "a_b"), { body: content });
    expect([badName.status, badName.body.error.code]).toEqual([400, "BadRequest"]);
    const removal = await azure.arm("DELETE", secretId);
    expect([removal.status, removal.body.error.code]).toEqual([405, "MethodNotAllowed"]);
  });

  it("is refused while its name is soft-deleted, and goes on after a recovery with the old versions", async () => {
    await put(content);
    await azure.vault("kv-apps", "DELETE", "/secrets/CopilotAPIAuth");
    expect((await azure.arm("GET", secretId)).status).toBe(404);
    const conflict = await put(content);
    expect([conflict.status, conflict.body.error.code]).toEqual([409, "Conflict"]);
    await azure.vault("kv-apps", "POST", "/deletedsecrets/CopilotAPIAuth/recover");
    await put({ ...content, properties: { ...content.properties, value: "second" } });
    expect(values()).toEqual(["first", "second"]);
  });

  it("is read with Reader, written with Key Vault Contributor, neither with Secrets Officer", async () => {
    await put(content);
    const as = azure.verifier;
    const statuses = async (): Promise<number[]> => [
      (await azure.arm("GET", secretId, { as })).status,
      (await azure.arm("PUT", secretId, { as, body: content })).status,
    ];
    expect(await statuses()).toEqual([403, 403]);
    azure.assign(as, "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", secretId);
    expect(await statuses()).toEqual([200, 403]);
    azure.assign(as, "f25e0fa2-a7c8-4377-a976-54943a77a395", secretId);
    expect(await statuses()).toEqual([200, 200]);
  });
});
