import { createSign } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createSigningKey, publicJwk, type SigningKey } from "../../../emulator/entra/signingKey";
import { execute, UsageError } from "../../../scripts/shared/command";
import { tokenCommand } from "../../../scripts/token/command";
import type { Exchange } from "../../../azure/http";
import { jsonAnswer, piped, testWorld } from "../../support/testWorld";

const now = new Date("2026-11-22T10:00:00Z");
const tenantId = "5b1c2f0e-7a64-4d0c-9a3b-2f6d8e1c4a70";
const seconds = (minutesFromNow: number): number => now.getTime() / 1000 + minutesFromNow * 60;

const graphHeader = { typ: "JWT", nonce: "n", alg: "RS256", kid: "key-1" };
const appClaims = {
  aud: "https://graph.microsoft.com",
  iss: `https://sts.windows.net/${tenantId}/`,
  iat: seconds(-17),
  nbf: seconds(-17),
  exp: seconds(43),
  appid: "2c7e9b40-1d5f-4a86-b3c2-6e8f0a9d7154",
  app_displayname: "CopilotAPIAuth",
  idtyp: "app",
  roles: ["User.Read.All"],
  tid: tenantId,
};

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function unsigned(header: unknown, claims: unknown): string {
  return `${encode(header)}.${encode(claims)}.c2lnbmF0dXJl`;
}

let key: SigningKey;
beforeAll(async () => {
  key = await createSigningKey();
});

function signed(claims: unknown): string {
  const content = `${encode({ typ: "JWT", alg: "RS256", kid: key.keyId })}.${encode(claims)}`;
  return `${content}.${createSign("RSA-SHA256").update(content).sign(key.privateKey, "base64url")}`;
}

async function run(input: string, commandArguments: readonly string[] = [], exchange?: Exchange) {
  const world = testWorld({
    now: () => now,
    stdin: piped(input),
    ...(exchange === undefined ? {} : { exchange }),
  });
  const exitCode = await execute(tokenCommand, commandArguments, world);
  return { exitCode, printed: world.printed.join("\n") };
}

async function explain(claims: unknown, header: unknown = graphHeader) {
  const { printed } = await run(unsigned(header, claims), ["--json"]);
  return JSON.parse(printed) as { kind: string; warnings: { code: string }[]; permissions: unknown[] };
}

function codes({ warnings }: { warnings: { code: string }[] }): string[] {
  return warnings.map(({ code }) => code);
}

