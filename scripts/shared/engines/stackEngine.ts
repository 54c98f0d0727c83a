/** What carries out the Pulumi program of one stack. */
export interface StackEngine {
  readonly name: "pulumi" | "inline";
  /** For people: which installation it is, and why it was taken. */
  readonly why: string;
  /** The stack's name, as this engine knows it. */
  readonly stack: string;
  /**
   * The outputs of the last successful run, undefined before the first.
   *
   * @throws {UsageError} `STACK_MISSING`.
   */
  outputs(): Promise<unknown>;
  /** What the engine's state holds in Azure, oldest first: without components, providers and references. */
  resources(): Promise<readonly HeldResource[]>;
  /**
   * Makes the stack what the program says. One resource's failure does not stop the others.
   *
   * @throws {OperatorError} when no run began, `STACK_LOCKED` among others.
   */
  up(request?: RunRequest): Promise<EngineRun>;
  /** Tells what {@link up} would do, and does nothing. */
  preview(request?: RunRequest): Promise<EngineRun>;
  /**
   * Deletes what the stack holds, children first, and drops retained resources from the state. What could not be deleted
   * stays in the state, so that the next run goes on from there. The caller checks protection first: the Pulumi CLI without
   * its own preview deletes unprotected resources before it meets a protected one.
   *
   * @throws {OperatorError} when no run began, `STACK_LOCKED` among others.
   */
  destroy(request?: RunRequest): Promise<EngineRun>;
  /** Tells what {@link destroy} would do, and does nothing. */
  previewDestroy(request?: RunRequest): Promise<EngineRun>;
  /**
   * Lifts the lock that a killed run left behind.
   *
   * @returns What was lifted, for people.
   */
  unlock(): Promise<string>;
}

export interface RunRequest {
  /** `COPILOT_TOKEN_ROTATE` for this run, such as `CopilotAPIAuth,Reports:leaked`. */
  readonly rotate?: string | undefined;
  /**
   * Patterns of URNs, such as `**$azuread:index/application:Application::**`: what they match is not created, changed or
   * deleted, and the identity that would do so need not sign in.
   */
  readonly exclude?: readonly string[] | undefined;
  /** Looks at Azure first, so that what was removed or changed there is put right. */
  readonly refresh?: boolean | undefined;
  /** Shown while the run goes on; never holds a secret. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Ends the run: at once by the inline engine, as a kill does; by the CLI as Ctrl-C does. */
  readonly signal?: AbortSignal | undefined;
}

/** One resource in an engine's state. */
export interface HeldResource {
  /** Pulumi's type, such as `azure-native:keyvault:Vault`. */
  readonly type: string;
  readonly name: string;
  /** Type of the component that it belongs to; undefined for what the stack has directly. */
  readonly parentType: string | undefined;
  /** The provider's ID, such as an ARM ID or `/applications/{objectId}`. */
  readonly id: string;
  /** The engine refuses to delete it. */
  readonly isProtected: boolean;
  /** A deletion drops it from the state and leaves it in Azure. */
  readonly isRetained: boolean;
}

/** One resource that a run changed, or would change. */
export interface EngineStep {
  /** `forget`: dropped from the state and kept in Azure. */
  readonly operation: "create" | "update" | "replace" | "import" | "delete" | "forget";
  /** Pulumi's type, such as `azure-native:keyvault:Secret`. */
  readonly type: string;
  readonly name: string;
}

/** Why a run did not succeed. */
export interface EngineFailure {
  /** The resource's name; undefined for the program's own failure. */
  readonly resource?: string;
  /** Of the provider, or of the program. */
  readonly message: string;
}

export interface EngineRun {
  readonly ok: boolean;
  /** Of a successful run. */
  readonly outputs: unknown;
  /** In the order in which they happened; what stayed the same is not among them. */
  readonly steps: readonly EngineStep[];
  readonly failures: readonly EngineFailure[];
}

/** What every engine is made with. */
export interface EngineOptions {
  /** The project's folder, with `Pulumi.yaml`. */
  readonly projectDir: string;
  /** The whole environment of the engine and of the program. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Default: the stack that the CLI has selected; inline, `dev`. */
  readonly stack?: string | undefined;
}
