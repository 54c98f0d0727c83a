import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * Options of a resource that keeps an input as the state has it, such as the random name that the provider gave it before
 * the program named it.
 */
export function keeping(input: string, options: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
  return { ...options, ignoreChanges: [...(options.ignoreChanges ?? []), input] };
}

/** Ends the names that a component makes up: drawn once, and kept in the state. */
export function drawnSuffix(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  const args = { length: 8, special: false, upper: false };
  return new random.RandomString(`${name}-suffix`, args, { parent }).result;
}