describe("npm run token", () => {
  it("explains an app's Graph token in plain words", async () => {
    const { exitCode, printed } = await run(unsigned(graphHeader, appClaims));

    expect(exitCode).toBe(0);
    expect(printed).toContain("This is an access token of an application on its own.");
    expect(printed).toContain("For        Microsoft Graph (https://graph.microsoft.com)");
    expect(printed).toMatch(/Expires +2026-11-2\d \d\d:43:00 [+-]\d\d:\d\d \(in 43 min\)/);
    expect(printed).toContain("User.Read.All  read users' full profiles everywhere in the tenant");
    expect(printed).toContain("Only Microsoft Graph can verify this token");
  });

  it("never prints the token or its signature", async () => {
    const token = unsigned(graphHeader, appClaims);
    for (const flags of [[], ["--json"]]) {
      const { printed } = await run(token, flags);
      for (const part of token.split(".")) expect(printed).not.toContain(part);
    }
  });

  it("takes a header line and a whole token response too", async () => {
    const token = unsigned(graphHeader, appClaims);
    const plain = await run(token, ["--json"]);
    expect(await run(`Authorization: Bearer ${token}\n`, ["--json"])).toEqual(plain);
    expect(await run(JSON.stringify({ token_type: "Bearer", access_token: token }), ["--json"])).toEqual(
      plain,
    );
  });

  it.each<[string, object, object, string[]]>([
    ["an app's Graph token", {}, graphHeader, ["ONLY_GRAPH_VERIFIES"]],
    ["an expired one", { exp: seconds(-1) }, graphHeader, ["EXPIRED", "ONLY_GRAPH_VERIFIES"]],
    ["one from the future", { nbf: seconds(5) }, graphHeader, ["NOT_YET_VALID", "ONLY_GRAPH_VERIFIES"]],
    ["one for the vault", { aud: "https://vault.azure.net" }, {}, ["OTHER_AUDIENCE"]],
    ["one without permissions", { roles: undefined }, graphHeader, ["ONLY_GRAPH_VERIFIES", "NO_PERMISSIONS"]],
    [
      "a user's",
      { scp: "User.Read Mail.Read", roles: undefined },
      graphHeader,
      ["ONLY_GRAPH_VERIFIES", "DELEGATED"],
    ],
    ["an unsigned one", {}, { alg: "none" }, ["ONLY_GRAPH_VERIFIES", "UNSIGNED"]],
    [
      "one that takes over the tenant",
      { roles: ["RoleManagement.ReadWrite.Directory"] },
      graphHeader,
      ["ONLY_GRAPH_VERIFIES", "TIER_ZERO"],
    ],
  ])("warns of %s", async (_name, claims, header, expected) => {
    expect(codes(await explain({ ...appClaims, ...claims }, header))).toEqual(expected);
  });

  it.each([1e300, 8.64e15, 253_402_300_800, -1, Number.MAX_VALUE])(
    "shows a time of no calendar as the number that it is: %d",
    async (number) => {
      const claims = { ...appClaims, exp: number, nbf: number, iat: number, xms_tcdt: number };
      const explained = await explain(claims, graphHeader);
      expect(explained).toMatchObject({ expiresAt: null, issuedAt: null });
      const { printed } = await run(unsigned(graphHeader, claims));
      expect(printed).toContain(`${number}`);
    },
  );

  it("knows an ID token", async () => {
    const explained = await explain({
      aud: appClaims.appid,
      sub: "x",
      name: "Ada",
      tid: tenantId,
      exp: seconds(5),
    });
    expect(explained.kind).toBe("id");
    expect(codes(explained)).toEqual(["ID_TOKEN"]);
  });

  it("shows no control characters of someone else's claims", async () => {
    const { printed } = await run(unsigned(graphHeader, { ...appClaims, app_displayname: "\u001b[2Jgone" }));
    expect(printed).not.toContain("\u001b");
  });

  it.each([
    ["nothing", "", /Standard input was empty/],
    ["garbage", "hello", /not a JSON web token: it has 1 part between dots/],
    ["three parts that are no JSON", "a.b.c", /not a JSON web token: it has 3 parts/],
    ["an encrypted token", "a.b.c.d.e", /encrypted \(five parts, JWE\)/],
    ["2 MB", "x".repeat(2_000_000), /2000000 characters long/],
    ["JSON without a token", '{"error":"x"}', /JSON without an access_token/],
  ])("exits 2 with a clear word on %s, without repeating it", async (_name, input, words) => {
    const failure = await run(input).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect((failure as UsageError).message).toMatch(words);
    expect((failure as UsageError).message.length).toBeLessThan(300);
  });

  it("refuses a token given as an argument, without repeating it", async () => {
    const token = unsigned(graphHeader, appClaims);
    await expect(run("", [token])).rejects.toThrow(/^(?!.*eyJ)Unexpected argument/s);
  });

  it("asks for input when there is none", async () => {
    await expect(execute(tokenCommand, [], testWorld())).rejects.toThrow(/no token on standard input/);
  });
});

describe("npm run token -- --check", () => {
  const vaultClaims = { ...appClaims, aud: "https://vault.azure.net" };
  const asked: string[] = [];
  const keys: Exchange = ({ url }) => {
    asked.push(url);
    return Promise.resolve(jsonAnswer(200, { keys: [publicJwk(key)] }));
  };

  it("finds a signature by the issuer's key valid", async () => {
    const { exitCode, printed } = await run(signed(vaultClaims), ["--check"], keys);

    expect(printed).toContain(`Signature  valid: signed by key ${key.keyId} of tenant ${tenantId}`);
    expect(exitCode).toBe(0);
    expect(asked.at(-1)).toBe(`https://login.microsoftonline.com/${tenantId}/discovery/v2.0/keys`);
  });

  it("finds a changed token out", async () => {
    const [header, , signature] = signed(vaultClaims).split(".");
    const forged = `${header ?? ""}.${encode({ ...vaultClaims, roles: ["More"] })}.${signature ?? ""}`;
    const { exitCode, printed } = await run(forged, ["--check"], keys);

    expect(printed).toContain("Signature  invalid");
    expect(exitCode).toBe(1);
  });

  it("never asks an issuer that is not Entra for keys", async () => {
    const before = asked.length;
    const { exitCode, printed } = await run(
      signed({ ...vaultClaims, iss: "https://evil.example/" }),
      ["--check"],
      keys,
    );

    expect(printed).toContain("Signature  cannot be checked: its issuer is not Microsoft Entra");
    expect(exitCode).toBe(1);
    expect(asked.length).toBe(before);
  });

  it("says that a Graph token cannot be checked", async () => {
    const { exitCode, printed } = await run(unsigned(graphHeader, appClaims), ["--check"], keys);

    expect(printed).toContain("Signature  cannot be checked: only Microsoft Graph");
    expect(exitCode).toBe(1);
  });
});
