import { zipSync, type Zippable } from "fflate";

/** Files to write: path with forward slashes, relative to the output folder, and content. */
export type ArtefactFiles = ReadonlyMap<string, string | Uint8Array>;

/** Puts every file of `files` below `folder`. */
export function below(folder: string, files: ArtefactFiles): ArtefactFiles {
  return new Map([...files].map(([path, content]) => [`${folder}/${path}`, content]));
}

/**
 * One set of files out of several.
 *
 * @throws {Error} when two sets hold the same path: one of them would be lost.
 */
export function joinFiles(...sets: readonly ArtefactFiles[]): ArtefactFiles {
  const joined = new Map<string, string | Uint8Array>();
  for (const [path, content] of sets.flatMap((set) => [...set])) {
    if (joined.has(path)) throw new Error(`Two artefacts are called ${path}.`);
    joined.set(path, content);
  }
  return joined;
}

/** JSON as people read it, with a final line feed. */
export function jsonFile(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Where the files of one app lie, relative to its folder. */
export const artefactPaths = {
  readme: "README.md",
  flowTopic: "topics/get-azure-access-token.flow.yaml",
  directTopic: "topics/get-azure-access-token.direct.yaml",
  graphTopic: "topics/ask-microsoft-graph.yaml",
  directGraphTopic: "topics/ask-microsoft-graph.direct.yaml",
  asMeTopic: "topics/ask-microsoft-graph-as-me.yaml",
  signInTopic: "topics/sign-in.yaml",
  connectorFolder: "connector/solution",
  connectorZip: "connector/solution.zip",
  solutionFolder: "solution",
  solutionZip: "solution.zip",
  deploymentSettings: "deployment-settings.json",
  postmanCollection: "postman/collection.json",
  postmanEnvironment: "postman/environment.json",
} as const;

/**
 * Packs files into a zip whose bytes depend on nothing but the files: entries sorted, one fixed date.
 *
 * @param files Paths with forward slashes, as Power Platform's importer wants them.
 */
export function zipFiles(files: ArtefactFiles): Uint8Array {
  // Zip dates have no time zone: fflate writes the local fields of this date, so it is made from local fields.
  const mtime = new Date(2026, 0, 1);
  const entries: Zippable = {};
  for (const path of [...files.keys()].sort(byCodePoint)) {
    const content = files.get(path) ?? "";
    entries[path] = typeof content === "string" ? new TextEncoder().encode(content) : content;
  }
  return zipSync(entries, { mtime, level: 9 });
}

/** Sorts the same on every machine, which `localeCompare` does not. */
function byCodePoint(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
