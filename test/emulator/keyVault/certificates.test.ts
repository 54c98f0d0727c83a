import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  X509Certificate,
} from "node:crypto";
import type { AddressInfo } from "node:net";
import { connect, createSecureContext, createServer } from "node:tls";
import { beforeEach, describe, expect, it } from "vitest";
import { EmulatedServices, startedAt, type Answer, type Asked } from "../../support/emulatedServices";

const seconds = startedAt.getTime() / 1000;
const vault = "https://kv-apps.vault.azure.net";
const attributes = {
  enabled: true,
  created: seconds,
  updated: seconds,
  recoveryLevel: "Recoverable+Purgeable",
  recoverableDays: 90,
};
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
let azure: EmulatedServices;
beforeEach(async () => {
  azure = await EmulatedServices.create();
  const vaultId = await azure.makeVault("kv-apps");
  const keyVaultAdministrator = "00482a5a-887f-4fb3-b363-3b7fe8e74483";
  azure.assign(azure.tenant.identities.deployer.objectId, keyVaultAdministrator, vaultId);
});

function ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
  return azure.vault("kv-apps", method, path, asked);
}

function codesOf({ status, body }: Answer): unknown[] {
  return [status, body.error.code, body.error.innererror?.code];
}

const policy = {
  key_props: { exportable: false, kty: "RSA", key_size: 2048, reuse_key: false },
  secret_props: { contentType: "application/x-pem-file" },
  x509_props: { subject: "CN=CopilotAPIAuth", validity_months: 6 },
  issuer: { name: "Self" },
};

async function createOne(name = "one", given: object = policy): Promise<Answer> {
  await ask("POST", `/certificates/${name}/create`, { body: { policy: given } });
  await ask("GET", `/certificates/${name}/pending`);
  await ask("GET", `/certificates/${name}/pending`);
  return ask("GET", `/certificates/${name}`);
}

