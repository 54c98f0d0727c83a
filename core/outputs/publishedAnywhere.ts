import { OperatorError } from "../errors";
import { oneLine } from "../sinks";

type Fields = Readonly<Record<string, unknown>>;

/** Deeper, and further, no program of a person's exports anything. */
const deepest = 8;
const mostPlaces = 10_000;

/**
 * What a stack publishes of its apps, wherever its program exports it: the whole value for a stack of this project, the `details` of
 * components for another program. Those of one vault and one program are put together.
 *
 * @returns the value itself where nothing in it looks like it: its reader says what is missing.
 * @throws {OperatorError} `OUTPUTS_INVALID` where it publishes apps of several vaults: each command works on one.
 */
export function publishedAnywhere(value: unknown): unknown {
  if (isPublished(value)) return value;
  const found = [...placesIn(value)];
  const [first, ...rest] = found;
  if (first === undefined) return value;
  const other = rest.find(({ fields }) => shared.some((key) => fields[key] !== first.fields[key]));
  if (other !== undefined) {
    throw new OperatorError(
      "OUTPUTS_INVALID",
      `The stack exports apps of several vaults or programs (${found.map(({ path }) => oneLine(path)).join(", ")}), and a command works on ` +
        "one of them. Write that one into a file, and pass it with --outputs: pulumi stack output --json, without the others.",
    );
  }
  const apps = found.map(({ fields }) => fields["apps"] as Fields);
  return { ...first.fields, apps: Object.fromEntries(apps.flatMap((some) => Object.entries(some))) };
}

/** What all apps of one program share. */
const shared = ["stackId", "tenantId", "vaultResourceId"] as const;

function isPublished(value: unknown): value is Fields {
  return (
    isFields(value) &&
    ["tenantId", "vaultResourceId", "apps"].every((key) => Object.hasOwn(value, key)) &&
    isFields(value["apps"])
  );
}

function* placesIn(value: unknown): Generator<{ readonly path: string; readonly fields: Fields }> {
  const open: { path: string; value: unknown; depth: number }[] = [{ path: "", value, depth: 0 }];
  // The list grows while it is read.
  for (const { path, value: at, depth } of open) {
    if (isPublished(at)) yield { path, fields: at };
    else if (typeof at === "object" && at !== null && depth < deepest) {
      for (const [key, within] of Object.entries(at)) {
        if (open.length === mostPlaces) return;
        open.push({ path: path === "" ? key : `${path}.${key}`, value: within, depth: depth + 1 });
      }
    }
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
