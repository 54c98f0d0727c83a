import { createHash, verify } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { frozenClock } from "../../../emulator/tenant/clock";
import { createTenant, type Tenant } from "../../../emulator/tenant/tenant";
import {
  armAudiences,
  authenticate,
  createSigningKey,
  decodeJwt,
  graphAudiences,
  hashSecret,
  mintToken,
  newSecret,
  signJwt,
  verifyJwt,
} from "../../../emulator/entra/tokens";

const startedAt = new Date("2026-11-22T10:00:00Z");
let tenant: Tenant;

beforeAll(() => {
  tenant = createTenant({ clock: frozenClock(startedAt) });
});

function grant(audience: string) {
  const { clientId, objectId } = tenant.identities.deployer;
  return { clientId, objectId, audience, roles: ["User.Read.All"], displayName: "App" };
}

function withToken(token: string, scheme = "Bearer"): Request {
  return new Request("https://graph.microsoft.com/v1.0/users", {
    headers: { Authorization: `${scheme} ${token}` },
  });
}

describe("mintToken", () => {
  it("writes Entra's claims of an app-only token, version 1.0", async () => {
    const claims = decodeJwt(await mintToken(tenant, grant("https://graph.microsoft.com")))?.claims;
    const { tenantId } = tenant.state;
    const seconds = startedAt.getTime() / 1000;
    expect(claims).toEqual({
      aud: "https://graph.microsoft.com",
      iss: `https://sts.windows.net/${tenantId}/`,
      iat: seconds - 300,
      nbf: seconds - 300,
      exp: seconds + 3599,
      aio: expect.any(String),
      app_displayname: "App",
      appid: tenant.identities.deployer.clientId,
      appidacr: "1",
      idp: `https://sts.windows.net/${tenantId}/`,
      idtyp: "app",
      oid: tenant.identities.deployer.objectId,
      rh: expect.any(String),
      roles: ["User.Read.All"],
      sub: tenant.identities.deployer.objectId,
      tenant_region_scope: "EU",
      tid: tenantId,
      uti: expect.any(String),
      ver: "1.0",
      wids: ["0997a1d0-0d1d-4acb-b408-d5ca73121e90"],
      xms_ftd: expect.any(String),
      xms_idrel: "7 22",
      xms_rd: expect.any(String),
      xms_tcdt: expect.any(Number),
      xms_tdbr: "EU",
    });
  });

  it("leaves the roles claim out when there is no role", async () => {
    const claims = decodeJwt(
      await mintToken(tenant, { ...grant("https://graph.microsoft.com"), roles: [] }),
    )?.claims;
    expect(claims).not.toHaveProperty("roles");
  });

  it("hashes the nonce of a Graph token before it signs, so the published key does not verify it", async () => {
    const { publicKey } = await tenant.signingKey;
    const token = await mintToken(tenant, grant("https://graph.microsoft.com"));
    const [header = "", claims = "", signature = ""] = token.split(".");
    const { nonce } = decodeJwt(token)?.header ?? {};
    const signed = (headerPart: string): boolean =>
      verify(
        "sha256",
        Buffer.from(`${headerPart}.${claims}`),
        publicKey,
        Buffer.from(signature, "base64url"),
      );
    const hashed = {
      ...decodeJwt(token)?.header,
      nonce: createHash("sha256").update(String(nonce)).digest("base64url"),
    };
    expect(signed(header)).toBe(false);
    expect(signed(Buffer.from(JSON.stringify(hashed)).toString("base64url"))).toBe(true);
  });

  it("signs a token for Azure Resource Manager plainly, without a nonce", async () => {
    const token = await mintToken(tenant, grant("https://management.core.windows.net/"));
    const { keyId, publicKey } = await tenant.signingKey;
    expect(decodeJwt(token)?.header).toEqual({ typ: "JWT", alg: "RS256", x5t: keyId, kid: keyId });
    const dot = token.lastIndexOf(".");
    const signature = Buffer.from(token.slice(dot + 1), "base64url");
    expect(verify("sha256", Buffer.from(token.slice(0, dot)), publicKey, signature)).toBe(true);
  });
});

