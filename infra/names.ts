import type * as pulumi from "@pulumi/pulumi";

/**
 * Options of a resource that keeps an input as the state has it, such as the random name that the provider gave it before
 * the program named it.
 */
export function keeping(input: string, options: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
  return { ...options, ignoreChanges: [...(options.ignoreChanges ?? []), input] };
}
