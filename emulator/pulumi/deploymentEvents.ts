import type { Operation } from "./resourceStep";

/** What happened to one resource, for people and for counting. */
export interface StepEvent {
  /** `forget`: dropped from the state and kept in Azure (`retainOnDelete`). */
  readonly operation: Operation | "delete" | "forget";
  readonly status: "begun" | "done" | "failed";
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

/** Why a run did not succeed. Without `urn` it is the program's own failure. */
export interface Failure {
  readonly urn?: string;
  readonly type?: string;
  readonly name?: string;
  /** Never holds a secret. */
  readonly message: string;
  /** Only for unexpected errors. */
  readonly stack?: string;
}
