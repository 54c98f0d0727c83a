import type { ResourceState } from "./checkpoint";
import {
  containsUnknown,
  isRecord,
  markSecrets,
  plainProperties,
  secret,
  type Properties,
} from "./properties";
import { outputsBeforeCreation, outputsBeforeUpdate } from "./previewOutputs";
import { oldValues, type ResourceProvider } from "./resourceProvider";
import type { Alias } from "./urn";

/** What the program asks for. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly inputs: Properties;
  readonly parent?: string;
  readonly dependencies: readonly string[];
  /** An explicit provider, as `URN::ID`. */
  readonly provider?: string;
  readonly ignoreChanges: readonly string[];
  readonly retainOnDelete: boolean;
  readonly protect: boolean;
  /** ID of an existing resource to take over. */
  readonly importId?: string;
  /** URNs that the resource may have in the state. */
  readonly aliases: readonly Alias[];
  /** Outputs to mark as secret besides those that the inputs tell of. */
  readonly secretOutputs: readonly string[];
  /** Of the resource and of all that lies under it. */
  readonly transforms: readonly ((registration: Registration) => Promise<Registration>)[];
}

export type Operation = "create" | "update" | "same" | "import";

/** A decision about one resource, and how to carry it out. */
export interface ResourceStep {
  readonly operation: Operation;
  /** Makes it so; in a preview, tells what is known of the outcome. */
  readonly perform: () => Promise<ResourceState>;
}

export interface StepContext {
  readonly urn: string;
  readonly provider: ResourceProvider;
  readonly old: ResourceState | undefined;
  readonly preview: boolean;
}

/**
 * Decides what a registration means for its resource, as Pulumi's engine does: ignored changes first, then the
 * provider's check, then its diff.
 *
 * @throws {Error} when the provider refuses the inputs, or a change would need a replacement.
 */
export async function planStep(registration: Registration, context: StepContext): Promise<ResourceStep> {
  const { old } = context;
  if (old === undefined && registration.importId !== undefined) {
    return planImport(registration, registration.importId, context);
  }
  if (old?.id !== undefined) return planChange(registration, { ...old, id: old.id }, context);
  const inputs = await checkInputs(registration.inputs, old?.inputs, context);
  return {
    operation: "create",
    perform: () => create(inputs, stateWriter(context.urn, registration, inputs), context),
  };
}

async function planChange(
  registration: Registration,
  old: ResourceState & { readonly id: string },
  context: StepContext,
): Promise<ResourceStep> {
  const { urn, provider } = context;
  const { id } = old;
  const wanted = ignoreChanges(registration.inputs, old.inputs, registration.ignoreChanges);
  const inputs = await checkInputs(wanted, old.inputs, context);
  const stateOf = stateWriter(urn, registration, inputs);
  const olds = oldValues(plainProperties(old.outputs), plainProperties(old.inputs));
  const news = plainProperties(inputs);
  const difference = await provider.diff(id, urn, olds, news);
  if (difference.replaces.length > 0 && registration.type.startsWith("pulumi-nodejs:")) {
    // It exists only in the state, so nothing else can depend on the old one.
    return {
      operation: "create",
      perform: async () => {
        const state = await create(inputs, stateOf, context);
        if (!context.preview) await provider.delete(id, urn, olds);
        return state;
      },
    };
  }
  if (difference.replaces.length > 0) {
    throw new Error(
      `Its ${listed(difference.replaces)} cannot change in place: the resource would have to be replaced, which the ` +
        "inline engine never does. Undo the change, or run with `--engine pulumi`.",
    );
  }
  if (!difference.changes) {
    return { operation: "same", perform: () => Promise.resolve(stateOf(id, old.outputs)) };
  }
  return {
    operation: "update",
    perform: async () => {
      if (context.preview) return stateOf(id, outputsBeforeUpdate(old.outputs, inputs));
      const { outs } = await provider.update(id, urn, olds, news);
      return stateOf(id, outs);
    },
  };
}

type StateWriter = (id: string, outputs: Properties) => ResourceState;

function stateWriter(urn: string, registration: Registration, inputs: Properties): StateWriter {
  return (id, outputs) => {
    const marked = markSecrets(outputs, inputs);
    for (const key of registration.secretOutputs) {
      if (marked[key] !== undefined && marked[key] !== null) marked[key] = secret(marked[key]);
    }
    return {
      urn,
      type: registration.type,
      name: registration.name,
      custom: true,
      id,
      inputs,
      outputs: marked,
      ...(registration.parent === undefined ? {} : { parent: registration.parent }),
      dependencies: registration.dependencies,
      ...(registration.provider === undefined ? {} : { provider: registration.provider }),
      ...(registration.retainOnDelete ? { retainOnDelete: true } : {}),
      ...(registration.protect ? { protect: true } : {}),
    };
  };
}

async function create(
  inputs: Properties,
  stateOf: StateWriter,
  context: StepContext,
): Promise<ResourceState> {
  // An ID that is not known yet is empty in Pulumi's protocol.
  if (context.preview) return stateOf("", outputsBeforeCreation(inputs));
  if (containsUnknown(inputs)) {
    throw new Error("An input is unknown although the run is no preview.");
  }
  const { id, outs } = await context.provider.create(context.urn, plainProperties(inputs));
  return stateOf(id, outs);
}

async function checkInputs(
  wanted: Properties,
  olds: Properties | undefined,
  { urn, provider }: StepContext,
): Promise<Properties> {
  const { inputs, failures } = await provider.check(
    urn,
    plainProperties(olds ?? {}),
    plainProperties(wanted),
  );
  if (failures.length > 0) {
    throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
  }
  return markSecrets(inputs, wanted);
}

/**
 * Imports what is there already, then brings it in line with the program in the same step, as Pulumi's engine does from
 * 3.260 on.
 */
async function planImport(
  registration: Registration,
  importId: string,
  context: StepContext,
): Promise<ResourceStep> {
  const { urn, provider } = context;
  const found = await provider.read(importId, urn);
  if (found.id === "") throw new Error(`resource '${importId}' does not exist`);
  const state = stateWriter(urn, registration, found.inputs)(found.id, found.props);
  const next = await planChange(registration, { ...state, id: found.id }, context);
  return { ...next, operation: "import" };
}

/** Replaces each ignored input by the old value, or removes it; `*` is all of them. */
export function ignoreChanges(inputs: Properties, olds: Properties, paths: readonly string[]): Properties {
  if (paths.includes("*")) return olds;
  let result = inputs;
  for (const path of paths) result = withOldValue(result, olds, path.split("."));
  return result;
}

function withOldValue(inputs: Properties, olds: Properties, path: readonly string[]): Properties {
  const [key, ...rest] = path;
  if (key === undefined) return inputs;
  const { [key]: value, ...others } = inputs;
  const old = olds[key];
  if (rest.length > 0) {
    return isRecord(value) && isRecord(old) ? { ...inputs, [key]: withOldValue(value, old, rest) } : inputs;
  }
  return old === undefined ? others : { ...others, [key]: old };
}

function listed(properties: readonly string[]): string {
  return properties.map((property) => `"${property}"`).join(", ");
}
