import type { ResourceState } from "./checkpoint";

/**
 * Puts resources in the order in which they can be deleted: each before its parent and whatever it depends on;
 * among equals the one that was registered last goes first.
 */
export function deletionOrder(resources: readonly ResourceState[]): ResourceState[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const creationOrder: ResourceState[] = [];
  const placed = new Set<string>();
  const place = (resource: ResourceState): void => {
    if (placed.has(resource.urn)) return;
    placed.add(resource.urn);
    for (const urn of [resource.parent, ...resource.dependencies]) {
      const needed = urn === undefined ? undefined : byUrn.get(urn);
      if (needed !== undefined) place(needed);
    }
    creationOrder.push(resource);
  };
  resources.forEach(place);
  return creationOrder.reverse();
}
