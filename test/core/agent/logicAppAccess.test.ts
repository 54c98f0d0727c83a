import { clouds } from "../../../core/cloud/clouds";
import { describe, expect, it } from "vitest";
import { logicAppAccess } from "../../../core/agent/logicAppAccess";
import { connectorClientId } from "../../../core/agent/logicAppRequest";

const service = "11111111-2222-4333-8444-555555555555";
const [adele, megan] = ["66666666-7777-4888-8999-AAAAAAAAAAAA", "77777777-7777-4888-8999-aaaaaaaaaaaa"];
const tenant = { tenantId: "t", audienceClientId: "audience" };
const common = [
  { name: "iss", value: "https://login.microsoftonline.com/t/v2.0" },
  { name: "aud", value: "audience" },
];
const contents = { allowedCallerIpAddresses: [{ addressRange: "0.0.0.0-0.0.0.0" }] };

describe("logicAppAccess", () => {
  it("turns signatures off, requires each caller's own claims, and shows runs to no address", () => {
    const callers = [service, connectorClientId];
    expect(
      logicAppAccess(clouds.public, { ...tenant, callers, users: [adele, megan], allowedIpRanges: [] }),
    ).toEqual({
      triggers: {
        sasAuthenticationPolicy: { state: "Disabled" },
        openAuthenticationPolicies: {
          policies: {
            [`caller-${service}`]: { type: "AAD", claims: [...common, { name: "azp", value: service }] },
            [`user-${adele.toLowerCase()}`]: {
              type: "AAD",
              claims: [
                ...common,
                { name: "azp", value: connectorClientId },
                { name: "oid", value: adele.toLowerCase() },
              ],
            },
            [`user-${megan}`]: {
              type: "AAD",
              claims: [...common, { name: "azp", value: connectorClientId }, { name: "oid", value: megan }],
            },
          },
        },
      },
      contents,
    });
  });

  it("never lets the connector in without a user", () => {
    const access = logicAppAccess(clouds.public, {
      ...tenant,
      callers: [connectorClientId],
      users: [],
      allowedIpRanges: [],
    });
    expect(access).toMatchObject({ triggers: { openAuthenticationPolicies: { policies: {} } } });
  });

  it("takes addresses besides, each as a range", () => {
    const allowedIpRanges = ["203.0.113.7", "198.51.100.0/24"];
    const access = logicAppAccess(clouds.public, {
      ...tenant,
      callers: [service],
      users: [],
      allowedIpRanges,
    });
    expect(access).toMatchObject({
      triggers: {
        allowedCallerIpAddresses: [{ addressRange: "203.0.113.7/32" }, { addressRange: "198.51.100.0/24" }],
      },
      contents,
    });
  });
});
