import { isForbidden } from "../../azure/serviceRefusal";
import type { OperatorError } from "../../core/errors";
import type { IdentityKey } from "../../core/access/rights";
import { personFix, type Fix } from "../../core/fix";
import type { Finding } from "../verify/report";

/** The checks, in the order in which they are shown. */
export const doctorCheckIds = [
  "node",
  "pulumi",
  "key-vault-api",
  "settings",
  "open-access",
  "network",
  "clock",
  "identity",
  "github-environment",
  "graph-rights",
  "azure-rights",
  "resource-providers",
  "permission-names",
  "same-name",
  "existing-grants",
  "secret-policy",
  "deployed",
  "vault-name",
  "vault-firewall",
  "power-platform",
  "readers",
] as const;

/** Stable. */
export type DoctorCheckId = (typeof doctorCheckIds)[number];

export interface DoctorResult extends Finding {
  readonly id: DoctorCheckId;
}

/** What `npm run doctor -- --json` prints. */
export interface DoctorReport {
  readonly schemaVersion: 1;
  /** No check failed: the identity has what its work needs, such as `pulumi up`. */
  readonly ready: boolean;
  readonly stack: string;
  readonly who: IdentityKey;
  readonly checks: readonly DoctorResult[];
}

export function pass(summary: string, evidence: Finding["evidence"] = {}): Finding {
  return { status: "pass", summary, evidence };
}

export function fail(summary: string, fixes: Fixes, evidence: Finding["evidence"] = {}): Finding {
  return { status: "fail", summary, fixes: listOf(fixes), evidence };
}

export function warn(summary: string, fixes: Fixes, evidence: Finding["evidence"] = {}): Finding {
  return { status: "warn", summary, fixes: listOf(fixes), evidence };
}

/** What could not be looked at, and why. */
export function skip(summary: string, fix?: Fix): Finding {
  return { status: "skip", summary, evidence: {}, ...(fix === undefined ? {} : { fixes: [fix] }) };
}

/**
 * What the check needed could not be read. Only a warning where the service says that the caller has no right to look;
 * any other answer leaves nothing to conclude from.
 */
export function unread(error: OperatorError, summary: string, fixes: Fixes): Finding {
  return (isForbidden(error) ? warn : fail)(`${summary}: ${error.message}`, fixes);
}

/** What another check tells more about. */
export function seeCheck(id: DoctorCheckId): Fix {
  return personFix("see.other-check", `See ${id}.`);
}

type Fixes = Fix | readonly Fix[];

function listOf(fixes: Fixes): readonly Fix[] {
  return "id" in fixes ? [fixes] : fixes;
}
