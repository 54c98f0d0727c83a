import { isInRange } from "../server/ipv4";
import { isRecord, EmulationError, type Value } from "./value";

/** Why Logic Apps does not start a workflow. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** A call of a trigger as it arrives. */
export interface TriggerCall {
  readonly request: Request;
  readonly fromAddress: string;
}

/** What a token says when the tenant signed it and it is valid at the time; undefined otherwise. */
export type VerifiedClaims = (token: string) => Readonly<Record<string, unknown>> | undefined;

/**
 * Judges a call as the Logic Apps service does before any run: address, scheme, token. Microsoft documents the rules;
 * codes and texts are those that users report.
 *
 * @throws {EmulationError} for a signature that would give access: an address with one is a secret.
 * @see https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#enable-oauth (read 2026-11)
 */
export function judgeCall(
  accessControl: Value,
  { request, fromAddress }: TriggerCall,
  verifiedClaims: VerifiedClaims,
): Refusal | undefined {
  const policy = memberOf(accessControl, "triggers");
  if (!mayComeFrom(memberOf(policy, "allowedCallerIpAddresses"), fromAddress)) {
    return refusal(
      401,
      "AuthorizationFailed",
      `The client IP address '${fromAddress}' is not in the allowed caller IP address ranges specified in the workflow access control configuration.`,
    );
  }
  const signed = new URL(request.url).searchParams.has("sig");
  const authorization = request.headers.get("Authorization");
  if (signed && authorization !== null) {
    return refusal(
      401,
      "DirectApiRequestHasMoreThanOneAuthorization",
      "The request has SAS authentication scheme, 'Bearer' authorization scheme or internal token scheme. Only one scheme should be used.",
    );
  }
  if (signed) {
    if (memberOf(memberOf(policy, "sasAuthenticationPolicy"), "state") === "Disabled") {
      return refusal(
        401,
        "DirectApiInvalidAuthorizationScheme",
        "The request has SAS authentication scheme while it is disabled under your access control policy.",
      );
    }
    throw new EmulationError("The Logic App can be called with only a signature.");
  }
  if (authorization === null) {
    return refusal(
      401,
      "DirectApiAuthorizationRequired",
      "The request must be authenticated only by Shared Access scheme.",
    );
  }
  const claims = verifiedClaims(/^Bearer (\S+)$/i.exec(authorization)?.[1] ?? "");
  if (claims === undefined) {
    return refusal(
      401,
      "DirectApiInvalidAuthorizationScheme",
      "The provided authorization token is not valid. The request should have a valid authorization header with 'Bearer' scheme.",
    );
  }
  const policies = memberOf(memberOf(policy, "openAuthenticationPolicies"), "policies");
  const matched = Object.values(isRecord(policies) ? policies : {}).some((each) => matches(each, claims));
  return matched
    ? undefined
    : refusal(
        403,
        "MisMatchingOAuthClaims",
        "One or more claims either missing or does not match with the open authentication access control policy.",
      );
}

function mayComeFrom(ranges: Value, address: string): boolean {
  if (!Array.isArray(ranges)) return true;
  return ranges.some((item: Value) => {
    const range = memberOf(item, "addressRange");
    return typeof range === "string" && isInRange(address, range);
  });
}

/** Every claim of a policy must be in the token, letter by letter; the token may hold more. */
function matches(policy: Value, claims: Readonly<Record<string, unknown>>): boolean {
  const wanted = memberOf(policy, "claims");
  if (!Array.isArray(wanted) || wanted.length === 0) return false;
  return wanted.every((claim: Value) => {
    const name = memberOf(claim, "name");
    return typeof name === "string" && claims[name] === memberOf(claim, "value");
  });
}

function memberOf(value: Value, key: string): Value {
  return isRecord(value) ? (value[key] ?? null) : null;
}

function refusal(status: number, code: string, message: string): Refusal {
  return { status, code, message };
}
