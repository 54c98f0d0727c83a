import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { renamedIn, type Change, type ResourceState } from "./checkpoint";
import { containsUnknown, plainProperties, type Properties } from "./properties";
import { planStep, type Registration } from "./resourceStep";
import type { Failure, StepEvent } from "./deploymentEvents";
import { errorMessage, protectedMessage, removeResources, type RemovalOptions } from "./removeResources";
import type { ExplicitProvider } from "./providers/registry";
import type { ResourceProvider } from "./resourceProvider";
import type { Transform } from "./transforms";
import { formerUrns, providerUrn, stackType, urnOf } from "./urn";

/** What the program gets back for a registration. */
export interface Registered {
  readonly urn: string;
  readonly id: string | undefined;
  readonly outputs: Properties;
  readonly result: "success" | "failed" | "skipped";
}

/** A resource that the program refers to without managing it. */
export interface SoughtResource {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly parent?: string;
  /** An explicit provider, as `URN::ID`. */
  readonly provider?: string;
}

export interface DeploymentOptions {
  readonly project: string;
  readonly stack: string;
  readonly preview: boolean;
  /** Whether a URN's resource is excluded from the run. */
  readonly isExcluded: (urn: string) => boolean;
  /** The state before this run, secrets opened. */
  readonly olds: ReadonlyMap<string, ResourceState>;
  /** The last successful outputs. */
  readonly oldOutputs: Properties | undefined;
  /** @returns undefined for a package that the engine does not know. */
  readonly providerOf: (packageName: string, explicit?: ExplicitProvider) => ResourceProvider | undefined;
  readonly record: (change: Change) => void;
  /** Resolves when all that was recorded is in the state, where the next run finds it. */
  readonly recorded: () => Promise<void>;
  readonly onStep: (event: StepEvent) => void;
  readonly onFailure: (failure: Failure) => void;
}

/**
 * One run of the inline engine: turns registrations into provider calls and state. A resource that fails does not
 * stop what has nothing to do with it, as under Pulumi's `--continue-on-error`: whatever depends on it is skipped.
 */
export class Deployment {
  readonly #options: DeploymentOptions;
  /** In order of their being ready. */
  readonly #news = new Map<string, ResourceState>();
  /** The state before this run, under the URNs that the program gives by now. */
  readonly #olds: Map<string, ResourceState>;
  /** Former URNs of what is registered: what lies under it had a former URN too. */
  readonly #former = new Map<string, readonly string[]>();
  readonly #seen = new Set<string>();
  /** Failed, or skipped because of a failure. */
  readonly #lost = new Set<string>();
  readonly #active = new Set<Promise<unknown>>();
  readonly #transforms: Transform[] = [];
  /** By URN: a resource's own and those of what it lies under, the nearest first. */
  readonly #transformsUnder = new Map<string, readonly Transform[]>();
  #failed = false;
  #outputs: Properties | undefined;

  constructor(options: DeploymentOptions) {
    this.#options = options;
    this.#olds = new Map(options.olds);
  }

