import { beforeEach, describe, expect, it } from "vitest";
import { EmulatedServices, startedAt, type Answer, type Asked } from "../../support/emulatedServices";

const seconds = startedAt.getTime() / 1000;
const vault = "https://kv-apps.vault.azure.net";
let azure: EmulatedServices;
beforeEach(async () => {
  azure = await EmulatedServices.create();
  await azure.makeVault("kv-apps", { enablePurgeProtection: true });
});

function ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
  return azure.vault("kv-apps", method, path, asked);
}

const attributes = { created: seconds, updated: seconds, recoveryLevel: "Recoverable", recoverableDays: 90 };

describe("a vault secret's life", () => {
  it.each(["constructor", "hasOwnProperty"])(
    "begins with its first version under the name %s too",
    async (name) => {
      expect((await ask("GET", `/secrets/${name}/`)).status).toBe(404);
      const tags = { constructor: "1", toString: "2" };
      expect((await ask("PUT", `/secrets/${name}`, { body: { value: "first", tags } })).status).toBe(200);
      expect((await ask("GET", `/secrets/${name}/`)).body).toMatchObject({ value: "first", tags });
    },
  );

  it("goes from set over versions and disabling to deletion, refusal of its name, recovery, refused purge", async () => {
    const missing = await ask("GET", "/secrets/one/");
    expect([missing.status, missing.body]).toEqual([
      404,
      {
        error: {
          code: "SecretNotFound",
          message:
            "A secret with (name/id) one was not found in this key vault. If you recently deleted this secret you may " +
            "be able to recover it using the correct recovery command. For help resolving this issue, please see " +
            "https://go.microsoft.com/fwlink/?linkid=2125182",
        },
      },
    ]);

    const body = {
      value: "first",
      contentType: "text/plain",
      tags: { a: "1" },
      attributes: { exp: seconds - 1, nbf: seconds + 9 },
    };
    const first = await ask("PUT", "/secrets/one", { body });
    const firstId: string = first.body.id;
    const firstVersion = firstId.slice(firstId.lastIndexOf("/") + 1);
    expect(firstVersion).toMatch(/^[0-9a-f]{32}$/);
    const firstProperties = {
      id: `${vault}/secrets/one/${firstVersion}`,
      contentType: "text/plain",
      tags: { a: "1" },
      attributes: { ...attributes, enabled: true, exp: seconds - 1, nbf: seconds + 9 },
    };
    expect([first.status, first.body]).toEqual([200, { value: "first", ...firstProperties }]);
    // Neither expiry nor a start to come keeps the value back.
    for (const path of ["/secrets/one", "/secrets/one/", `/secrets/one/${firstVersion}`, "/secrets/ONE"]) {
      expect((await ask("GET", path)).body).toEqual(first.body);
    }

    azure.tenant.clock.advance(1000);
    const second = await ask("PUT", "/secrets/one", { body: { value: "second" } });
    expect((await ask("GET", "/secrets/one")).body).toEqual(second.body);
    expect((await ask("GET", `/secrets/one/${firstVersion}`)).body.value).toBe("first");

    const disabled = await ask("PATCH", `/secrets/one/${firstVersion}`, {
      body: { attributes: { enabled: false } },
    });
    expect([disabled.status, disabled.body]).toEqual([
      200,
      {
        ...firstProperties,
        attributes: { ...firstProperties.attributes, enabled: false, updated: seconds + 1 },
      },
    ]);
    const refused = await ask("GET", `/secrets/one/${firstVersion}`);
    expect([refused.status, refused.body]).toEqual([
      403,
      {
        error: {
          code: "Forbidden",
          message: "Operation get is not allowed on a disabled secret.",
          innererror: { code: "SecretDisabled" },
        },
      },
    ]);
    const secondProperties = { ...second.body };
    delete secondProperties.value;
    const versions = [disabled.body, secondProperties].sort((one, other) => (one.id < other.id ? -1 : 1));
    expect((await ask("GET", "/secrets/one/versions")).body).toEqual({ value: versions, nextLink: null });
    expect((await ask("GET", "/secrets/none/versions")).body).toEqual({ value: [], nextLink: null });
    const early = await ask("POST", "/deletedsecrets/one/recover");
    expect([early.status, early.body.error.code, early.body.error.innererror.code]).toEqual([
      400,
      "MethodNotAllowed",
      "RequestNotAllowedOnNonDeletedObject",
    ]);
    expect((await ask("GET", "/secrets")).body).toEqual({
      value: [{ ...secondProperties, id: `${vault}/secrets/one` }],
      nextLink: null,
    });

    const deleted = await ask("DELETE", "/secrets/one");
    const expected = {
      ...secondProperties,
      recoveryId: `${vault}/deletedsecrets/one`,
      deletedDate: seconds + 1,
      scheduledPurgeDate: seconds + 1 + 90 * 86_400,
    };
    expect([deleted.status, deleted.body]).toEqual([200, expected]);
    expect((await ask("GET", "/secrets/one")).status).toBe(404);
    // A deletion takes a moment to show.
    expect((await ask("GET", "/deletedsecrets")).body).toEqual({ value: [], nextLink: null });
    expect((await ask("GET", "/deletedsecrets/one")).body).toEqual(expected);
    expect((await ask("GET", "/deletedsecrets")).body).toEqual({
      value: [{ ...expected, id: `${vault}/secrets/one` }],
      nextLink: null,
    });

    const conflict = await ask("PUT", "/secrets/one", { body: { value: "third" } });
    expect([conflict.status, conflict.body]).toEqual([
      409,
      {
        error: {
          code: "Conflict",
          message:
            "Secret one is currently in a deleted but recoverable state, and its name cannot be reused; in this state, " +
            "the secret can only be recovered or purged.",
          innererror: { code: "ObjectIsDeletedButRecoverable" },
        },
      },
    ]);
    const purge = await ask("DELETE", "/deletedsecrets/one");
    expect([purge.status, purge.body.error.code]).toEqual([403, "Forbidden"]);
    expect(purge.body.error.message).toContain(
      'Operation "purge" is not allowed because purge protection is enabled',
    );

    const recovered = await ask("POST", "/deletedsecrets/one/recover");
    expect([recovered.status, recovered.body]).toEqual([200, secondProperties]);
    expect((await ask("GET", "/secrets/one")).body).toEqual(second.body);
    const gone = await ask("GET", "/deletedsecrets/one");
    expect([gone.status, gone.body.error.message]).toEqual([404, "Deleted Secret not found: one"]);
    expect((await ask("POST", "/deletedsecrets/none/recover")).status).toBe(404);
    expect((await ask("DELETE", "/secrets/none")).status).toBe(404);
  });

  it("ends for good by purge without purge protection, or when the retention is over", async () => {
    await azure.makeVault("kv-open", { softDeleteRetentionInDays: 7 });
    const open = (method: string, path: string, asked: Asked = {}): Promise<Answer> =>
      azure.vault("kv-open", method, path, asked);
    const set = await open("PUT", "/secrets/one", { body: { value: "v" } });
    expect(set.body.attributes).toMatchObject({
      recoveryLevel: "CustomizedRecoverable+Purgeable",
      recoverableDays: 7,
    });
    await open("DELETE", "/secrets/one");
    expect((await open("DELETE", "/deletedsecrets/one")).status).toBe(204);
    expect((await open("DELETE", "/deletedsecrets/one")).status).toBe(404);
    expect((await open("PUT", "/secrets/one", { body: { value: "v" } })).status).toBe(200);

    await ask("PUT", "/secrets/kept", { body: { value: "v" } });
    await ask("DELETE", "/secrets/kept");
    azure.tenant.clock.advance(90 * 86_400_000);
    expect((await ask("GET", "/deletedsecrets/kept")).status).toBe(404);
  });

  it("survives in a backup that only this tenant opens", async () => {
    await ask("PUT", "/secrets/one", { body: { value: "first" } });
    await ask("PUT", "/secrets/one", { body: { value: "second" } });
    const { body } = await ask("POST", "/secrets/one/backup");
    expect(Buffer.from(body.value, "base64url").toString("latin1")).not.toContain("second");
    const taken = await ask("POST", "/secrets/restore", { body: { value: body.value } });
    expect([taken.status, taken.body.error.code]).toEqual([409, "Conflict"]);
    await azure.makeVault("kv-open");
    const restored = await azure.vault("kv-open", "POST", "/secrets/restore", {
      body: { value: body.value },
    });
    expect(restored.status).toBe(200);
    expect((await azure.vault("kv-open", "GET", "/secrets/one")).body.value).toBe("second");
    expect((await azure.vault("kv-open", "GET", "/secrets/one/versions")).body.value).toHaveLength(2);
    await ask("DELETE", "/secrets/one");
    const deleted = await ask("POST", "/secrets/restore", { body: { value: body.value } });
    expect(deleted.body.error.innererror.code).toBe("ObjectIsDeletedButRecoverable");
    expect((await ask("POST", "/secrets/restore", { body: { value: "x" } })).body.error.code).toBe(
      "BadParameter",
    );
  });

  it("changes the current version by PATCH without a version, and what is left out stays", async () => {
    await ask("PUT", "/secrets/one", { body: { value: "v", contentType: "text/plain" } });
    const { status, body } = await ask("PATCH", "/secrets/one/", {
      body: { tags: { a: "1" }, attributes: { exp: 7 } },
    });
    expect([status, body.tags, body.contentType, body.attributes.exp]).toEqual([
      200,
      { a: "1" },
      "text/plain",
      7,
    ]);
    expect((await ask("PATCH", `/secrets/one/${"0".repeat(32)}`, { body: {} })).status).toBe(404);
    expect((await ask("PATCH", "/secrets/one", { body: { value: "w" } })).body.error.code).toBe(
      "BadParameter",
    );
  });
});

