import { personFix } from "../../../core/fix";
import type { AppEvidence, StackEvidence, TokenSeen } from "../evidence";
import type { Finding } from "../report";
import { instantClaim, textClaim } from "../../../azure/tokenClaims";
import { graphClientId } from "../../../azure/graph";
import { isoSeconds, tokenNotReached } from "./explain";

/** Entra dates tokens back by five minutes; more than this apart, one of the two clocks is wrong. */
const clockToleranceMinutes = { behind: 5, ahead: 15 };

/** Entra's tokens for apps live about an hour, up to 28 h with continuous access evaluation. */
const lifetimeMinutes = { min: 5, max: 28 * 60 };

/** `claims`: the token is for Graph, from this tenant, for this app, without a user, and in date. */
export function checkClaims(app: AppEvidence, stack: StackEvidence): Finding {
  if (!app.token.known) return tokenNotReached(app);
  const token = app.token.value;
  const { decoded } = token;
  const expiresAt = instantClaim(decoded, "exp");
  const evidence = {
    aud: textClaim(decoded, "aud") ?? null,
    tid: textClaim(decoded, "tid") ?? null,
    appid: textClaim(decoded, "appid") ?? textClaim(decoded, "azp") ?? null,
    idtyp: textClaim(decoded, "idtyp") ?? null,
    exp: expiresAt === undefined ? null : isoSeconds(expiresAt),
  };
  const clock = clockFault(token);
  // Entra echoes the form that was asked for.
  const { graph } = stack.cloud;
  const graphAudiences: readonly (string | null)[] = [graph, `${graph}/`, graphClientId];
  const wrong = [
    ...(graphAudiences.includes(evidence.aud)
      ? []
      : [`aud is ${evidence.aud ?? "absent"}, not Microsoft Graph`]),
    ...differs("tid", evidence.tid, stack.outputs.tenantId),
    ...differs("appid", evidence.appid, app.outputs.clientId),
    ...(decoded.claims["scp"] === undefined
      ? differs("idtyp", evidence.idtyp ?? "app", "app")
      : ["scp is present: a user's token"]),
    ...(clock === undefined ? lifetimeFault(token, expiresAt) : [clock]),
  ];
  if (wrong.length === 0) {
    return { status: "pass", summary: "aud, tid, appid, idtyp and exp are as they must be", evidence };
  }
  return {
    status: "fail",
    summary: wrong.join("; "),
    evidence,
    fixes: [
      clock === undefined
        ? personFix(
            "claims.interception",
            "Take fresh outputs from the stack; if these claims stay wrong, something between here and Entra answers.",
          )
        : personFix("claims.clock", "Set this machine's clock (timedatectl set-ntp true; w32tm /resync)."),
    ],
  };
}

function differs(claim: string, seen: string | null, wanted: string): string[] {
  return seen === wanted ? [] : [`${claim} is ${seen ?? "absent"}, not ${wanted}`];
}

/** A token just issued carries Entra's time: what this machine's clock is off by. */
function clockFault({ decoded, receivedAt }: TokenSeen): string | undefined {
  const issuedAt = instantClaim(decoded, "iat");
  if (issuedAt === undefined) return undefined;
  const minutes = Math.round((receivedAt.getTime() - issuedAt.getTime()) / 60_000);
  if (minutes > clockToleranceMinutes.ahead) {
    return `this machine's clock is about ${minutes} min ahead of Entra's (issued ${isoSeconds(issuedAt)})`;
  }
  if (-minutes > clockToleranceMinutes.behind) {
    return `this machine's clock is about ${-minutes} min behind Entra's (issued ${isoSeconds(issuedAt)})`;
  }
  return undefined;
}

function lifetimeFault({ receivedAt }: TokenSeen, expiresAt: Date | undefined): string[] {
  if (expiresAt === undefined) return ["exp is absent"];
  const minutes = Math.round((expiresAt.getTime() - receivedAt.getTime()) / 60_000);
  return minutes >= lifetimeMinutes.min && minutes <= lifetimeMinutes.max
    ? []
    : [`exp is ${isoSeconds(expiresAt)}, ${minutes} min from now`];
}
