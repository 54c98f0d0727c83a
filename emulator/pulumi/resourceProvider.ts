import type { DiffResult, Provider } from "@pulumi/pulumi/provider";
import { isRecord, type Properties } from "./properties";

/** What {@link ResourceProvider.diff} finds. */
export interface Difference extends DiffResult {
  readonly changes: boolean;
  /** Properties that cannot change in place. */
  readonly replaces: string[];
  readonly deleteBeforeReplace: boolean;
  /** Top-level inputs that differ. */
  readonly changedProperties: string[];
}

export interface CheckedInputs {
  readonly inputs: Properties;
  readonly failures: { readonly property: string; readonly reason: string }[];
}

/** A resource as it is found in Azure; `id` is empty when it is gone. */
export interface FoundResource {
  readonly id: string;
  readonly props: Properties;
  /** What a program would have to say to get it. */
  readonly inputs: Properties;
}

/**
 * Pulumi's own provider interface with its `any`s made definite: the inline engine calls it, and
 * `serveProviders` offers it to the Pulumi CLI. It sees plain values; secret marks are the caller's affair.
 * Old values are the outputs, with the old inputs under {@link inputsKey}.
 */
export interface ResourceProvider extends Provider {
  readonly version: string;
  check(urn: string, olds: Properties, news: Properties): Promise<CheckedInputs>;
  diff(id: string, urn: string, olds: Properties, news: Properties): Promise<Difference>;
  create(urn: string, inputs: Properties): Promise<{ id: string; outs: Properties }>;
  read(id: string, urn: string, props?: Properties): Promise<FoundResource>;
  update(id: string, urn: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, urn: string, props: Properties): Promise<void>;
  invoke(token: string, inputs: Properties): Promise<{ outputs: Properties }>;
}

/** Where old values carry the old inputs, as the real azure-native keeps them in its state. */
export const inputsKey = "__inputs";

/** Old values in the form that a {@link ResourceProvider} takes. */
export function oldValues(outputs: Properties, inputs: Properties): Properties {
  return { ...outputs, [inputsKey]: inputs };
}

/** The old inputs among old values. */
export function inputsIn(olds: Properties): Properties {
  const inputs = olds[inputsKey];
  return isRecord(inputs) ? inputs : {};
}
