import type { Change, ResourceState } from "./checkpoint";
import { driftedInputs } from "./driftedInputs";
import { markSecrets, plainProperties, type Properties } from "./properties";
import type { ProviderRegistry } from "./providers/registry";
import { oldValues, type FoundResource } from "./resourceProvider";
import { providerUrn } from "./urn";

export interface RefreshOptions {
  readonly providerOf: ProviderRegistry["providerOf"];
  readonly isExcluded: (urn: string) => boolean;
  readonly record: (change: Change) => void;
}

/**
 * Brings the state to what Azure shows, as `pulumi up --refresh` does first: what is gone leaves the state, and what was
 * changed is noticed, so that the run which follows makes or corrects it.
 *
 * @returns The state as it is then, in the old order.
 */
export async function refreshResources(
  resources: readonly ResourceState[],
  { providerOf, isExcluded, record }: RefreshOptions,
): Promise<ResourceState[]> {
  const configOf = (urn: string): Properties =>
    plainProperties(resources.find((resource) => resource.urn === urn)?.inputs ?? {});
  const read = (
    { type, provider, urn, id = "" }: ResourceState,
    olds: Properties,
  ): Promise<FoundResource> => {
    const explicit = provider === undefined ? undefined : providerUrn(provider);
    const found = providerOf(
      type.split(":")[0] ?? "",
      explicit === undefined ? undefined : { urn: explicit, config: configOf(explicit) },
    );
    if (found === undefined) throw new Error(`The inline engine has no provider for "${type}".`);
    return found.read(id, urn, olds);
  };
  const kept: ResourceState[] = [];
  for (const resource of resources) {
    const { urn, type, custom, id } = resource;
    // The engine's own resources exist only in the state.
    if (!custom || id === undefined || type.startsWith("pulumi:") || isExcluded(urn)) {
      kept.push(resource);
      continue;
    }
    const [outputs, inputs] = [plainProperties(resource.outputs), plainProperties(resource.inputs)];
    const found = await read(resource, oldValues(outputs, inputs));
    if (found.id === "") {
      record({ kind: "drop", urn });
      continue;
    }
    const drifted = driftedInputs(inputs, found.inputs, { before: outputs, now: found.props });
    const seen = {
      ...resource,
      inputs: markSecrets(drifted, resource.inputs),
      outputs: markSecrets(found.props, resource.outputs),
    };
    record({ kind: "put", resource: seen });
    kept.push(seen);
  }
  return kept;
}
