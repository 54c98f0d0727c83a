import type { Cloud } from "../../tenant/clouds";
import { isRecord } from "../../server/http";
import { badRequest } from "../armError";

/** @see https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#authentication-limits (read 2026-11) */
const maximumPolicies = 5;
const maximumClaims = 10;

const sections: Readonly<Record<string, readonly string[]>> = {
  triggers: ["allowedCallerIpAddresses", "openAuthenticationPolicies", "sasAuthenticationPolicy"],
  contents: ["allowedCallerIpAddresses"],
  actions: ["allowedCallerIpAddresses", "openAuthenticationPolicies"],
  workflowManagement: ["allowedCallerIpAddresses", "openAuthenticationPolicies"],
};

/**
 * Judges `accessControl` of a workflow. Microsoft documents what is right and says little of how the rest is refused:
 * `OnlyAADOAuthTypeSupported` was seen; the other codes are assumed.
 *
 * @throws {ArmError} 400 for what the service could not enforce.
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#enable-oauth (read 2026-11)
 * @see https://github.com/Azure/azure-rest-api-specs/issues/16018 (read 2026-11)
 */
export function checkAccessControl(accessControl: unknown, cloud: Cloud): void {
  if (accessControl === undefined) return;
  for (const [section, policy] of entriesOf(accessControl, "accessControl")) {
    const members = sections[section];
    if (members === undefined) throw unknownMember(section, "FlowAccessControlConfiguration");
    for (const [member, value] of entriesOf(policy, section)) {
      if (!members.includes(member)) throw unknownMember(member, "FlowAccessControlConfigurationPolicy");
      if (member === "allowedCallerIpAddresses") checkAddresses(value);
      else if (member === "sasAuthenticationPolicy") checkSas(value);
      else checkPolicies(value, cloud);
    }
  }
}

function checkAddresses(list: unknown): void {
  if (!Array.isArray(list)) throw invalid("'allowedCallerIpAddresses' is no list.");
  for (const item of list) {
    const range = isRecord(item) ? item["addressRange"] : undefined;
    if (typeof range !== "string" || !isAddressRange(range)) {
      throw badRequest(
        `The IP address range '${String(range)}' in the access control configuration is not valid. It has the form x.x.x.x/x or x.x.x.x-x.x.x.x.`,
        "InvalidIpAddressRange",
      );
    }
  }
}

function isAddressRange(range: string): boolean {
  const address = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}`;
  return new RegExp(String.raw`^${address}(?:/(?:3[0-2]|[12]?\d)|-${address})$`).test(range);
}

function checkSas(policy: unknown): void {
  const { state, ...others } = isRecord(policy) ? policy : {};
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw unknownMember(unknown, "SasAuthenticationPolicy");
  if (state !== "Enabled" && state !== "Disabled")
    throw invalid("'sasAuthenticationPolicy.state' is neither Enabled nor Disabled.");
}

function checkPolicies(value: unknown, { issuers }: Cloud): void {
  const policies = entriesOf(isRecord(value) ? value["policies"] : undefined, "policies");
  if (policies.length > maximumPolicies) {
    throw badRequest(
      `A workflow takes at most ${maximumPolicies} OAuth authentication policies.`,
      "TooManyOAuthPolicies",
    );
  }
  for (const [name, policy] of policies) {
    const { type, claims } = isRecord(policy) ? policy : {};
    const about = `OAuth authentication policy '${name}' in access control configuration of workflow is not valid.`;
    if (type !== "AAD" && type !== "AADPOP") {
      throw badRequest(
        `${about} The 'type' property of authentication policy should be set to AAD.`,
        "OnlyAADOAuthTypeSupported",
      );
    }
    const list: unknown[] = Array.isArray(claims) ? claims : [];
    if (list.length > maximumClaims || !list.every(isClaim)) {
      throw badRequest(
        `${about} Each of its claims is one name with one value, ${maximumClaims} at most.`,
        "InvalidOAuthPolicy",
      );
    }
    const issuer = list.find(({ name: claim }) => claim === "iss")?.value ?? "";
    if (!Object.values(issuers).some((known) => issuer.startsWith(`${known}/`))) {
      throw badRequest(
        `${about} It needs the claim 'iss', with an issuer of Microsoft Entra.`,
        "InvalidOAuthPolicy",
      );
    }
  }
}

function isClaim(claim: unknown): claim is { name: string; value: string } {
  return isRecord(claim) && typeof claim["name"] === "string" && typeof claim["value"] === "string";
}

function entriesOf(value: unknown, what: string): [string, unknown][] {
  if (!isRecord(value)) throw invalid(`'${what}' is no object.`);
  return Object.entries(value);
}

function invalid(reason: string): Error {
  return badRequest(`The request content was invalid: ${reason}`, "InvalidRequestContent");
}

function unknownMember(member: string, type: string): Error {
  return badRequest(
    `The request content was invalid and could not be deserialized: 'Could not find member '${member}' on object of type '${type}'.'`,
    "InvalidRequestContent",
  );
}