/** The certificate that a TLS server shows which has nothing but a PKCS #12 file. */
async function presentedBy(pfx: Buffer): Promise<Buffer> {
  const server = createServer({ pfx, passphrase: "" });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await new Promise<void>((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  server.close();
  return raw;
}

describe("a vault's key", () => {
  it("is made, read, versioned, switched off, deleted and recovered", async () => {
    expect(codesOf(await ask("GET", "/keys/one"))).toEqual([404, "KeyNotFound", undefined]);
    const made = await ask("POST", "/keys/one/create", {
      body: { kty: "RSA", attributes: { enabled: true } },
    });
    expect([made.status, made.body]).toEqual([
      200,
      {
        key: {
          kid: expect.stringMatching(/^https:\/\/kv-apps\.vault\.azure\.net\/keys\/one\/[0-9a-f]{32}$/),
          kty: "RSA",
          key_ops: ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"],
          n: expect.stringMatching(/^[\w-]{342}$/),
          e: "AQAB",
        },
        attributes: { ...attributes, exportable: false, hsmPlatform: "0" },
      },
    ]);
    const version: string = made.body.key.kid.split("/").pop();
    expect((await ask("GET", "/keys/ONE/")).body).toEqual(made.body);
    const second = await ask("POST", "/keys/one/create", { body: { kty: "RSA" } });
    expect((await ask("GET", "/keys/one")).body.key.n).toBe(second.body.key.n);
    expect((await ask("GET", `/keys/one/${version}`)).body).toEqual(made.body);
    expect((await ask("GET", "/keys/one/versions")).body.value).toHaveLength(2);
    expect((await ask("GET", "/keys")).body.value).toEqual([
      { kid: `${vault}/keys/one`, attributes: { ...attributes } },
    ]);

    await ask("PATCH", `/keys/one/${version}`, { body: { attributes: { enabled: false } } });
    const digest = Buffer.alloc(32, 7).toString("base64url");
    const signing = (id: string, alg = "PS256", value = digest) =>
      ask("POST", `/keys/one/${id}/sign`, { body: { alg, value } });
    expect(codesOf(await signing(version))).toEqual([403, "Forbidden", "KeyDisabled"]);
    expect((await signing("")).status).toBe(200);
    expect(codesOf(await signing("", "ES256"))).toEqual([400, "BadParameter", undefined]);
    expect((await signing("", "RS256", "AAAA")).body.error.message).toBe(
      "Invalid length of 'value': 3 bytes. RS256 requires 32 bytes, encoded with base64url.",
    );

    expect((await ask("DELETE", "/keys/one")).body.recoveryId).toBe(`${vault}/deletedkeys/one`);
    expect(codesOf(await ask("POST", "/keys/one/create", { body: { kty: "RSA" } }))).toEqual([
      409,
      "Conflict",
      "ObjectIsDeletedButRecoverable",
    ]);
    expect(codesOf(await ask("GET", "/deletedkeys/one"))[1]).toBe("KeyNotFound");
    expect((await ask("GET", "/deletedkeys")).body.value).toHaveLength(1);
    expect((await ask("POST", "/deletedkeys/one/recover")).body.key.n).toBe(second.body.key.n);
    await ask("DELETE", "/keys/one");
    expect((await ask("DELETE", "/deletedkeys/one")).status).toBe(204);
    expect((await ask("POST", "/keys/one/create", { body: { kty: "RSA" } })).status).toBe(200);
  });

  it.each([
    ["PS256", "sha256", 32],
    ["RS256", "sha256", 32],
    ["PS384", "sha384", 48],
    ["RS512", "sha512", 64],
  ])("signs a digest by %s as OpenSSL verifies it, and verifies OpenSSL's", async (alg, hash, length) => {
    const jwk = privateKey.export({ format: "jwk" });
    const imported = await ask("PUT", "/keys/mine", { body: { key: jwk } });
    expect(imported.body.key.n).toBe(jwk.n);
    const data = Buffer.from("signed data");
    const digest = createHash(hash).update(data).digest();
    expect(digest).toHaveLength(length);
    const signed = await ask("POST", "/keys/mine/sign", {
      body: { alg, value: digest.toString("base64url") },
    });
    expect(signed.body.kid).toBe(imported.body.key.kid);
    const padding = alg.startsWith("PS") ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
    const salted = { padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    const publicKey = { key: createPublicKey(privateKey), ...salted };
    expect(verify(hash, data, publicKey, Buffer.from(signed.body.value, "base64url"))).toBe(true);

    const openSsl = sign(hash, data, { key: privateKey, ...salted });
    const verifying = (signature: Buffer) =>
      ask("POST", "/keys/mine/verify", {
        body: { alg, digest: digest.toString("base64url"), value: signature.toString("base64url") },
      });
    expect((await verifying(openSsl)).body).toEqual({ value: true });
    openSsl[5] = (openSsl[5] ?? 0) ^ 1;
    expect((await verifying(openSsl)).body).toEqual({ value: false });
  });

  it("does not sign before or after its time, nor what it was not made for", async () => {
    const signing = { body: { alg: "PS256", value: Buffer.alloc(32).toString("base64url") } };
    await ask("POST", "/keys/late/create", {
      body: { kty: "RSA", attributes: { nbf: seconds + 10, exp: seconds + 20 } },
    });
    await ask("POST", "/keys/closed/create", { body: { kty: "RSA", key_ops: ["verify"] } });
    expect(codesOf(await ask("POST", "/keys/closed/sign", signing))[2]).toBe("KeyOperationForbidden");
    expect((await ask("POST", "/keys/late/sign", signing)).status).toBe(403);
    azure.tenant.clock.advance(10_000);
    expect((await ask("POST", "/keys/late/sign", signing)).status).toBe(200);
    azure.tenant.clock.advance(10_000);
    expect((await ask("POST", "/keys/late/sign", signing)).status).toBe(403);
  });
});

describe("a vault's certificate", () => {
  it("is made while its client polls, with a key and a secret of its own", async () => {
    const larger = { ...policy, key_props: { ...policy.key_props, key_size: 3072 } };
    const created = await ask("POST", "/certificates/one/create", { body: { policy: larger } });
    const { csr, request_id: requestId, ...operation } = created.body;
    delete operation.status_details;
    expect([created.status, created.headers.get("Location"), operation]).toEqual([
      202,
      `${vault}/certificates/one/pending?request_id=${requestId}`,
      {
        id: `${vault}/certificates/one/pending`,
        issuer: { name: "Self" },
        cancellation_requested: false,
        status: "inProgress",
      },
    ]);
    expect(Buffer.from(csr, "base64")).toHaveLength(Buffer.from(csr, "base64").readUInt16BE(2) + 4);
    const unfinished = await ask("GET", "/certificates/one");
    expect([unfinished.status, unfinished.body.sid, unfinished.body.attributes.enabled]).toEqual([
      200,
      undefined,
      false,
    ]);
    const done = await ask("GET", "/certificates/one/pending");
    expect([done.body.status, done.body.target]).toEqual(["completed", `${vault}/certificates/one`]);

    const { status, body } = await ask("GET", "/certificates/one");
    const version: string = body.id.split("/").pop();
    const certificate = new X509Certificate(Buffer.from(body.cer, "base64"));
    expect([status, body]).toEqual([
      200,
      {
        id: `${vault}/certificates/one/${version}`,
        kid: `${vault}/keys/one/${version}`,
        sid: `${vault}/secrets/one/${version}`,
        x5t: createHash("sha1").update(certificate.raw).digest("base64url"),
        cer: certificate.raw.toString("base64"),
        attributes: { ...attributes, nbf: seconds - 600, exp: Date.parse("2027-05-22T09:50:00Z") / 1000 },
        policy: {
          ...larger,
          id: `${vault}/certificates/one/policy`,
          x509_props: {
            ...policy.x509_props,
            ekus: ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
            key_usage: ["digitalSignature", "keyEncipherment"],
            basic_constraints: { ca: false },
          },
          lifetime_actions: [{ trigger: { lifetime_percentage: 80 }, action: { action_type: "AutoRenew" } }],
          attributes: { enabled: true, created: seconds, updated: seconds },
        },
      },
    ]);
    expect([certificate.subject, certificate.validTo]).toEqual([
      "CN=CopilotAPIAuth",
      "May 22 09:50:00 2027 GMT",
    ]);
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
    const key = await ask("GET", "/keys/one");
    expect([key.body.key.kid, key.body.managed, key.body.key.n]).toEqual([
      body.kid,
      true,
      certificate.publicKey.export({ format: "jwk" }).n,
    ]);
    // Non-exportable: the secret is the certificate alone.
    const secret = await ask("GET", "/secrets/one");
    expect(secret.body.value).not.toContain("PRIVATE KEY");
    expect(new X509Certificate(secret.body.value).raw).toEqual(certificate.raw);
  });

  it("gives its private key away if its policy says so", async () => {
    const exportable = { ...policy, key_props: { ...policy.key_props, exportable: true } };
    const certificate = await createOne("open", exportable);
    const { value } = (await ask("GET", "/secrets/open")).body;
    expect(new X509Certificate(value).checkPrivateKey(createPrivateKey(value))).toBe(true);
    expect(certificate.body.policy.key_props.exportable).toBe(true);
  });

  it("gives its private key away as a PKCS #12 file without a password, by the policy's content type", async () => {
    const given = {
      ...policy,
      key_props: { ...policy.key_props, exportable: true },
      secret_props: { contentType: "application/x-pkcs12" },
    };
    const certificate = await createOne("file", given);
    const { value, contentType } = (await ask("GET", "/secrets/file")).body;
    const pfx = Buffer.from(value, "base64");
    expect([contentType, await presentedBy(pfx)]).toEqual([
      "application/x-pkcs12",
      Buffer.from(certificate.body.cer, "base64"),
    ]);
    const byte = pfx.length - 40;
    pfx[byte] = (pfx[byte] ?? 0) ^ 1;
    expect(() => createSecureContext({ pfx, passphrase: "" })).toThrow("mac verify failure");

    await createOne("sealed", { ...given, key_props: policy.key_props });
    const { value: sealed } = (await ask("GET", "/secrets/sealed")).body;
    expect(Buffer.from(sealed, "base64").length).toBeLessThan(Buffer.from(value, "base64").length - 1000);
  });

  it("keeps its current version until the next one is done, and takes its key and secret with it", async () => {
    const first = await createOne();
    await ask("POST", "/certificates/one/create", { body: {} });
    expect((await ask("GET", "/certificates/one")).body.id).toBe(first.body.id);
    const second = await ask("GET", "/certificates/one");
    expect(second.body.id).not.toBe(first.body.id);
    expect(second.body.policy.x509_props).toEqual(first.body.policy.x509_props);
    expect((await ask("GET", "/certificates/one/versions")).body.value).toHaveLength(2);
    expect(codesOf(await ask("PUT", "/secrets/one", { body: { value: "x" } }))).toEqual([
      403,
      "Forbidden",
      "SecretManaged",
    ]);
    expect(codesOf(await ask("DELETE", "/keys/one"))).toEqual([403, "Forbidden", "KeyManaged"]);

    const { pathname } = new URL(first.body.id);
    await ask("PATCH", pathname, { body: { attributes: { enabled: false } } });
    const signing = { body: { alg: "PS256", value: Buffer.alloc(32).toString("base64url") } };
    const old = `/keys/one/${pathname.split("/").pop() ?? ""}/sign`;
    expect(codesOf(await ask("POST", old, signing))[2]).toBe("KeyDisabled");

    await ask("DELETE", "/certificates/one");
    expect((await ask("GET", "/keys/one")).status).toBe(404);
    expect((await ask("GET", "/secrets/one")).status).toBe(404);
    const recovered = await ask("POST", "/deletedcertificates/one/recover");
    expect(recovered.body).toEqual((await ask("GET", "/certificates/one")).body);
    expect((await ask("GET", "/keys/one")).body.key.kid).toBe(second.body.kid);
    await ask("DELETE", "/certificates/one");
    expect((await ask("DELETE", "/deletedcertificates/one")).status).toBe(204);
    expect((await ask("PUT", "/secrets/one", { body: { value: "x" } })).status).toBe(200);
  });

  it("is imported as PEM, and must be its key's", async () => {
    const exportable = { ...policy, key_props: { ...policy.key_props, exportable: true } };
    const original = await createOne("source", exportable);
    const { value } = (await ask("GET", "/secrets/source")).body;
    const body = {
      value: Buffer.from(value).toString("base64"),
      policy: { secret_props: policy.secret_props },
    };
    const imported = await ask("POST", "/certificates/copy/import", { body });
    expect([imported.body.x5t, imported.body.policy.x509_props]).toEqual([
      original.body.x5t,
      { ...original.body.policy.x509_props },
    ]);
    const other =
      privateKey.export({ type: "pkcs8", format: "pem" }).toString() +
      String(value.split("-----END PRIVATE KEY-----\n")[1]);
    expect(codesOf(await ask("POST", "/certificates/bad/import", { body: { value: other } }))).toEqual([
      400,
      "BadParameter",
      undefined,
    ]);
    expect((await ask("POST", "/certificates/bad/import", { body: { value: "MIIK" } })).status).toBe(501);
    expect(
      (
        await ask("POST", "/certificates/bad/create", {
          body: { policy: { ...policy, issuer: { name: "Unknown" } } },
        })
      ).status,
    ).toBe(501);
  });

  it("needs rights of its own: for certificates, for keys, for signing", async () => {
    await azure.makeVault("kv-rbac", { enableRbacAuthorization: true });
    const request = (method: string, path: string) =>
      azure.vault("kv-rbac", method, path, {
        as: azure.verifier,
        ...(method === "POST" ? { body: { policy } } : {}),
      });
    const refused = await request("POST", "/certificates/one/create");
    expect([...codesOf(refused), refused.body.error.message.split("\r\n")[3]]).toEqual([
      403,
      "Forbidden",
      "ForbiddenByRbac",
      "Action: 'Microsoft.KeyVault/vaults/certificates/create/action'",
    ]);
    expect((await request("POST", "/keys/one/sign")).body.error.message).toContain("vaults/keys/sign/action");
    expect((await request("GET", "/keys")).body.error.message).toContain("vaults/keys/read");
  });
});
