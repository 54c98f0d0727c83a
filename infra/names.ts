import type * as pulumi from "@pulumi/pulumi";

/**
 * Options of a resource whose name the program makes up: one that has been made under another name keeps it, such as the
 * random one that the provider gave it before the program named it.
 *
 * @param input Which holds the name.
 */
export function keepingName(
  input: string,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResourceOptions {
  return { ...options, ignoreChanges: [...(options.ignoreChanges ?? []), input] };
}
