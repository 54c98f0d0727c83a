import { personFix } from "../../../core/fix";
import { isPublishedKind } from "../../../core/settings/credentialKind";
import { OperatorError } from "../../../core/errors";
import type { AppEvidence } from "../evidence";
import type { Finding } from "../report";
import { isForbidden, ServiceRefusal } from "../../../azure/serviceRefusal";

/** A check that an earlier one's failure left nothing to look at. */
export function notReached(earlier: string): Finding {
  return { status: "skip", summary: `not reached: see ${earlier}`, evidence: {} };
}

/** The finding of a check of the token where there is none: the credential could not be read, or Entra issued none. */
export function tokenNotReached(app: AppEvidence): Finding {
  return notReached(isUnreadable(app) ? "vault-secret" : "token");
}

/** Whether what the app signs in with could not be read from the vault. */
export function isUnreadable(app: AppEvidence): boolean {
  const { signIn } = app.outputs;
  return isPublishedKind(signIn) && app[signIn]?.known === false;
}

/**
 * A check that has nothing to look at. Skipped where the service says that the caller may not look, failed where it did
 * not answer as it should: nothing is verified then.
 */
export function notSeen(what: string, error: OperatorError, right: string): Finding {
  if (isForbidden(error)) {
    return {
      status: "skip",
      summary: `the caller may not read ${what}`,
      evidence: refusalFacts(error),
      fixes: [personFix("see.more", right)],
    };
  }
  return {
    status: "fail",
    summary: `${what} could not be read: ${error.message.split("\n")[0] ?? ""}`,
    evidence: refusalFacts(error),
  };
}

/** What a service's refusal gives as evidence. */
export function refusalFacts(error: OperatorError): Finding["evidence"] {
  if (!(error instanceof ServiceRefusal)) return { code: error.code };
  return {
    service: error.service,
    status: error.status,
    code: error.serviceCode,
    requestId: error.requestId ?? null,
  };
}

/** `2027-01-31T12:00:00Z`: in whole seconds, UTC. */
export function isoSeconds(instant: Date): string {
  return instant.toISOString().replace(/\.\d{3}Z$/, "Z");
}

const dayMilliseconds = 86_400_000;

/** Whole days from one instant to another, rounded down; negative when the second is earlier. */
export function wholeDays(from: Date, to: Date): number {
  return Math.floor((to.getTime() - from.getTime()) / dayMilliseconds);
}

/** "1 day", "3 days". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
