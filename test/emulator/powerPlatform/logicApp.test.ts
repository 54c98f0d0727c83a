import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { callLogicApp, type LogicAppRun } from "../../../emulator/powerPlatform/logicApp";
import { hidden } from "../../../emulator/powerPlatform/runHistory";
import type { Value } from "../../../emulator/powerPlatform/value";
import { createSigningKey, mintToken } from "../../../emulator/entra/tokens";
import {
  connectorToken,
  connectorAddress,
  verifiedBy,
} from "../../../scripts/copilot/trial/emulatedPlatform";
import { logicAppTenant, type LogicAppTenant } from "../../../scripts/copilot/trial/logicAppTenant";

const people = { path: "/v1.0/users?$top=5&$select=displayName", field: "displayName" };
const organisation = { path: "/v1.0/organization?$select=displayName", field: "displayName" };

const signingKey = createSigningKey();

let azure: LogicAppTenant;
beforeEach(async () => {
  azure = await logicAppTenant({
    appName: "Agent",
    permissions: ["User.Read.All"],
    requests: { people, organisation },
    allowedIpRanges: ["203.0.113.0/28"],
    startAt: new Date("2026-11-22T10:00:00Z"),
    signingKey,
  });
});

const tokenFor = (resourceUri: string, userObjectId: string): Promise<string> =>
  connectorToken(azure.tenant, { resourceUri, userObjectId, baseUrl: "" });
const rightToken = (): Promise<string> => tokenFor(azure.app.logicApp.audience, azure.userObjectId);

interface Call {
  readonly token?: string | Promise<string>;
  readonly query?: string;
  readonly address?: string;
  readonly scheme?: string;
}

/** Calls the Logic App as Azure Resource Manager keeps it. */
async function call({
  token,
  query = "&request=people",
  address = connectorAddress,
  scheme = "Bearer",
}: Call) {
  const { resourceId, endpoint } = azure.app.logicApp;
  const workflow = azure.tenant.state.arm.resources[resourceId.toLowerCase()];
  const headers = new Headers(token === undefined ? {} : { Authorization: `${scheme} ${await token}` });
  const run: LogicAppRun = await callLogicApp(
    JSON.parse(JSON.stringify(workflow)) as Value,
    { request: new Request(`${endpoint}${query}`, { headers }), fromAddress: address },
    azure.platform,
    await verifiedBy(azure.tenant),
  );
  const body = (await run.response.json()) as Record<string, unknown>;
  return { status: run.response.status, body, history: run.history };
}

