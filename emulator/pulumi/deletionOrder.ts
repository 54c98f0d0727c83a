import type { ResourceState } from "./checkpoint";
import { providerUrn } from "./urn";

/** URNs of what has to be there for as long as a resource is: parent, dependencies, provider. */
export function restsOn({ parent, dependencies, provider }: ResourceState): string[] {
  return [
    ...(parent === undefined ? [] : [parent]),
    ...dependencies,
    ...(provider === undefined ? [] : [providerUrn(provider)]),
  ];
}

/**
 * Puts resources in the order in which they can be deleted: each before what it rests on;
 * among equals the one that was registered last goes first.
 */
export function deletionOrder(resources: readonly ResourceState[]): ResourceState[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const creationOrder: ResourceState[] = [];
  const placed = new Set<string>();
  const place = (resource: ResourceState): void => {
    if (placed.has(resource.urn)) return;
    placed.add(resource.urn);
    for (const urn of restsOn(resource)) {
      const needed = byUrn.get(urn);
      if (needed !== undefined) place(needed);
    }
    creationOrder.push(resource);
  };
  resources.forEach(place);
  return creationOrder.reverse();
}