describe("authenticate", () => {
  it("tells who sent a request", async () => {
    const request = withToken(await mintToken(tenant, grant("https://graph.microsoft.com/")));
    expect(await authenticate(request, tenant, graphAudiences(tenant))).toEqual({
      caller: {
        clientId: tenant.identities.deployer.clientId,
        objectId: tenant.identities.deployer.objectId,
        audience: "https://graph.microsoft.com/",
        roles: ["User.Read.All"],
        credentialStrength: "1",
      },
    });
  });

  it("takes the scheme in any case", async () => {
    const request = withToken(await mintToken(tenant, grant("https://management.azure.com/")), "bearer");
    expect(await authenticate(request, tenant, armAudiences(tenant))).toHaveProperty("caller");
  });

  it("misses a token that is not there, or of another scheme", async () => {
    expect(
      await authenticate(new Request("https://graph.microsoft.com/"), tenant, graphAudiences(tenant)),
    ).toEqual({
      refusal: "missing",
    });
    expect(await authenticate(withToken("abc", "Basic"), tenant, graphAudiences(tenant))).toEqual({
      refusal: "missing",
    });
  });

  it.each([
    ["no JWT at all", () => "abc"],
    [
      "another key's",
      async () => signJwt(await createSigningKey(), { alg: "RS256" }, { aud: graphAudiences(tenant)[0] }),
    ],
    ["unsigned", () => `${encode({ alg: "none" })}.${encode({ aud: graphAudiences(tenant)[0] })}.`],
    ["with changed claims", () => tampered()],
    [
      "of another tenant",
      async () =>
        signJwt(
          await tenant.signingKey,
          { alg: "RS256" },
          { aud: graphAudiences(tenant)[0], appid: "a", oid: "o", tid: "other" },
        ),
    ],
  ])("finds a token invalid that is %s", async (_what, make) => {
    expect(await authenticate(withToken(await make()), tenant, graphAudiences(tenant))).toEqual({
      refusal: "invalid",
    });
  });

  it("refuses a token for another service", async () => {
    const request = withToken(await mintToken(tenant, grant("https://vault.azure.net")));
    expect(await authenticate(request, tenant, graphAudiences(tenant))).toEqual({ refusal: "audience" });
  });

  it("lets a token expire by the tenant's clock, to the second", async () => {
    const clock = frozenClock(startedAt);
    const own = createTenant({ clock, signingKey: tenant.signingKey });
    const token = await mintToken(own, grant("https://graph.microsoft.com"));
    clock.advance(3_598_000);
    expect(await authenticate(withToken(token), own, graphAudiences(tenant))).toHaveProperty("caller");
    clock.advance(1000);
    expect(await authenticate(withToken(token), own, graphAudiences(tenant))).toEqual({ refusal: "expired" });
    clock.set(new Date(startedAt.getTime() - 301_000));
    expect(await authenticate(withToken(token), own, graphAudiences(tenant))).toEqual({ refusal: "expired" });
  });
});

describe("verifyJwt", () => {
  it("gives the claims back", async () => {
    const key = await tenant.signingKey;
    expect(verifyJwt(key, signJwt(key, { alg: "RS256" }, { sub: "x" }))).toEqual({
      sub: "x",
    });
  });
});

describe("newSecret", () => {
  it("looks like Entra's: 40 characters, some of which need care in URLs", () => {
    const secrets = Array.from({ length: 50 }, newSecret);
    expect(secrets.filter((secret) => !/^[\w.~-]{3}8Q~[\w.~-]{34}$/.test(secret))).toEqual([]);
    expect(new Set(secrets).size).toBe(50);
  });

  it("is kept as a hash that does not show it", () => {
    expect(hashSecret("abc")).toBe("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  });
});

async function tampered(): Promise<string> {
  const token = await mintToken(tenant, grant("https://graph.microsoft.com"));
  const [header = "", , signature = ""] = token.split(".");
  return `${header}.${encode({ aud: graphAudiences(tenant)[0], roles: ["Directory.ReadWrite.All"] })}.${signature}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
