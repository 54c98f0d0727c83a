import { clouds } from "../../../emulator/tenant/clouds";
import { describe, expect, it } from "vitest";
import { checkAccessControl } from "../../../emulator/arm/types/workflowAccess";
import { ArmError } from "../../../emulator/arm/armError";

const iss = { name: "iss", value: "https://login.microsoftonline.com/t/v2.0" };
const policy = { type: "AAD", claims: [iss, { name: "aud", value: "a" }] };
const triggers = (policies: object): object => ({ triggers: { openAuthenticationPolicies: { policies } } });
const addresses = (...ranges: unknown[]): object => ({
  triggers: { allowedCallerIpAddresses: ranges.map((addressRange) => ({ addressRange })) },
});

/** The code of the refusal; "taken" when there was none. */
function judged(accessControl: unknown): string {
  try {
    checkAccessControl(accessControl, clouds.public);
    return "taken";
  } catch (error) {
    if (error instanceof ArmError && error.status === 400) return error.code;
    throw error;
  }
}

describe("a workflow's access control", () => {
  it.each<[string, string, unknown]>([
    ["none", "taken", undefined],
    [
      "all of it",
      "taken",
      {
        triggers: {
          sasAuthenticationPolicy: { state: "Disabled" },
          openAuthenticationPolicies: { policies: { a: policy, b: { ...policy, type: "AADPOP" } } },
          allowedCallerIpAddresses: [{ addressRange: "203.0.113.0/24" }, { addressRange: "1.2.3.4-1.2.3.9" }],
        },
        contents: { allowedCallerIpAddresses: [{ addressRange: "0.0.0.0-0.0.0.0" }] },
        actions: { allowedCallerIpAddresses: [] },
      },
    ],
    [
      "the issuer of version 1.0",
      "taken",
      triggers({ a: { type: "AAD", claims: [{ ...iss, value: "https://sts.windows.net/t/" }] } }),
    ],
    ["an unknown section", "InvalidRequestContent", { runs: {} }],
    ["an unknown member", "InvalidRequestContent", { triggers: { sas: {} } }],
    [
      "signatures in another section",
      "InvalidRequestContent",
      { contents: { sasAuthenticationPolicy: { state: "Disabled" } } },
    ],
    [
      "an unknown state",
      "InvalidRequestContent",
      { triggers: { sasAuthenticationPolicy: { state: "Off" } } },
    ],
    [
      "more than a state",
      "InvalidRequestContent",
      { triggers: { sasAuthenticationPolicy: { state: "Disabled", keys: [] } } },
    ],
    [
      "a list that is none",
      "InvalidRequestContent",
      { triggers: { allowedCallerIpAddresses: "203.0.113.0/24" } },
    ],
    ["an address without a length", "InvalidIpAddressRange", addresses("203.0.113.7")],
    ["an address that is none", "InvalidIpAddressRange", addresses("203.0.113.256/32")],
    ["a length that is none", "InvalidIpAddressRange", addresses("203.0.113.0/33")],
    ["a name", "InvalidIpAddressRange", addresses("contoso.com")],
    ["another provider", "OnlyAADOAuthTypeSupported", triggers({ a: { ...policy, type: undefined } })],
    [
      "no issuer",
      "InvalidOAuthPolicy",
      triggers({ a: { type: "AAD", claims: [{ name: "aud", value: "a" }] } }),
    ],
    [
      "another issuer",
      "InvalidOAuthPolicy",
      triggers({ a: { type: "AAD", claims: [{ ...iss, value: "https://accounts.example.com/" }] } }),
    ],
    [
      "a claim of many values",
      "InvalidOAuthPolicy",
      triggers({ a: { type: "AAD", claims: [iss, { name: "roles", value: ["a"] }] } }),
    ],
    [
      "eleven claims",
      "InvalidOAuthPolicy",
      triggers({ a: { type: "AAD", claims: Array.from({ length: 11 }, () => iss) } }),
    ],
    [
      "six policies",
      "TooManyOAuthPolicies",
      triggers(Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((name) => [name, policy]))),
    ],
  ])("with %s is %s", (_, expected, accessControl) => {
    expect(judged(accessControl)).toBe(expected);
  });
});
