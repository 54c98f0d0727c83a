import type { Properties } from "./properties";

/** What the engine remembers of a resource. Secrets in it are encrypted. */
export interface ResourceState {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Managed by a provider; otherwise a component. */
  readonly custom: boolean;
  /** The provider's ID for it; absent for components. */
  readonly id?: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** URN of the parent. */
  readonly parent?: string;
  /** URNs of what has to outlive it. */
  readonly dependencies: readonly string[];
  /** The provider that the program gave it, as `URN::ID`; absent for its package's default one. */
  readonly provider?: string;
  readonly retainOnDelete?: boolean;
  readonly protect?: boolean;
}

/** A stack as the inline engine keeps it between runs. */
export interface Checkpoint {
  readonly version: 1;
  readonly project: string;
  readonly stack: string;
  /** Salt of the sealing key, base64. */
  readonly salt: string;
  /** A known value, encrypted: shows a wrong passphrase at once. */
  readonly passphraseCheck: unknown;
  /** Stack outputs of the last run in which every resource succeeded. */
  readonly outputs?: Properties;
  /** In order of registration. */
  readonly resources: readonly ResourceState[];
  /** Operations that began and of whose end nothing is known: the run was killed there. */
  readonly pending: readonly PendingOperation[];
}

export interface PendingOperation {
  readonly urn: string;
  readonly operation: string;
}

/** One thing that a run did to the stack's state. */
export type Change =
  | { readonly kind: "begin"; readonly urn: string; readonly operation: string }
  | { readonly kind: "abandon"; readonly urn: string }
  | { readonly kind: "put"; readonly resource: ResourceState }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "drop"; readonly urn: string }
  | { readonly kind: "outputs"; readonly outputs: Properties }
  | { readonly kind: "order"; readonly urns: readonly string[] };

/** Applies changes one by one, each in constant time, so that many resources cost no more each than few. */
export class CheckpointFold {
  readonly #base: Checkpoint;
  readonly #resources: Map<string, ResourceState>;
  readonly #pending: Map<string, PendingOperation>;
  #outputs: Properties | undefined;

  constructor(base: Checkpoint) {
    this.#base = base;
    this.#resources = new Map(base.resources.map((resource) => [resource.urn, resource]));
    this.#pending = new Map(base.pending.map((operation) => [operation.urn, operation]));
    this.#outputs = base.outputs;
  }

  apply(change: Change): void {
    switch (change.kind) {
      case "begin":
        this.#pending.set(change.urn, { urn: change.urn, operation: change.operation });
        return;
      case "abandon":
        this.#pending.delete(change.urn);
        return;
      case "put":
        this.#pending.delete(change.resource.urn);
        this.#resources.set(change.resource.urn, change.resource);
        return;
      case "rename":
        this.#rename(change.from, change.to);
        return;
      case "drop":
        this.#pending.delete(change.urn);
        this.#resources.delete(change.urn);
        return;
      case "outputs":
        this.#outputs = change.outputs;
        return;
      case "order":
        this.#reorder(change.urns);
    }
  }

  #rename(from: string, to: string): void {
    for (const [urn, resource] of [...this.#resources]) {
      this.#resources.delete(urn);
      const renamed = renamedIn(resource, from, to);
      this.#resources.set(renamed.urn, renamed);
    }
  }

  /** What was not registered stays before what was: it is older, and nothing new depends on it. */
  #reorder(urns: readonly string[]): void {
    for (const urn of urns) {
      const resource = this.#resources.get(urn);
      if (resource === undefined) continue;
      this.#resources.delete(urn);
      this.#resources.set(urn, resource);
    }
  }

  /** Forgets operations that a killed run left open, once they were reported. */
  forgetPending(): void {
    this.#pending.clear();
  }

  /** The state with all changes so far. */
  checkpoint(): Checkpoint {
    const { version, project, stack, salt, passphraseCheck } = this.#base;
    return {
      version,
      project,
      stack,
      salt,
      passphraseCheck,
      ...(this.#outputs === undefined ? {} : { outputs: this.#outputs }),
      resources: [...this.#resources.values()],
      pending: [...this.#pending.values()],
    };
  }
}

/** A resource's state after another one, or it itself, got another URN. */
export function renamedIn(resource: ResourceState, from: string, to: string): ResourceState {
  const rename = (urn: string): string => (urn === from ? to : urn);
  const { parent, provider } = resource;
  return {
    ...resource,
    urn: rename(resource.urn),
    dependencies: resource.dependencies.map(rename),
    ...(parent === undefined ? {} : { parent: rename(parent) }),
    ...(provider?.startsWith(`${from}::`) === true ? { provider: to + provider.slice(from.length) } : {}),
  };
}
