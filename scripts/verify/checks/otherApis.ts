import type { Fix } from "../../../core/fix";
import { rolesOf, textClaim, type DecodedToken } from "../../../azure/tokenClaims";
import type { ApiSeen, AppEvidence, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { counted } from "./explain";
import { removeGrantFix } from "./permissionsExtra";
import { consentFix } from "./permissionsMissing";

interface ApiFault {
  readonly text: string;
  readonly fix?: Fix;
}

/**
 * `other-apis`: the app gets a token for each API beside Microsoft Graph, with exactly the permissions that the stack
 * granted. Whether the API accepts the token is not tried: its requests are not known.
 */
export function checkOtherApis(app: AppEvidence, stack: StackEvidence): Finding | undefined {
  if (app.apis.length === 0) return undefined;
  const faults = app.apis.flatMap((seen) => faultsOf(seen, app, stack));
  const permissions = app.apis.reduce((sum, { api }) => sum + api.permissions.length, 0);
  const evidence = {
    tokens: app.apis.map(({ api, token }) => {
      if (!token.known) return `${api.name}: ${token.error.message}`;
      const { decoded } = token.value;
      return `${api.name}: aud ${textClaim(decoded, "aud") ?? "absent"}, roles ${rolesOf(decoded).join(" ") || "none"}`;
    }),
  };
  if (faults.length === 0) {
    return {
      status: "pass",
      summary: `${counted(permissions, "permission")} of ${app.apis.map(({ api }) => api.name).join(", ")}, all in their tokens`,
      evidence,
    };
  }
  const fixes = faults.flatMap(({ fix }) => fix ?? []);
  return {
    status: "fail",
    summary: faults.map(({ text }) => text).join("; "),
    evidence,
    fixes: [...new Map(fixes.map((fix) => [fix.id, fix])).values()],
  };
}

function faultsOf({ api, token }: ApiSeen, app: AppEvidence, stack: StackEvidence): ApiFault[] {
  if (!token.known) return [{ text: `${api.name}: no token. ${token.error.message}` }];
  const { decoded } = token.value;
  const claims = [
    ...differs("aud", audienceOf(decoded), [api.audience, api.clientId].map(plain)),
    ...differs("tid", textClaim(decoded, "tid"), [stack.outputs.tenantId]),
    ...differs("appid", textClaim(decoded, "appid") ?? textClaim(decoded, "azp"), [app.outputs.clientId]),
  ];
  const roles = rolesOf(decoded);
  const missing = api.permissions.filter((permission) => !roles.includes(permission));
  const extra = roles.filter((role) => !api.permissions.includes(role));
  return [
    ...claims.map((text) => ({ text: `${api.name}: ${text}` })),
    ...(missing.length === 0
      ? []
      : [
          {
            text: `${api.name}: not in the token: ${missing.join(", ")}`,
            fix: consentFix(stack),
          },
        ]),
    ...(extra.length === 0
      ? []
      : [
          {
            text: `${api.name}: in the token, but not requested: ${extra.join(", ")}`,
            fix: removeGrantFix(app),
          },
        ]),
  ];
}

function audienceOf(decoded: DecodedToken): string | undefined {
  const audience = textClaim(decoded, "aud");
  return audience === undefined ? undefined : plain(audience);
}

/** Entra writes an audience as it was asked for, with or without a slash at its end. */
function plain(audience: string): string {
  return audience.replace(/\/$/, "").toLowerCase();
}

function differs(claim: string, seen: string | undefined, wanted: readonly string[]): string[] {
  return seen !== undefined && wanted.includes(seen)
    ? []
    : [`${claim} is ${seen ?? "absent"}, not ${wanted.join(" or ")}`];
}
