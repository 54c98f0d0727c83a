import { texts, type Properties } from "../../properties";
import { notYetThere, type GraphClient } from "./graphClient";

/** Graph takes at most so many owners together with a new object. */
const ownersAtCreation = 20;

/** Owners of a new object: the caller has to be one, and leaves afterwards unless it is listed. */
export interface NewOwners {
  /** For `owners@odata.bind`. */
  readonly bind: string[];
  /** Those that have no room in it. */
  readonly later: string[];
  readonly callerLeaves: boolean;
}

export function newOwners(graph: GraphClient, callerObjectId: string, wanted: readonly string[]): NewOwners {
  const others = wanted.filter((objectId) => !sameGuid(objectId, callerObjectId));
  return {
    bind: [callerObjectId, ...others.slice(0, ownersAtCreation - 1)].map((objectId) =>
      ownerReference(graph, objectId),
    ),
    later: others.slice(ownersAtCreation - 1),
    callerLeaves: others.length === wanted.length,
  };
}

/** Finishes what {@link newOwners} began. */
export async function settleOwners(
  graph: GraphClient,
  path: string,
  owners: NewOwners,
  caller: string,
): Promise<void> {
  for (const objectId of owners.later) await addOwner(graph, path, objectId);
  if (owners.callerLeaves) await removeOwner(graph, path, caller);
}

/** Makes the owners exactly the wanted ones, when the program changed them. */
export async function replaceOwners(
  graph: GraphClient,
  path: string,
  wanted: readonly string[],
): Promise<void> {
  const existing = await readOwners(graph, path);
  for (const objectId of wanted) {
    if (!existing.some((owner) => sameGuid(owner, objectId))) await addOwner(graph, path, objectId);
  }
  for (const objectId of existing) {
    if (!wanted.some((owner) => sameGuid(owner, objectId))) await removeOwner(graph, path, objectId);
  }
}

/** Object IDs of the owners of an application or service principal. */
export async function readOwners(graph: GraphClient, path: string): Promise<string[]> {
  const owners = await graph.list(`${path}/owners`);
  return owners.map((owner) => String(owner["id"]));
}

/** Whether the program changed its list of owners. */
export function ownersChanged(olds: Properties, news: Properties): boolean {
  const sorted = (properties: Properties): string => texts(properties, "owners").sort().join();
  return sorted(olds) !== sorted(news);
}

async function addOwner(graph: GraphClient, path: string, objectId: string): Promise<void> {
  const body = { "@odata.id": ownerReference(graph, objectId) };
  await graph.change("Could not add owners", "POST", `${path}/owners/$ref`, body, notYetThere);
}

async function removeOwner(graph: GraphClient, path: string, objectId: string): Promise<void> {
  await graph.change(
    "Could not remove owner",
    "DELETE",
    `${path}/owners/${objectId}/$ref`,
    undefined,
    notYetThere,
  );
}

function ownerReference({ base }: GraphClient, objectId: string): string {
  return `${base}/v1.0/directoryObjects/${objectId}`;
}

function sameGuid(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
