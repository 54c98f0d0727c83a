import type { Change, Checkpoint } from "./checkpoint";
import type { Failure, StepEvent } from "./deploymentEvents";
import type { Properties } from "./properties";

/** Sent once to the engine's process. */
export interface Order {
  readonly projectDir: string;
  /** The program's main file, relative to `projectDir`. */
  readonly program: string;
  readonly project: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  /** Keys of `config` whose values are secret. */
  readonly secretConfigKeys: readonly string[];
  readonly preview: boolean;
  readonly destroy: boolean;
  /** The state is brought to what Azure shows first. */
  readonly refresh: boolean;
  /** Patterns of URNs that are excluded from the run. */
  readonly exclude: readonly string[];
  /** Secrets are encrypted. */
  readonly checkpoint: Checkpoint;
  /** Opens them; base64. */
  readonly key: string;
}

/** Sent by the engine's process, in order. Secrets in it are encrypted. */
export type Report =
  | { readonly kind: "change"; readonly change: Change }
  | { readonly kind: "step"; readonly step: StepEvent }
  | { readonly kind: "failure"; readonly failure: Failure }
  /** The end: nothing follows. Outputs are there when the run succeeded; secret ones are masked. */
  | { readonly kind: "end"; readonly outputs?: Properties };
