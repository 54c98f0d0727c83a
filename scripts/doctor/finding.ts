import type { IdentityKey } from "../../core/access/rights";
import type { Finding } from "../verify/report";

/** The checks, in the order in which they are shown. */
export const doctorCheckIds = [
  "node",
  "pulumi",
  "key-vault-api",
  "settings",
  "network",
  "clock",
  "identity",
  "graph-rights",
  "azure-rights",
  "resource-providers",
  "permission-names",
  "same-name",
  "existing-grants",
  "secret-policy",
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

export function fail(summary: string, repair: string, evidence: Finding["evidence"] = {}): Finding {
  return { status: "fail", summary, repair, evidence };
}

export function warn(summary: string, repair: string, evidence: Finding["evidence"] = {}): Finding {
  return { status: "warn", summary, repair, evidence };
}

/** What could not be looked at, and why. */
export function skip(summary: string, repair?: string): Finding {
  return { status: "skip", summary, evidence: {}, ...(repair === undefined ? {} : { repair }) };
}
