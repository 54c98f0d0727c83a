import type * as pulumi from "@pulumi/pulumi";

/**
 * Whether this run gives an output a value: it does not where the resource failed and the run goes on, or was left out of
 * it.
 *
 * @see https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/output.ts (read 2026-11): public, and left out of the
 *   types
 */
export function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as pulumi.Output<unknown> & { readonly isKnown: Promise<boolean> }).isKnown;
}

/** @returns undefined where the run gives the output no value, a preview of what is still to be made among them. */
export async function valueIfKnown<T>(output: pulumi.Output<T>): Promise<T | undefined> {
  if (!(await isKnown(output))) return undefined;
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}
