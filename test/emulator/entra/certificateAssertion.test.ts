import { createHash, createPrivateKey, randomUUID, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { createSigningKey, type SigningKey } from "../../../emulator/entra/signingKey";
import { decodeJwt } from "../../../emulator/entra/tokens";
import { startedAt, TestDirectory, type Answer } from "../../support/directory";

const seconds = startedAt.getTime() / 1000;
const keys = Promise.all([createSigningKey("one"), createSigningKey("other")]);
let one: SigningKey;
let other: SigningKey;
let directory: TestDirectory;
let app: { applicationObjectId: string; clientId: string };

beforeEach(async () => {
  [one, other] = await keys;
  directory = await TestDirectory.create();
  app = await directory.register("Caller");
  await register({});
});

async function register(properties: object): Promise<void> {
  const key = { type: "AsymmetricX509Cert", usage: "Verify", key: one.certificate, ...properties };
  const { status } = await directory.graph("PATCH", `applications/${app.applicationObjectId}`, {
    body: { keyCredentials: [key] },
  });
  expect(status).toBe(204);
}

interface Signing {
  readonly header?: object;
  readonly claims?: object;
  readonly key?: KeyObject;
  readonly alg?: string;
}

async function signIn({
  header,
  claims,
  key = one.privateKey,
  alg = "PS256",
}: Signing = {}): Promise<Answer> {
  const { tenantId } = directory.tenant.state;
  const audience = `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`;
  const own = { iss: app.clientId, sub: app.clientId, aud: audience, nbf: seconds, exp: seconds + 300 };
  const assertion = await new SignJWT({ ...own, jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg, x5t: one.keyId, ...header })
    .sign(createPrivateKey(key.export({ type: "pkcs8", format: "pem" })));
  return directory.token({
    client_id: app.clientId,
    grant_type: "client_credentials",
    scope: "https://graph.microsoft.com/.default",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
  });
}

function refusalOf({ status, body }: Answer): unknown[] {
  return [status, body.error, body.error_codes[0], /Reason - ([^,]+),/.exec(body.error_description)?.[1]];
}

describe("a client assertion by certificate", () => {
  it.each(["PS256", "RS256"])("gets a token that says how the client signed in, by %s", async (alg) => {
    const { status, body } = await signIn({ alg });
    expect([status, decodeJwt(body.access_token)?.claims["appidacr"]]).toEqual([200, "2"]);
  });

  it("may name its certificate by SHA-256, or belong to the service principal", async () => {
    const sha256 = createHash("sha256").update(Buffer.from(one.certificate, "base64")).digest("base64url");
    expect((await signIn({ header: { "x5t#S256": sha256, x5t: undefined } })).status).toBe(200);
    expect((await signIn({ header: { "x5t#S256": one.keyId, x5t: undefined } })).status).toBe(401);
    await directory.graph("PATCH", `applications/${app.applicationObjectId}`, {
      body: { keyCredentials: [] },
    });
    expect((await signIn()).status).toBe(401);
    const key = { type: "AsymmetricX509Cert", usage: "Verify", key: one.certificate };
    await directory.graph("PATCH", `servicePrincipals(appId='${app.clientId}')`, {
      body: { keyCredentials: [key] },
    });
    expect((await signIn()).status).toBe(200);
  });

  it("may pad its thumbprint, as MSAL for Python does", async () => {
    expect((await signIn({ header: { x5t: `${one.keyId}=` } })).status).toBe(200);
  });

  it("may come from a clock that is five minutes off", async () => {
    expect((await signIn({ claims: { exp: seconds - 299 } })).status).toBe(200);
    expect((await signIn({ claims: { nbf: seconds + 300 } })).status).toBe(200);
  });

  it("is refused for a certificate that is not registered, with Entra's text", async () => {
    const refused = await signIn({ header: { x5t: other.keyId }, key: other.privateKey });
    const thumbprint = Buffer.from(other.keyId, "base64url").toString("hex").toUpperCase();
    expect([...refusalOf(refused), refused.body.error_description]).toEqual([
      401,
      "invalid_client",
      700027,
      "The key was not found.",
      expect.stringContaining(
        "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on " +
          `application. [Reason - The key was not found., Thumbprint of key used by client: '${thumbprint}', Please ` +
          `visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '${app.clientId}'.`,
      ),
    ]);
  });

  it("is refused if another key signed it", async () => {
    expect(refusalOf(await signIn({ key: other.privateKey }))).toEqual([
      401,
      "invalid_client",
      700027,
      "The provided signature value did not match the expected signature value.",
    ]);
  });

  it.each([
    [
      "has expired",
      { startDateTime: "2026-01-01T00:00:00Z", endDateTime: "2026-11-22T10:00:00Z" },
      "The key used is expired.",
    ],
    [
      "is not yet valid",
      { startDateTime: "2026-11-22T10:00:01Z", endDateTime: "2027-01-01T00:00:00Z" },
      "The key used is not yet valid.",
    ],
  ])("is refused when its certificate %s", async (_state, dates, reason) => {
    await register(dates);
    const refused = await signIn();
    expect(refusalOf(refused)).toEqual([401, "invalid_client", 700027, reason]);
    expect(refused.body.error_description).toMatch(/Found key 'Start=\d\d\/\d\d\/2026 \d\d:\d\d:\d\d, End=/);
  });

  it.each<[string, number, Signing]>([
    [
      "another client's",
      700021,
      {
        claims: { iss: "6f2f5c2e-3b9c-4a57-9c0e-0d5d7d6f1a10", sub: "6f2f5c2e-3b9c-4a57-9c0e-0d5d7d6f1a10" },
      },
    ],
    ["for another audience", 700023, { claims: { aud: "https://login.microsoftonline.com/contoso" } }],
    ["expired", 700024, { claims: { exp: seconds - 300 } }],
    ["not yet valid", 700024, { claims: { nbf: seconds + 301 } }],
    ["without a thumbprint", 50027, { header: { x5t: undefined } }],
    ["signed by another algorithm", 5002738, { alg: "RS512" }],
  ])("is refused when it is %s", async (_what, code, signing) => {
    expect((await signIn(signing)).body.error_codes).toEqual([code]);
  });
});
