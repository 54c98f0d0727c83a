import { clouds } from "../cloud/clouds";
import { editDistance, nearestNames } from "./nearestNames";

/** A permission as it was written, after typing errors are corrected. */
export type WrittenPermission =
  | { readonly kind: "name"; readonly name: string }
  /** The GUID of an app role or a scope. */
  | { readonly kind: "id"; readonly id: string }
  /** One of another API than Microsoft Graph. */
  | { readonly kind: "otherApi"; readonly api: string; readonly name: string };

const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** How people name Microsoft Graph before a permission: by its address, its client ID or its name. */
const graphNames: ReadonlySet<string> = new Set([
  ...Object.values(clouds).map(({ graph }) => new URL(graph).host),
  "graph.microsoft",
  "00000003-0000-0000-c000-000000000000",
  "microsoftgraph",
  "graph",
]);

function isMicrosoftGraph(api: string): boolean {
  return graphNames.has(
    api
      .toLowerCase()
      .replace(/^https?:\/\//, "")
      .replace(/\s+/g, ""),
  );
}

/** Reads a permission in the forms in which portals, tokens and documents show it. */
export function readWrittenPermission(text: string): WrittenPermission {
  const trimmed = text.trim().replace(/^["'`](.*)["'`]$/, "$1");
  if (guid.test(trimmed)) return { kind: "id", id: trimmed.toLowerCase() };
  const slash = trimmed.lastIndexOf("/");
  const name = trimmed.slice(slash + 1).replace(/\s+/g, "");
  if (slash < 0) return { kind: "name", name };
  const api = trimmed.slice(0, slash).trim().replace(/\/+$/, "");
  if (!isMicrosoftGraph(api)) return { kind: "otherApi", api, name };
  return guid.test(name) ? { kind: "id", id: name.toLowerCase() } : { kind: "name", name };
}

/**
 * The one known permission that a name surely means: the same words, each with a letter or two wrong. Never one that
 * reaches further, such as `ReadWrite` for `Read`, and none where two are as near.
 */
export function meantPermission(name: string, known: readonly string[]): string | undefined {
  const candidates = known
    .map((candidate) => ({ candidate, distance: distanceByWords(name, candidate) }))
    .filter(({ distance }) => distance < Number.POSITIVE_INFINITY)
    .sort((left, right) => left.distance - right.distance);
  const [first, second] = candidates;
  return first === undefined || first.distance === second?.distance ? undefined : first.candidate;
}

/** Names worth a look, for the reason; what they allow may differ. */
export function nearPermissions(name: string, known: readonly string[]): string[] {
  return nearestNames(name, known);
}

/** Infinite where a word is another one, or one is missing or too many. */
function distanceByWords(given: string, candidate: string): number {
  const [words, others] = [given, candidate].map((text) => text.toLowerCase().split("."));
  if (words === undefined || others === undefined || words.length !== others.length) {
    return Number.POSITIVE_INFINITY;
  }
  return words.reduce((sum, word, index) => {
    const distance = editDistance(word, others[index] ?? "");
    const most = Math.min(2, Math.floor(word.length / 2));
    return distance > most ? Number.POSITIVE_INFINITY : sum + distance;
  }, 0);
}
