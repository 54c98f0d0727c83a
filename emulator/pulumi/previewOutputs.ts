import { isRecord, isSecret, type Properties } from "./properties";

/**
 * What a preview knows of a resource to be made: its plain inputs. Blocks are left out, since Azure adds to them, and
 * a program that looks for what is added would take its absence for an answer.
 */
export function outputsBeforeCreation(inputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(inputs).filter(([, value]) => !isRecord(value) || isSecret(value)),
  );
}

/** What a preview knows of a resource to be changed: the outputs as they are, with the new inputs in them. */
export function outputsBeforeUpdate(outputs: Properties, inputs: Properties): Properties {
  const merged: Properties = { ...outputs };
  for (const [key, value] of Object.entries(inputs)) {
    const output = outputs[key];
    const both = isRecord(output) && isRecord(value) && !isSecret(output) && !isSecret(value);
    merged[key] = both ? outputsBeforeUpdate(output, value) : value;
  }
  return merged;
}
