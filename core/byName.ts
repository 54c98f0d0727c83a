/**
 * The same entries in an object without a prototype: a name from outside finds what was put there under it, never
 * JavaScript's own `constructor` or `toString`.
 */
export function byName<Value>(entries: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.assign(Object.create(null) as Record<string, Value>, entries);
}
