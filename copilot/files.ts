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
