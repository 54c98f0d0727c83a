/**
 * Names that were probably meant, nearest first: edit distance without regard to case, at most a third
 * of the name's length away, or names of which the given one is a beginning.
 *
 * @param limit Default 3.
 */
export function nearestNames(given: string, known: Iterable<string>, limit = 3): string[] {
  const wanted = given.trim().toLowerCase();
  const within = Math.max(2, Math.floor(wanted.length / 3));
  const candidates: { name: string; distance: number }[] = [];
  for (const name of known) {
    const lower = name.toLowerCase();
    const distance = lower.startsWith(`${wanted}.`) ? 1 : editDistance(wanted, lower);
    if (distance <= within) candidates.push({ name, distance });
  }
  candidates.sort((left, right) => left.distance - right.distance || (left.name < right.name ? -1 : 1));
  return candidates.slice(0, limit).map(({ name }) => name);
}

/** How many letters differ, are missing or too many. */
export function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