describe("lists of secrets", () => {
  it("come in pages of 25 or fewer, with absolute links", async () => {
    for (let count = 10; count <= 35; count++)
      await ask("PUT", `/secrets/s${count}`, { body: { value: "v" } });
    const first = await ask("GET", "/secrets");
    expect(first.body.value).toHaveLength(25);
    expect(first.body.nextLink).toMatch(
      /^https:\/\/kv-apps\.vault\.azure\.net:443\/secrets\?api-version=7\.6&\$skiptoken=[\w-]+$/,
    );
    const { pathname, search } = new URL(first.body.nextLink);
    const second = await ask("GET", `${pathname}${search}`);
    expect(second.body).toMatchObject({ value: [{ id: `${vault}/secrets/s35` }], nextLink: null });
    expect((await ask("GET", "/secrets?maxresults=1")).body.value).toHaveLength(1);
  });

  it("refuse a way to the next page that is none", async () => {
    const { status, body } = await ask("GET", "/secrets?$skiptoken=25");
    expect([status, body.error.code]).toEqual([400, "BadParameter"]);
  });

  it.each(["0", "26", "x"])("refuse pages of %s", async (size) => {
    const { status, body } = await ask("GET", `/secrets?maxresults=${size}`);
    expect([status, body.error.code]).toEqual([400, "BadParameter"]);
  });
});

