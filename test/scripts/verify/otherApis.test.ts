import { describe, expect, it } from "vitest";
import { clouds, type Cloud } from "../../../core/cloud/clouds";
import { harmlessRead } from "../../../core/permissions/apiReads";
import { isHostOf, knownApis } from "../../../core/permissions/knownApis";
import { ConnectionError } from "../../../azure/connectionError";
import { decodeToken } from "../../../azure/tokenClaims";
import { checkOtherApis } from "../../../scripts/verify/checks/otherApis";
import type { ApiReadSeen, ApiSeen, AppEvidence, StackEvidence } from "../../../scripts/verify/evidence";

const tenantId = "5b1c2f0e-7a64-4d0c-9a3b-2f6d8e1c4a70";
const clientId = "0c3f9d51-8b27-4e6a-a1d4-7f2e5b9c6038";
const api = {
  clientId: "11111111-2222-4333-8444-555555555555",
  name: "Orders API",
  audience: "api://orders",
  permissions: ["Orders.Read"],
};
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const claims = { aud: "api://orders", tid: tenantId, azp: clientId, roles: ["Orders.Read"], ver: "2.0" };
const decoded = decodeToken(`${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}.c2ln`);
const token = {
  known: true,
  value: { decoded, by: "test", receivedAt: new Date(0), expiresInSeconds: 1, waitedSeconds: 0 },
} as const;
const stack = { outputs: { tenantId }, stackName: undefined } as unknown as StackEvidence;

function judged(read: ApiSeen["read"]) {
  const seen: ApiSeen = { api, token, offer: { known: true, value: undefined }, read };
  const app = { name: "Orders", outputs: { clientId }, apis: [seen] } as unknown as AppEvidence;
  const { status, summary, fixes = [] } = checkOtherApis(app, stack) ?? {};
  return [status, summary, fixes.map(({ id }) => id)];
}

const answered = (changes: Partial<ApiReadSeen> = {}): ApiSeen["read"] => ({
  known: true,
  value: {
    url: "https://orders.contoso.com/v1",
    status: 200,
    isJson: true,
    statusWithoutToken: 401,
    ...changes,
  },
});

describe("other-apis", () => {
  it("passes with an answer that the API gives to the token alone, and says where there was none", () => {
    expect(judged(answered())).toEqual([
      "pass",
      "1 permission of Orders API, all in their tokens; a read is answered by Orders API",
      [],
    ]);
    expect(judged(undefined)).toEqual([
      "pass",
      "1 permission of Orders API, all in their tokens; only the token is verified for Orders API",
      [],
    ]);
  });

  it.each([
    [{ status: 401 }, "Orders API answers 401 to GET https://orders.contoso.com/v1", "apis.refused"],
    [{ status: 302 }, "Orders API answers 302 to GET https://orders.contoso.com/v1", "apis.refused"],
    [{ status: 404 }, "Orders API answers 404 to GET https://orders.contoso.com/v1", "apis.refused"],
    [{ status: 503 }, "Orders API answers 503 to GET https://orders.contoso.com/v1", "apis.unavailable"],
    [{ isJson: false }, "not with JSON: something in between may answer", "apis.refused"],
    [{ statusWithoutToken: 200 }, "to a request without a token too", "apis.open"],
    [{ statusWithoutToken: 302 }, "all in their tokens", undefined],
  ])("takes no other answer for evidence: %j", (changes, text, fix) => {
    expect(judged(answered(changes))).toEqual([
      fix === undefined ? "pass" : "fail",
      expect.stringContaining(text),
      fix === undefined ? [] : [fix],
    ]);
  });

  it("fails without an answer", () => {
    const error = new ConnectionError("CONNECTION_RESET", "orders.contoso.com: dropped");
    expect(judged({ known: false, error })).toEqual([
      "fail",
      expect.stringContaining("Orders API: no answer. "),
      ["apis.unavailable"],
    ]);
  });
});

describe("the harmless read of a well-known API", () => {
  const of = (
    name: string,
    permissions: string[],
    audience = "",
    signIn: "secret" | "certificate" = "secret",
    cloud: Cloud = clouds.public,
  ) => {
    const { clientId: id = "" } = knownApis.find((one) => one.name === name) ?? {};
    return harmlessRead(cloud, { clientId: id, name, audience, permissions }, tenantId, signIn)?.href;
  };

  it("is one that the permissions allow", () => {
    expect(of("Office365Management", ["ActivityFeed.Read"])).toBe(
      `https://manage.office.com/api/v1.0/${tenantId}/activity/feed/subscriptions/list`,
    );
    expect(of("Office365Management", ["ServiceHealth.Read"])).toBeUndefined();
    expect(of("WindowsDefenderAtp", ["Alert.Read.All"])).toContain("/api/alerts?$top=1");
    expect(of("WindowsDefenderAtp", ["Score.Read.All"])).toBeUndefined();
    expect(of("Office365ExchangeOnline", ["full_access_as_app"])).toBeUndefined();
  });

  it("is at a host of the API", () => {
    for (const [name, permission] of [
      ["Office365Management", "ActivityFeed.Read"],
      ["WindowsDefenderAtp", "Machine.Read.All"],
      ["ThreatProtection", "Incident.Read.All"],
    ] as const) {
      const known = knownApis.find((one) => one.name === name);
      expect(known && isHostOf(clouds.public, known, new URL(of(name, [permission]) ?? "").hostname)).toBe(
        true,
      );
    }
  });

  it("is in the cloud of the stack, and none where no document names a host there", () => {
    const { usgovernment, china } = clouds;
    expect(of("Office365Management", ["ActivityFeed.Read"], "", "secret", usgovernment)).toBe(
      `https://manage.office365.us/api/v1.0/${tenantId}/activity/feed/subscriptions/list`,
    );
    expect(of("Office365Management", ["ActivityFeed.Read"], "", "secret", china)).toBeUndefined();
    const site = (end: string): string | undefined =>
      of(
        "Office365SharePointOnline",
        ["Sites.Read.All"],
        `https://contoso.${end}`,
        "certificate",
        usgovernment,
      );
    expect([site("sharepoint.us"), site("sharepoint.com")]).toEqual([
      "https://contoso.sharepoint.us/_api/web",
      undefined,
    ]);
  });

  it("is one of SharePoint only where its address is known and the app signs in without a client secret", () => {
    const sites = ["Sites.Read.All"];
    const address = "https://contoso.sharepoint.com";
    expect(of("Office365SharePointOnline", sites, address, "certificate")).toBe(`${address}/_api/web`);
    expect(of("Office365SharePointOnline", sites, address, "secret")).toBeUndefined();
    expect(of("Office365SharePointOnline", ["Sites.Selected"], address, "certificate")).toBeUndefined();
    expect(
      of("Office365SharePointOnline", sites, "00000003-0000-0ff1-ce00-000000000000", "certificate"),
    ).toBeUndefined();
  });
});
