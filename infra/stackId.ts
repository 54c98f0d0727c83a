import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { appStackIdResource, stackIdResource, tagsWithMark } from "../core/ownershipMark";

/** What a stack writes on whatever it makes in the directory. */
export interface StackMark {
  /** A random GUID; it survives renaming stack and project, and moving the state. */
  readonly stackId: pulumi.Output<string>;
  /** Part of {@link stackId} that ends the names of resources in Azure. */
  readonly nameSuffix: pulumi.Output<string>;
  /**
   * Tags of an application or service principal.
   *
   * @param others Tags that others wrote on it.
   */
  tagsOf(resource: string, others?: readonly string[]): pulumi.Output<string[]>;
}

/** Draws the stack's ID in its first run, and keeps it from then on. */
export function makeStackMark(): StackMark {
  return stackMark(new random.RandomUuid(stackIdResource).result);
}

/**
 * The mark of an app in a program of another project, which all apps of that program share. An app whose program runs in another
 * process, as one in YAML does, has an ID of its own; so has one that moved here, whose ID is given.
 *
 * @param given A GUID. The state keeps it: `destroy` looks there for what it may delete.
 */
export function makeAppMark(name: string, parent: pulumi.Resource, given?: string): StackMark {
  const stack = pulumi.runtime.getStackResource();
  if (stack === undefined || given !== undefined) {
    const options = { parent, ...(given === undefined ? {} : { import: given }) };
    return stackMark(new random.RandomUuid(appStackIdResource(name), {}, options).result);
  }
  const mark = marks.get(stack) ?? makeStackMark();
  marks.set(stack, mark);
  return mark;
}

/** By the run, since one process may run several. */
const marks = new WeakMap<pulumi.Resource, StackMark>();

function stackMark(stackId: pulumi.Output<string>): StackMark {
  const stack = stackName();
  return {
    stackId,
    nameSuffix: stackId.apply((known) => known.slice(0, nameSuffixLength)),
    tagsOf: (resource, others = []) =>
      stackId.apply((known) => tagsWithMark({ stackId: known, resource, stack }, others)),
  };
}

/** As azure-native's own random endings. */
const nameSuffixLength = 8;

/** Stands where a backend has no organizations. */
const noOrganization = "organization";

function stackName(): string {
  const organization = pulumi.getOrganization();
  const name = `${pulumi.getProject()}/${pulumi.getStack()}`;
  return organization === noOrganization ? name : `${organization}/${name}`;
}
