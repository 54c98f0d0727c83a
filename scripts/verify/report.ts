import type { Fix } from "../../core/fix";
import type { CredentialKind, CredentialNoun } from "../../core/settings/credentialKind";

/** The checks, in the order in which a report shows them. */
export const checkIds = [
  "outputs",
  "vault-secret",
  "token",
  "claims",
  "permissions-missing",
  "permissions-extra",
  "graph-call",
  "other-apis",
  "sites",
  "delegated-permissions",
  "user-sign-in",
  "grants",
  "ownership",
  "credentials",
  "expiry",
  "rotation",
  "logic-app",
  "power-platform-secret",
  "vault-posture",
  "power-platform",
  "least-privilege",
] as const;

/** Stable: CI and dashboards may key on it. */
export type CheckId = (typeof checkIds)[number];

/**
 * Only `fail` makes the verdict "not verified" (with `--strict`, `warn` and `note` too). `skip` says that the caller may
 * not look, or that an earlier check left nothing to look at.
 */
export type CheckStatus = "pass" | "note" | "warn" | "fail" | "skip";

/** Identifiers, times and counts; never a secret or a token. */
export type Fact = string | number | boolean | null | readonly string[];

/** What a check found. */
export interface Finding {
  readonly status: CheckStatus;
  /** One line. */
  readonly summary: string;
  readonly evidence: Readonly<Record<string, Fact>>;
  /** What to do about it, the most likely first; absent when nothing is to be done. */
  readonly fixes?: readonly Fix[];
}

export interface CheckResult extends Finding {
  readonly id: CheckId;
  /** The app's name in the settings; null for what the apps share. */
  readonly app: string | null;
}

/** One row of the permission matrix; null where it could not be seen. */
export interface PermissionRow {
  readonly permission: string;
  /** In the settings. */
  readonly asked: boolean;
  /** Among the application's required permissions. */
  readonly declared: boolean | null;
  /** Consented to by an administrator. */
  readonly granted: boolean | null;
  readonly inToken: boolean | null;
}

/** One credential on the app's timeline. */
export interface CredentialSpan {
  readonly what: CredentialNoun;
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  /** `published`: in the vault. `earlier`: the vault's record names it. `unknown`: the record does not name it. */
  readonly kind: "published" | "earlier" | "unknown";
}

export interface AppReport {
  readonly name: string;
  readonly displayName: string;
  readonly clientId: string;
  /** How consumers sign in as the app. */
  readonly signIn: CredentialKind;
  /** Null for an app without a client secret or certificate in the vault, as are the times below. */
  readonly secretName: string | null;
  readonly permissions: readonly PermissionRow[];
  readonly credentials: readonly CredentialSpan[];
  readonly expiresAt: string | null;
  readonly nextRotationAt: string | null;
  /** Until when a rotation may be late; null where the outputs do not say. */
  readonly graceEndsAt: string | null;
}

/** What `verify` found, in the shape that `--json` prints; see report.schema.json. */
export interface VerifyReport {
  readonly schemaVersion: 1;
  readonly verified: boolean;
  readonly strict: boolean;
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly outputsFrom: string | null;
  readonly tenantId: string | null;
  readonly vaultName: string | null;
  readonly signedInAs: string | null;
  readonly apps: readonly AppReport[];
  readonly checks: readonly CheckResult[];
  readonly counts: Readonly<Record<CheckStatus, number>>;
}

/** Whether a check keeps the verdict from being "verified". */
export function isFatal(status: CheckStatus, strict: boolean): boolean {
  return status === "fail" || (strict && (status === "warn" || status === "note"));
}

export function countStatuses(checks: readonly CheckResult[]): Record<CheckStatus, number> {
  const counts: Record<CheckStatus, number> = { pass: 0, note: 0, warn: 0, fail: 0, skip: 0 };
  for (const { status } of checks) counts[status] += 1;
  return counts;
}
