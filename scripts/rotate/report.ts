import type { Fix } from "../../core/fix";
import type { CredentialNoun } from "../../core/settings/credentialKind";
import type { EngineStep } from "../shared/engines/stackEngine";
import type { VerifyReport } from "../verify/report";
import type { Removal } from "./removals";
import type { Occasion } from "./rotationPlan";

/** What `rotate` found and did, in the shape that `--json` prints. Identifiers and times; never a secret. */
export interface RotateReport {
  readonly schemaVersion: 1;
  /** Everything that was to be done is done, and the result is verified. For a dry run: all of it can be done. */
  readonly ok: boolean;
  readonly dryRun: boolean;
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly stack: string;
  readonly engine: { readonly name: "pulumi" | "inline"; readonly why: string };
  readonly apps: readonly AppRotation[];
  /** Resources that the engine changed, or would change; empty when the program did not have to run. */
  readonly steps: readonly EngineStep[];
  readonly failures: readonly RotateFailure[];
  readonly verifiedBefore: VerifyReport;
  /** Undefined of a dry run. */
  readonly verifiedAfter: VerifyReport | undefined;
}

export interface RotateFailure {
  /** The resource, or the app, that it is about; null for the whole. */
  readonly subject: string | null;
  readonly message: string;
  /** What to do; absent where the message says it. */
  readonly fixes?: readonly Fix[];
}

/** One published client secret or certificate. */
export interface CredentialView {
  readonly kind: CredentialNoun;
  readonly sequence: number;
  readonly keyId: string;
  readonly cause: string;
  readonly startsAt: string;
  readonly endsAt: string | null;
  /** Whether the vault's current version holds it; null when that cannot be seen. */
  readonly published: boolean | null;
}

export interface AppRotation {
  readonly name: string;
  readonly clientId: string;
  /** Why the program ran for it; null when it did not have to. */
  readonly occasion: Occasion | null;
  readonly why: string;
  /** Null for an app without a client secret or certificate. */
  readonly before: CredentialView | null;
  /** The same as `before` when nothing changed. */
  readonly after: CredentialView | null;
  /** Removed; of a dry run, what would be. */
  readonly removed: readonly Removal[];
  /** Not removed although a leak was reported: each with its reason. */
  readonly left: readonly string[];
  /** Credentials of the kind that Entra accepts, of a dry run after the rotation; null when the directory is closed to the caller. */
  readonly liveCredentials: number | null;
  /** Null where none follows. */
  readonly nextRotationAt: string | null;
}
