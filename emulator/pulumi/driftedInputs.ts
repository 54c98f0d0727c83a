import { isRecord, sameValue, type Properties } from "./properties";

/** Two looks at a resource in Azure, in the form of its outputs. */
export interface Drift {
  /** When the inputs were applied. */
  readonly before: Properties;
  readonly now: Properties;
}

/**
 * Brings what changed in Azure into the inputs, so that the next plan shows it: an input moves only when what Azure
 * says of it moved, and one that the program never gave joins only when it was set elsewhere.
 *
 * @param inputs The old inputs.
 * @param found Inputs by which a program would get the resource as it is.
 */
export function driftedInputs(inputs: Properties, found: Properties, { before, now }: Drift): Properties {
  const added = Object.entries(found).filter(
    ([key]) => inputs[key] === undefined && !sameValue(before[key], now[key]),
  );
  return { ...projectInputs(inputs, before, now), ...Object.fromEntries(added) };
}

function projectInputs(inputs: Properties, before: Properties, now: Properties): Properties {
  return Object.fromEntries(
    Object.entries(inputs)
      .map(([key, input]) => [key, projected(input, before[key], now[key])] as const)
      .filter(([, input]) => input !== undefined),
  );
}

function projected(input: unknown, before: unknown, now: unknown): unknown {
  if (sameValue(before, now)) return input;
  if (isRecord(input) && isRecord(before) && isRecord(now)) return projectInputs(input, before, now);
  return now ?? undefined;
}
