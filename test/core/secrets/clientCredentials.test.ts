import { clouds } from "../../../core/cloud/clouds";
import { describe, expect, it } from "vitest";
import {
  passesByItself,
  readTokenAnswer,
  tokenRequest,
  type TokenRefusal,
} from "../../../core/secrets/clientCredentials";

const tenantId = "11111111-1111-4111-8111-111111111111";
const clientId = "22222222-2222-4222-8222-222222222222";
// What form encoding can get wrong: Entra's secrets hold '~', '.', '_', '-', and others may hold more.
const clientSecret = "a~b.c_d-e+f/g= h&i%j";

const form = (body: string): [string, string][] => [...new URLSearchParams(body)];

describe("tokenRequest", () => {
  it("asks for a token for Microsoft Graph with a secret", () => {
    const { url, headers, body } = tokenRequest({ cloud: clouds.public, tenantId, clientId, clientSecret });
    expect(url).toBe(`https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`);
    expect(headers).toEqual({
      "Content-Type": "application/x-www-form-urlencoded",
      Accept: "application/json",
    });
    expect(form(body)).toEqual([
      ["client_id", clientId],
      ["grant_type", "client_credentials"],
      ["scope", "https://graph.microsoft.com/.default"],
      ["client_secret", clientSecret],
    ]);
  });

  it("shows a federated assertion instead of a secret", () => {
    const { body } = tokenRequest({
      cloud: clouds.public,
      tenantId,
      clientId,
      clientAssertion: "header.payload.signature",
    });
    expect(form(body)).toEqual([
      ["client_id", clientId],
      ["grant_type", "client_credentials"],
      ["scope", "https://graph.microsoft.com/.default"],
      ["client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
      ["client_assertion", "header.payload.signature"],
    ]);
  });

  it("goes to another cloud and asks for another audience when told", () => {
    const { url, body } = tokenRequest({
      cloud: clouds.usgovernment,
      tenantId,
      clientId,
      clientSecret,
      scope: "https://vault.usgovcloudapi.net/.default",
    });
    expect(url).toBe(`https://login.microsoftonline.us/${tenantId}/oauth2/v2.0/token`);
    expect(form(body)).toContainEqual(["scope", "https://vault.usgovcloudapi.net/.default"]);
  });

  it("puts the secret only into the body", () => {
    const { url, headers } = tokenRequest({ cloud: clouds.public, tenantId, clientId, clientSecret });
    expect(JSON.stringify([url, headers])).not.toContain("a~b");
  });
});

const refusal = {
  error: "invalid_client",
  error_description:
    "AADSTS7000215: Invalid client secret provided. Trace ID: t Correlation ID: c Timestamp: 2026-11-22 10:00:00Z",
  error_codes: [7000215],
  timestamp: "2026-11-22 10:00:00Z",
  trace_id: "t",
  correlation_id: "c",
};

describe("readTokenAnswer", () => {
  it.each([
    ["as Entra writes it", { token_type: "Bearer", expires_in: 3599, access_token: "x.y.z" }, "Bearer", 3599],
    [
      "with a number in quotes",
      { token_type: "Bearer", expires_in: "3599", access_token: "x.y.z" },
      "Bearer",
      3599,
    ],
    ["without type and end", { access_token: "x.y.z" }, "Bearer", 0],
    [
      "with an end that is no number",
      { token_type: "pop", expires_in: "soon", access_token: "x.y.z" },
      "pop",
      0,
    ],
  ])("reads a token %s", (_how, answer, tokenType, expiresInSeconds) => {
    expect(readTokenAnswer(200, JSON.stringify(answer))).toEqual({
      ok: true,
      token: { accessToken: "x.y.z", tokenType, expiresInSeconds },
    });
  });

  it("keeps Entra's own code, words, correlation ID and time", () => {
    expect(readTokenAnswer(401, JSON.stringify(refusal))).toEqual({
      ok: false,
      refusal: {
        code: "AADSTS7000215",
        status: 401,
        description: refusal.error_description,
        correlationId: "c",
        timestamp: "2026-11-22 10:00:00Z",
      },
    });
  });

  const notJson = (status: number, characters: number): string =>
    `The token endpoint answered ${status} with something that is not JSON (${characters} characters).`;
  const noToken = "The answer holds no access_token.";

  it.each<[string, number, string, Partial<TokenRefusal>]>([
    [
      "a captive portal's page",
      200,
      "<html>Sign in</html>",
      { code: "NOT_JSON", description: notJson(200, 20) },
    ],
    ["a redirect", 302, "", { code: "NOT_JSON", description: notJson(302, 0) }],
    ["an empty body", 200, "", { code: "NOT_JSON", description: notJson(200, 0) }],
    ["a proxy's refusal", 407, "<html>", { code: "HTTP_407", description: notJson(407, 6) }],
    ["a gateway's error", 502, "Bad Gateway", { code: "HTTP_502", description: notJson(502, 11) }],
    ["JSON that is no object", 200, '"token"', { code: "NOT_JSON", description: notJson(200, 7) }],
    ["null", 200, "null", { code: "NOT_JSON", description: notJson(200, 4) }],
    ["cut JSON", 200, '{"access_token": "x', { code: "NOT_JSON", description: notJson(200, 19) }],
    ["a list", 200, "[]", { code: "HTTP_200", description: noToken }],
    ["an object of something else", 200, '{"hello": "world"}', { code: "HTTP_200", description: noToken }],
    ["an empty token", 200, '{"access_token": ""}', { code: "HTTP_200", description: noToken }],
    ["a token that is no text", 200, '{"access_token": 5}', { code: "HTTP_200", description: noToken }],
    [
      "a token beside an error status",
      400,
      '{"access_token": "x.y.z"}',
      { code: "HTTP_400", description: noToken },
    ],
    [
      "an error without Entra's code",
      400,
      '{"error": "invalid_request", "error_description": "No."}',
      { code: "HTTP_400", description: "No." },
    ],
    [
      "an error of odd types",
      400,
      '{"error_description": 5, "correlation_id": 5}',
      { code: "HTTP_400", description: noToken },
    ],
  ])("refuses %s, without a guess", (_what, status, body, expected) => {
    expect(readTokenAnswer(status, body)).toEqual({ ok: false, refusal: { status, ...expected } });
  });

  it.each([
    ["7", { retryAfterSeconds: 7 }],
    ["0", { retryAfterSeconds: 0 }],
    [null, {}],
    ["", {}],
    ["Sun, 22 Nov 2026 10:00:00 GMT", {}],
  ])("reads Retry-After %j", (retryAfter, expected) => {
    const { refusal: read } = readTokenAnswer(429, "", retryAfter) as { refusal: TokenRefusal };
    expect(read).toEqual({ code: "HTTP_429", status: 429, description: notJson(429, 0), ...expected });
  });

  it("never repeats a page that it cannot read: it may hold anything", () => {
    expect(JSON.stringify(readTokenAnswer(200, `<p>you sent ${clientSecret}</p>`))).not.toContain(
      clientSecret,
    );
  });
});

describe("passesByItself", () => {
  it.each([
    ["AADSTS7000215", 401, true],
    ["AADSTS7000222", 401, true],
    ["AADSTS700016", 400, true],
    ["AADSTS7000229", 401, true],
    ["HTTP_429", 429, true],
    ["AADSTS90055", 429, true],
    ["HTTP_500", 500, true],
    ["HTTP_503", 503, true],
    ["AADSTS70002159", 401, false],
    ["AADSTS90002", 400, false],
    ["AADSTS53003", 400, false],
    ["HTTP_400", 400, false],
    ["HTTP_407", 407, false],
    ["NOT_JSON", 200, false],
    ["NOT_JSON", 302, false],
  ])("%s with status %i: %s", (code, status, passes) => {
    expect(passesByItself({ code, status, description: "" })).toBe(passes);
  });
});