  /** Outputs of the stack, once the program has registered them. */
  get outputs(): Properties | undefined {
    return this.#outputs;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** Notes a failure; the run goes on where it can, and ends without success. */
  fail(failure: Failure): void {
    this.#failed = true;
    this.#options.onFailure(failure);
  }

  /** Resolves when no provider call is under way and the program starts no new one. */
  async idle(): Promise<void> {
    do {
      await Promise.allSettled([...this.#active]);
      await setTimeout(quietMilliseconds);
    } while (this.#active.size > 0);
  }

  async #during<T>(work: Promise<T>): Promise<T> {
    this.#active.add(work);
    try {
      return await work;
    } finally {
      this.#active.delete(work);
    }
  }

  /** Handles `registerStackTransform`: from now on every registration goes through it. */
  addTransform(transform: Transform): void {
    this.#transforms.push(transform);
  }

  /** Handles `registerResource`. Never throws: a failure is reported, and told to the program by its result. */
  register(registration: Registration): Promise<Registered> {
    return this.#during(this.#register(registration));
  }

  async #register(registration: Registration): Promise<Registered> {
    const { project, stack } = this.#options;
    const { type, name } = registration;
    const urn = urnOf(stack, project, registration.parent, registration);
    try {
      if (this.#seen.has(urn)) {
        throw new Error("Two resources have this type, name and parent. Give one of them another name.");
      }
      this.#seen.add(urn);
      this.#rename(urn, registration);
      this.#transformsUnder.set(urn, [
        ...registration.transforms,
        ...(this.#transformsUnder.get(registration.parent ?? "") ?? []),
      ]);
      if (registration.custom && this.#options.isExcluded(urn)) return this.#leaveAlone(urn);
      const needed = [
        ...registration.dependencies,
        registration.parent ?? "",
        providerUrn(registration.provider ?? ""),
      ];
      if (needed.some((dependency) => this.#lost.has(dependency))) {
        this.#lost.add(urn);
        return { urn, id: undefined, outputs: {}, result: "skipped" };
      }
      const state = registration.custom
        ? await this.#step(urn, await this.#transformed(urn, registration))
        : this.#component(urn, registration);
      this.#news.set(urn, state);
      return {
        urn,
        id: state.id === "" ? undefined : state.id,
        outputs: state.custom ? state.outputs : {},
        result: "success",
      };
    } catch (error) {
      this.#lost.add(urn);
      this.fail({ urn, type, name, message: errorMessage(error) });
      return { urn, id: undefined, outputs: {}, result: "failed" };
    }
  }

  /** Brings the state of a resource that the program registers under an alias under its new URN. */
  #rename(urn: string, { parent, aliases, ...own }: Registration): void {
    const { project, stack, preview, record } = this.#options;
    const former = formerUrns(stack, project, own, aliases, this.#former.get(parent ?? "") ?? []);
    this.#former.set(urn, former);
    const from = this.#olds.has(urn) ? undefined : former.find((alias) => this.#olds.has(alias));
    if (from === undefined) return;
    for (const [key, state] of [...this.#olds]) {
      this.#olds.delete(key);
      const renamed = renamedIn(state, from, urn);
      this.#olds.set(renamed.urn, renamed);
    }
    if (!preview) record({ kind: "rename", from, to: urn });
  }

  async #transformed(urn: string, registration: Registration): Promise<Registration> {
    let transformed = registration;
    const own = this.#transformsUnder.get(urn) ?? [];
    for (const transform of [...own, ...this.#transforms]) transformed = await transform(transformed);
    return transformed;
  }

  /** What a stack does not have yet stays unmade, and what would rest on it is skipped with it. */
  #leaveAlone(urn: string): Registered {
    const old = this.#olds.get(urn);
    if (old === undefined) {
      this.#lost.add(urn);
      return { urn, id: undefined, outputs: {}, result: "skipped" };
    }
    this.#news.set(urn, old);
    return { urn, id: old.id, outputs: old.outputs, result: "success" };
  }

  /** Handles `readResource`: a read of a resource that is managed elsewhere. */
  async read({ type, name, id, parent, provider }: SoughtResource): Promise<Registered> {
    const urn = urnOf(this.#options.stack, this.#options.project, parent, { type, name });
    const found = await this.#during(this.#provider(type, provider).read(id, urn));
    if (found.id === "") throw new Error(`resource '${id}' does not exist`);
    return { urn, id: found.id, outputs: found.props, result: "success" };
  }

  /** Handles a function call: of a provider's package, or the engine's own that reads what a stack published. */
  async invoke(token: string, inputs: Properties, reference?: string): Promise<Properties> {
    if (token === "pulumi:pulumi:readStackOutputs") return this.#stackOutputs(String(inputs["name"]));
    if (token === "pulumi:pulumi:readStackResourceOutputs") {
      return this.#resourceOutputs(String(inputs["stackName"]));
    }
    const provider = this.#provider(token, reference);
    const { outputs } = await this.#during(provider.invoke(token, plainProperties(inputs)));
    return outputs;
  }

  /** Handles `registerResourceOutputs`; those of the stack are the stack's outputs. */
  registerOutputs(urn: string, outputs: Properties): void {
    const component = this.#news.get(urn);
    if (component === undefined) return;
    if (component.type === stackType) this.#outputs = outputs;
    // What a failure has left without a value is not kept.
    else if (!containsUnknown(outputs)) this.#keep({ ...component, outputs });
  }

  /**
   * Ends a run: keeps the outputs, then deletes what the program no longer registers. After a failure it does
   * neither, since what is missing may be missing because of it.
   */
  async finish(): Promise<void> {
    const { preview, record } = this.#options;
    const olds = this.#olds;
    if (!preview) record({ kind: "order", urns: [...this.#news.keys()] });
    if (this.#failed) return;
    if (!preview) record({ kind: "outputs", outputs: this.#outputs ?? {} });
    const gone = [...olds.values()].filter(({ urn }) => !this.#seen.has(urn));
    await removeResources(gone, this.#removal());
  }

  /** Deletes everything, instead of running the program. */
  async destroy(): Promise<void> {
    const { preview, record } = this.#options;
    const olds = this.#olds;
    const kept = [...olds.values()].filter(({ protect }) => protect === true);
    for (const { urn, type, name } of kept) this.fail({ urn, type, name, message: protectedMessage });
    if (kept.length > 0) return;
    await removeResources([...olds.values()], this.#removal());
    if (!preview && !this.#failed) record({ kind: "outputs", outputs: {} });
  }

  #removal(): RemovalOptions {
    return {
      ...this.#options,
      providerOf: ({ type, provider }) => this.#provider(type, provider),
      onFailure: (failure) => {
        this.fail(failure);
      },
    };
  }

  #provider(token: string, reference?: string): ResourceProvider {
    const [packageName = ""] = token.split(":");
    const provider = this.#options.providerOf(packageName, this.#explicitProvider(reference));
    if (provider !== undefined) return provider;
    throw new Error(
      `The inline engine has no provider for "${token}". Run with \`--engine pulumi\`, whose plugins know it.`,
    );
  }

  /** As this run configures it; one that the program has given up is as it was. */
  #explicitProvider(reference: string | undefined): ExplicitProvider | undefined {
    if (reference === undefined) return undefined;
    const urn = providerUrn(reference);
    const state = this.#news.get(urn) ?? this.#olds.get(urn);
    if (state === undefined) throw new Error(`The provider ${urn} is not among the stack's resources.`);
    const config = plainProperties(state.inputs);
    if (!containsUnknown(config)) return { urn, config };
    throw new Error(
      `The configuration of the provider ${state.name} depends on what is still to be made, so the inline engine ` +
        "cannot plan with it. Give it values that are known, or run with `--engine pulumi`.",
    );
  }

  #component(urn: string, registration: Registration): ResourceState {
    const { type, name, parent, dependencies } = registration;
    const state: ResourceState = {
      urn,
      type,
      name,
      custom: false,
      inputs: {},
      outputs: this.#options.olds.get(urn)?.outputs ?? {},
      ...(parent === undefined ? {} : { parent }),
      dependencies,
    };
    this.#keep(state);
    return state;
  }

  async #step(urn: string, registration: Registration): Promise<ResourceState> {
    const { preview, record, onStep } = this.#options;
    const { type, name } = registration;
    const old = this.#olds.get(urn);
    const provider = this.#provider(type, registration.provider);
    const step = await planStep(registration, { urn, provider, old, preview });
    const { operation } = step;
    const writes = !preview && (operation === "create" || operation === "update");
    const event = (status: StepEvent["status"]): void => {
      onStep({ operation, status, urn, type, name });
    };
    event("begun");
    if (writes) record({ kind: "begin", urn, operation });
    try {
      const state = await step.perform();
      this.#keep(state);
      // As Pulumi's engine: what the program does next rests on a resource that no kill makes unknown.
      await this.#options.recorded();
      event("done");
      return state;
    } catch (error) {
      if (writes) record({ kind: "abandon", urn });
      event("failed");
      throw error;
    }
  }

  #keep(state: ResourceState): void {
    const { preview, record } = this.#options;
    if (!preview && !isDeepStrictEqual(this.#olds.get(state.urn), state))
      record({ kind: "put", resource: state });
  }

  #stackOutputs(name: string): Properties {
    this.#demandOwnStack(name);
    return { name, outputs: this.#options.oldOutputs ?? {}, secretOutputNames: [] };
  }

  /** What the state holds as the run begins, by URN. */
  #resourceOutputs(name: string): Properties {
    this.#demandOwnStack(name);
    const outputs = [...this.#olds.values()].map((state) => [
      state.urn,
      { type: state.type, outputs: state.outputs },
    ]);
    return { name, outputs: Object.fromEntries(outputs) as Properties };
  }

  #demandOwnStack(name: string): void {
    const { project, stack } = this.#options;
    const own = `organization/${project}/${stack}`;
    if (name !== own) {
      throw new Error(`The inline engine knows one stack, ${own}; the program refers to ${name}.`);
    }
  }
}

/** Long enough for a program to go on after an answer, short enough not to be noticed. */
const quietMilliseconds = 100;
