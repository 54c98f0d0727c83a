import { personFix, waitFix, type Fix } from "../../../core/fix";
import { rolesOf, textClaim, type DecodedToken } from "../../../azure/tokenClaims";
import type { ApiReadSeen, ApiSeen, AppEvidence, StackEvidence } from "../evidence";
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
 * granted, and the API answers a read with it where one is known to be harmless or the caller names one.
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
    reads: app.apis.flatMap(({ api, read }) =>
      read?.known === true ? [readText(api.name, read.value)] : [],
    ),
  };
  if (faults.length === 0) {
    const names = (wanted: boolean): string =>
      app.apis.flatMap(({ api, read }) => ((read !== undefined) === wanted ? [api.name] : [])).join(", ");
    const [answering, unread] = [names(true), names(false)];
    const inTokens = `${counted(permissions, "permission")} of ${app.apis.map(({ api }) => api.name).join(", ")}, all in their tokens`;
    return {
      status: "pass",
      summary: [
        inTokens,
        ...(answering === "" ? [] : [`a read is answered by ${answering}`]),
        ...(unread === "" ? [] : [`only the token is verified for ${unread}`]),
      ].join("; "),
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

function readText(name: string, { url, status, statusWithoutToken }: ApiReadSeen): string {
  return `${name}: GET ${url} -> ${status}; without a token ${statusWithoutToken}`;
}

/** What an API's answer to a read says against the token, or why it says nothing. */
function readFaults({ api, read }: ApiSeen): ApiFault[] {
  if (read === undefined) return [];
  if (!read.known) {
    return [{ text: `${api.name}: no answer. ${read.error.message}`, fix: unavailable }];
  }
  const { url, status, isJson, statusWithoutToken } = read.value;
  const said = `${api.name} answers ${status} to GET ${url}`;
  if (status === 429 || status >= 500) return [{ text: said, fix: unavailable }];
  if (!isSuccess(status)) return [{ text: said, fix: refused }];
  if (!isJson) return [{ text: `${said}, and not with JSON: something in between may answer`, fix: refused }];
  if (isSuccess(statusWithoutToken)) {
    return [
      {
        text: `${said}, and to a request without a token too, so it does not show that it checks one`,
        fix: open,
      },
    ];
  }
  return [];
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

const refused = personFix(
  "apis.refused",
  "Compare the URL with the API, and look in the API's own log why it refuses the token.",
);
const open = personFix(
  "apis.open",
  "Name a URL that needs the token (--api-read), or have the API check tokens.",
);
const unavailable = waitFix("apis.unavailable", "Run this again later, or with a longer --wait.");

function faultsOf(seen: ApiSeen, app: AppEvidence, stack: StackEvidence): ApiFault[] {
  const { api, token } = seen;
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
  const ofToken = [
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
  // What is wrong with the token explains what the API says to it.
  return ofToken.length > 0 ? ofToken : readFaults(seen);
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