describe("a malformed request", () => {
  it.each([
    ["no value", "one", {}],
    ["a value that is no text", "one", { value: 1 }],
    ["a body that is no object", "one", []],
    ["a name with an underscore", "a_b", { value: "v" }],
    ["a name of 128 characters", "a".repeat(128), { value: "v" }],
    ["more than 25 KiB", "one", { value: "x".repeat(25 * 1024 + 1) }],
    [
      "16 tags",
      "one",
      { value: "v", tags: Object.fromEntries([...Array(16).keys()].map((key) => [`t${key}`, ""])) },
    ],
    ["an expiry that is a date", "one", { value: "v", attributes: { exp: "2027-01-01" } }],
  ])("is refused with %s", async (_, name, body) => {
    const answer = await ask("PUT", `/secrets/${name}`, { body });
    expect([answer.status, answer.body.error.code]).toEqual([400, "BadParameter"]);
  });

  it("is refused without api-version, or with one that never was", async () => {
    expect((await ask("GET", "/secrets", { apiVersion: null })).body.error).toEqual({
      code: "BadParameter",
      message: "api-version must be specified",
    });
    expect((await ask("GET", "/secrets", { apiVersion: "6" })).status).toBe(400);
    for (const apiVersion of ["7.4", "7.6-preview.2", "2025-07-01", "2026-04-01"]) {
      expect((await ask("GET", "/secrets", { apiVersion })).status).toBe(200);
    }
  });

  it("is answered with 501 and the path where nothing is emulated", async () => {
    const asked: [string, string][] = [
      ["GET", "/keys/one/rotationpolicy"],
      ["POST", "/keys/one/encrypt"],
      ["GET", "/certificates/issuers"],
      ["GET", "/storage"],
      ["PUT", "/secrets"],
      ["POST", "/secrets/one/rotate"],
      ["POST", "/deletedsecrets/one"],
      ["GET", "/secrets/one/versions/two"],
      ["DELETE", "/secrets/one/two"],
    ];
    for (const [method, path] of asked) {
      const { status, body } = await ask(method, path, method === "PUT" ? { body: {} } : {});
      expect([path, status]).toEqual([path, 501]);
      expect(body.error.message).toContain(path);
    }
  });
});
