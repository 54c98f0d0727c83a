import type { Change, ResourceState } from "./checkpoint";
import { deletionOrder, restsOn } from "./deletionOrder";
import type { Failure, StepEvent } from "./deploymentEvents";
import { plainProperties } from "./properties";
import { oldValues, type ResourceProvider } from "./resourceProvider";

export interface RemovalOptions {
  readonly preview: boolean;
  /** Whether a URN's resource is excluded, and with it what it depends on. */
  readonly isExcluded: (urn: string) => boolean;
  /** Throws when there is none. */
  readonly providerOf: (resource: ResourceState) => ResourceProvider;
  readonly record: (change: Change) => void;
  readonly onStep: (event: StepEvent) => void;
  readonly onFailure: (failure: Failure) => void;
}

/** Why a protected resource stays, and what to do. */
export const protectedMessage =
  "It is protected, so it is not deleted. Lift the protection (the setting copilot-token:protect), run `up` once, " +
  "then repeat.";

/** Deletes resources, or forgets those that are to be retained; what cannot go keeps what it rests on. */
export async function removeResources(
  resources: readonly ResourceState[],
  options: RemovalOptions,
): Promise<void> {
  const kept = new Set<string>();
  for (const resource of deletionOrder(resources)) {
    if (kept.has(resource.urn) || !(await removeResource(resource, options))) {
      for (const urn of [resource.urn, ...restsOn(resource)]) kept.add(urn);
    }
  }
}

async function removeResource(resource: ResourceState, options: RemovalOptions): Promise<boolean> {
  const { preview, record, onStep, onFailure } = options;
  const { urn, type, name } = resource;
  if (options.isExcluded(urn)) return false;
  if (resource.protect === true) {
    onFailure({ urn, type, name, message: protectedMessage });
    return false;
  }
  const operation = resource.retainOnDelete === true ? "forget" : "delete";
  const event = (status: StepEvent["status"]): void => {
    if (resource.custom) onStep({ operation, status, urn, type, name });
  };
  event("begun");
  try {
    if (!preview && resource.custom && operation === "delete") {
      record({ kind: "begin", urn, operation });
      const olds = oldValues(plainProperties(resource.outputs), plainProperties(resource.inputs));
      await options.providerOf(resource).delete(resource.id ?? "", urn, olds);
    }
    if (!preview) record({ kind: "drop", urn });
    event("done");
    return true;
  } catch (error) {
    record({ kind: "abandon", urn });
    event("failed");
    onFailure({ urn, type, name, message: errorMessage(error) });
    return false;
  }
}

/** What an error says. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
