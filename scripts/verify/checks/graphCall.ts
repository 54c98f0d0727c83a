import { personFix, waitFix, type Fix } from "../../../core/fix";
import type { AppEvidence, ProbeSeen } from "../evidence";
import type { Finding } from "../report";
import { counted, tokenNotReached, refusalFacts } from "./explain";

/**
 * `graph-call`: Microsoft Graph takes the token and allows what the permissions say. Its own answer is the evidence: a 200
 * to a read or, where no permission has a harmless read, its refusal of a read that takes another permission.
 */
export function checkGraphCall(app: AppEvidence): Finding {
  if (!app.token.known) return tokenNotReached(app);
  if (!app.probes.known) {
    const { error } = app.probes;
    return { status: "fail", summary: error.message, evidence: refusalFacts(error) };
  }
  const probes = app.probes.value;
  const probed = new Set(probes.flatMap(({ permissions }) => permissions));
  const unprobed = app.outputs.permissions.filter((permission) => !probed.has(permission));
  const evidence = {
    calls: probes.map(describe),
    ...(unprobed.length > 0 ? { withoutHarmlessRead: unprobed } : {}),
  };
  const foreign = probes.filter((probe) => probe.foreign !== undefined && !isRefused(probe));
  if (foreign.length > 0) return { ...foreignFinding(foreign), evidence };
  const refused = probes.filter(isRefused);
  if (refused.length > 0) return { ...refusedFinding(refused), evidence };

  const allowed = probes.filter(({ status }) => status === 200);
  const taken = probes.find(({ permissions }) => permissions.length === 0);
  if (taken !== undefined && taken.status !== 200 && taken.errorCode !== requestDenied) {
    return {
      status: "fail",
      summary: `Graph answers ${taken.status} ${taken.errorCode ?? ""} to ${taken.path}, which does not say that it takes the token`,
      evidence,
      fixes: [
        waitFix(
          "graph.unavailable",
          "Run this again later; if it stays, ask Microsoft's support with the request ID.",
        ),
      ],
    };
  }
  if (probes.every(({ permissions }) => permissions.length === 0)) {
    return {
      status: "pass",
      summary: `Graph takes the token; ${unprobed.join(", ")} ${unprobed.length === 1 ? "has" : "have"} no harmless read to try`,
      evidence,
    };
  }
  const unclear = probes.filter(({ status, permissions }) => status !== 200 && permissions.length > 0);
  if (unclear.length > 0) {
    const names = unclear.map(({ permissions, status }) => `${permissions.join(", ")} (${status})`);
    return {
      status: "warn",
      summary: `Graph takes the token, but could not answer for ${names.join("; ")}: is the service licensed here?`,
      evidence,
    };
  }
  return { status: "pass", summary: `Graph answers 200 to ${counted(allowed.length, "read")}`, evidence };
}

/** What Graph answers to a token that it takes and that may not read this. */
const requestDenied = "Authorization_RequestDenied";

/** 401: the token itself; 403: what it may do; a token without any suitable permission always gets that. */
function isRefused({ status, permissions }: ProbeSeen): boolean {
  return (
    status === 401 ||
    status === 429 ||
    status >= 502 ||
    status === 500 ||
    (status === 403 && permissions.length > 0)
  );
}

function foreignFinding(foreign: readonly ProbeSeen[]): Pick<Finding, "status" | "summary" | "fixes"> {
  return {
    status: "fail",
    summary: foreign
      .map(
        ({ path, status, foreign: why }) =>
          `the answer ${status} to ${path} is not Microsoft Graph's own: ${why ?? ""}`,
      )
      .join("; "),
    fixes: [
      personFix(
        "graph.interception",
        "A proxy, a portal or a mock answers between here and Microsoft Graph. Run this where nothing does.",
      ),
    ],
  };
}

function refusedFinding(refused: readonly ProbeSeen[]): Pick<Finding, "status" | "summary" | "fixes"> {
  const summary = refused
    .map(({ path, status, errorCode }) => `Graph answers ${status} ${errorCode ?? ""} to ${path}`)
    .join("; ");
  return {
    status: "fail",
    summary,
    fixes: [refusalFix(new Set(refused.map(({ status }) => status)))],
  };
}

function refusalFix(statuses: ReadonlySet<number>): Fix {
  if (statuses.has(401)) {
    return personFix(
      "graph.interception",
      "Graph does not take the token: is something between here and Entra answering? Check the claims above.",
    );
  }
  return statuses.has(403)
    ? personFix(
        "graph.permission",
        "The permission is not in force: see permissions-missing and grants. A new grant counts in new tokens only.",
      )
    : waitFix(
        "graph.unavailable",
        "Graph is throttling or out of order: run again later, or with a longer --wait.",
      );
}

function describe({ path, status, errorCode, requestId, permissions }: ProbeSeen): string {
  const what = permissions.length === 0 ? "token only" : permissions.join(", ");
  return [
    `GET ${path} -> ${status}${errorCode === undefined ? "" : ` ${errorCode}`} (${what})`,
    ...(requestId === undefined ? [] : [`request-id ${requestId}`]),
  ].join(", ");
}