describe("a call of the Logic App", () => {
  it("answers with one field of what Microsoft Graph says to its identity", async () => {
    const { status, body } = await call({ token: rightToken() });
    expect([status, body]).toEqual([
      200,
      { answer: "Adele Vance, Alex Wilber, Megan Bowen", count: "3", problem: "", code: "" },
    ]);
  });

  it("shows in its run history that it ran, and nothing else", async () => {
    const { history } = await call({ token: rightToken() });
    const shown = history.filter(({ status }) => status === "Succeeded");
    expect(shown.map(({ action, outputs }) => [action, outputs])).toEqual([
      ["manual", hidden],
      ["Look_up_request", hidden],
      ["Call_Microsoft_Graph", hidden],
      ["Pick_field", hidden],
      ["Respond_to_the_agent", hidden],
    ]);
    expect(JSON.stringify(history)).not.toMatch(/eyJ|Adele|graph\.microsoft\.com/);
  });

  it.each<[string, number, string, () => Call]>([
    ["no token", 401, "DirectApiAuthorizationRequired", () => ({})],
    [
      "the address with its signature",
      401,
      "DirectApiInvalidAuthorizationScheme",
      () => ({ query: "&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=x" }),
    ],
    [
      "signature and token",
      401,
      "DirectApiRequestHasMoreThanOneAuthorization",
      () => ({ token: rightToken(), query: "&sig=x" }),
    ],
    [
      "another scheme",
      401,
      "DirectApiInvalidAuthorizationScheme",
      () => ({ token: rightToken(), scheme: "Basic" }),
    ],
    ["another address", 401, "AuthorizationFailed", () => ({ token: rightToken(), address: "203.0.113.16" })],
    ["a token that is none", 401, "DirectApiInvalidAuthorizationScheme", () => ({ token: "eyJ" })],
    [
      "a token without its signature",
      401,
      "DirectApiInvalidAuthorizationScheme",
      () => ({ token: rightToken().then((token) => token.replace(/[^.]*$/, "")) }),
    ],
    ["a token for another resource", 403, "MisMatchingOAuthClaims", () => ({ token: graphToken() })],
    [
      "another user's token",
      403,
      "MisMatchingOAuthClaims",
      () => ({ token: tokenFor(azure.app.logicApp.audience, randomUUID()) }),
    ],
  ])("by %s is refused with %i %s before anything runs", async (_, status, code, calls) => {
    const refused = await call(calls());
    expect([refused.status, refused.body["error"], refused.history]).toEqual([
      status,
      { code, message: expect.any(String) as string },
      [],
    ]);
  });

  /** A token of the caller's own app, which may ask Microsoft Graph something. */
  const graphToken = (): Promise<string> =>
    mintToken(azure.tenant, {
      clientId: randomUUID(),
      objectId: azure.userObjectId,
      audience: "https://graph.microsoft.com",
      roles: ["User.Read.All"],
    });

  it("is refused with a token that has expired", async () => {
    const token = await rightToken();
    azure.tenant.clock.advance(3_600_000);
    expect(await call({ token })).toMatchObject({
      status: 401,
      body: { error: { code: "DirectApiInvalidAuthorizationScheme" } },
    });
  });

  it.each([
    ["no request", ""],
    ["an unknown one", "&request=secrets"],
    ["a path of Microsoft Graph", "&request=%2Fv1.0%2Fusers%2F%24count"],
    ["a path on the way", "&request=people%2F..%2Fapplications"],
    ["a path beside a request", "&path=%2Fv1.0%2Fapplications"],
    ["what every object has", "&request=constructor"],
    ["an expression", "&request=%40%7Bparameters(%27requests%27)%7D"],
  ])("that asks for %s reaches nothing", async (_, query) => {
    const asked: string[] = [];
    const { platform } = azure;
    azure = {
      ...azure,
      platform: { ...platform, send: (request) => (asked.push(request.url), platform.send(request)) },
    };
    const { status, body } = await call({ token: rightToken(), query });
    expect([status, body["problem"], asked]).toEqual([404, "The Logic App knows no such request.", []]);
  });

  it("cannot do what the identity may but the list of requests does not say", async () => {
    const sent: string[] = [];
    const { platform } = azure;
    azure = {
      ...azure,
      platform: { ...platform, send: (request) => (sent.push(request.url), platform.send(request)) },
    };
    await call({
      token: rightToken(),
      query: "&request=people&path=%2Fv1.0%2Fapplications&field=id&$select=id",
    });
    expect(sent).toEqual([`https://graph.microsoft.com${people.path}`]);
  });

  it("answers what Microsoft Graph refuses as a problem", async () => {
    const { status, body } = await call({ token: rightToken(), query: "&request=organisation" });
    expect([status, body]).toEqual([
      200,
      { answer: "", count: "", problem: expect.stringMatching(/^HTTP 403: /) as string, code: "HTTP_403" },
    ]);
  });
});

describe("a Logic App that would be open", () => {
  it.each<[string, (properties: Record<string, unknown>) => void, Call]>([
    [
      "to a caller that has the address with its signature",
      (properties) => Object.assign(properties, { accessControl: {} }),
      { query: "&sig=x" },
    ],
    [
      "in its run, to a person who reads the caller's token there",
      ({ definition }) => {
        const { triggers } = definition as { triggers: { manual: object } };
        Object.assign(triggers.manual, { operationOptions: "IncludeAuthorizationHeadersInOutputs" });
      },
      {},
    ],
  ])("%s is not emulated", async (_, change, how) => {
    const { resourceId } = azure.app.logicApp;
    change(azure.tenant.state.arm.resources[resourceId.toLowerCase()]?.properties as Record<string, unknown>);
    const token = how.query === undefined ? { token: rightToken() } : {};
    await expect(call({ ...token, ...how })).rejects.toThrow(/only a signature|token in the run/);
  });
});
