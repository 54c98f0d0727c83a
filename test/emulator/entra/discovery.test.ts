import { createHash, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { TestDirectory } from "../../support/directory";

const login = "https://login.microsoftonline.com";
let directory: TestDirectory;
let tenantId: string;

beforeAll(async () => {
  directory = await TestDirectory.create();
  tenantId = directory.tenant.state.tenantId;
});

describe("discovery", () => {
  it("names issuer, token endpoint and keys of version 2", async () => {
    const { status, body } = await directory.get(
      `${login}/${tenantId}/v2.0/.well-known/openid-configuration`,
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      issuer: `${login}/${tenantId}/v2.0`,
      token_endpoint: `${login}/${tenantId}/oauth2/v2.0/token`,
      authorization_endpoint: `${login}/${tenantId}/oauth2/v2.0/authorize`,
      jwks_uri: `${login}/${tenantId}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    });
  });

  it("names those of version 1, also at the other sign-in hosts", async () => {
    for (const host of ["login.microsoftonline.com", "login.windows.net", "sts.windows.net"]) {
      const { body } = await directory.get(`https://${host}/${tenantId}/.well-known/openid-configuration`);
      expect(body).toMatchObject({
        issuer: `https://sts.windows.net/${tenantId}/`,
        token_endpoint: `${login}/${tenantId}/oauth2/token`,
        jwks_uri: `${login}/common/discovery/keys`,
      });
    }
  });

  it.each(["common", "organizations"])("leaves the tenant open under %s", async (name) => {
    const { body } = await directory.get(`${login}/${name}/v2.0/.well-known/openid-configuration`);
    expect([body.issuer, body.token_endpoint]).toEqual([
      `${login}/{tenantid}/v2.0`,
      `${login}/${name}/oauth2/v2.0/token`,
    ]);
  });

  it("refuses another tenant with AADSTS90002, where MSAL meets it first", async () => {
    const other = "00000000-1111-2222-3333-444444444444";
    const { status, body } = await directory.get(`${login}/${other}/v2.0/.well-known/openid-configuration`);
    expect([status, body.error, body.error_codes]).toEqual([400, "invalid_tenant", [90002]]);
  });

  it("lists the hosts of the cloud", async () => {
    const { body } = await directory.get(
      `${login}/common/discovery/instance?api-version=1.1&authorization_endpoint=${login}/common/oauth2/authorize`,
    );
    expect(body.metadata[0].aliases).toContain("login.windows.net");
  });
});

describe("keys", () => {
  it.each([`${login}/common/discovery/keys`, `${login}/common/discovery/v2.0/keys`])(
    "publishes at %s the signing key, its ID the hash of its certificate",
    async (address) => {
      const { body } = await directory.get(address);
      const [key] = body.keys;
      const certificate = new X509Certificate(Buffer.from(key.x5c[0], "base64"));
      const hash = createHash("sha1").update(certificate.raw).digest("base64url");
      expect([body.keys.length, key.kty, key.use, key.kid, key.x5t]).toEqual([1, "RSA", "sig", hash, hash]);
      expect(certificate.publicKey.export({ format: "jwk" })).toMatchObject({ n: key.n, e: key.e });
    },
  );
});
