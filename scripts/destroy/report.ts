import type { EngineFailure, EngineStep } from "../shared/engines/stackEngine";
import type { Leftover } from "./leftovers";

/** What became of one thing that was to be purged or restored. */
export interface Outcome {
  readonly action: "purge" | "restore";
  readonly kind: Leftover["kind"];
  readonly name: string;
  /** Object ID, or ARM ID. */
  readonly id: string;
  /** Why it did not happen; null when it did. */
  readonly refusal: string | null;
}

/** What `--json` prints. Identifiers and times; never a secret. */
export interface DestroyReport {
  readonly schemaVersion: 1;
  /** Everything that was to be done is done; of a dry run, that it can be done. */
  readonly ok: boolean;
  readonly mode: DestroyMode;
  readonly dryRun: boolean;
  readonly stack: string;
  readonly engine: { readonly name: "pulumi" | "inline"; readonly why: string };
  readonly tenantId: string;
  /** What the engine deleted or forgot, or would. */
  readonly steps: readonly EngineStep[];
  readonly failures: readonly EngineFailure[];
  readonly outcomes: readonly Outcome[];
  /** What Azure shows at the end; of a dry run, at present. */
  readonly leftovers: readonly Leftover[];
  /** The stack had user-assigned managed identities. */
  readonly managedIdentities: boolean;
  /** When earlier destructions began that the record still holds, newest first: values for `--of`. */
  readonly earlierDestructions: readonly string[];
  /** Commands by which the stack takes in what was restored. */
  readonly wayIn: readonly string[];
  /** Identifiers of what went, for `--purge` and `--restore`. */
  readonly recordFile: string;
}

export type DestroyMode = "destroy" | "purge" | "restore";
