import * as pulumi from "@pulumi/pulumi";
import { whereaboutsOf, type KnownInputs } from "../../core/adoption/whereabouts";
import { valueIfKnown } from "../known";
import type { Unrecorded } from "./unrecorded";
import type { Recorded, Target } from "./tenant";

/** A run that may have been killed, and what can look for what it made. */
export interface InterruptedRun {
  /** What the state holds as the next run begins. */
  readonly recorded: Recorded;
  readonly target: Pick<Target, "subscriptionId" | "callerObjectId">;
  readonly tenant: Unrecorded;
}

/**
 * Continues a run that was killed: each resource that Azure has and the state lacks is imported and brought in line with
 * the program, instead of being created. Without an interrupted run nothing is looked up.
 */
export function adoptUnrecorded(
  recorded: Recorded,
  target: InterruptedRun["target"],
  tenant: Unrecorded,
): void {
  // Nothing was ever made: the first run draws the stack's ID before it sends a request.
  if (![...recorded.keys()].some((urn) => urn.includes("::random:"))) return;
  const adopting = adoptingTransform(Promise.resolve({ recorded, target, tenant }));
  const held = new Set([...recorded.keys()].map((urn) => withoutAppComponent(typesAndName(urn))));
  const typesOf = new WeakMap<pulumi.Resource, string>();
  // The engine asks the program for each resource that has a transform, so what the state holds gets none.
  pulumi.runtime.registerStackTransformation(({ resource, type, name, props, opts }) => {
    const parentTypes = opts.parent && typesOf.get(opts.parent);
    const types = parentTypes === undefined ? type : `${parentTypes}$${type}`;
    typesOf.set(resource, types);
    // Children of a component would inherit its own.
    if (resource instanceof pulumi.ComponentResource) return undefined;
    if (held.has(withoutAppComponent(`${types}::${name}`))) return undefined;
    return { props, opts: { ...opts, transforms: [...(opts.transforms ?? []), adopting] } };
  });
}

/**
 * The transform that adopts.
 *
 * @param interrupted Resolves before anything is registered that a killed run can leave behind; undefined where no run was killed.
 */
export function adoptingTransform(
  interrupted: Promise<InterruptedRun | undefined>,
): pulumi.ResourceTransform {
  let urns: ReadonlySet<string> | undefined;
  return async ({ custom, type, name, props, opts }) => {
    if (!custom || type.startsWith("random:")) return undefined;
    const options: pulumi.CustomResourceOptions = opts;
    if ((options.import ?? "") !== "") return undefined;
    const run = await interrupted;
    if (run === undefined) return undefined;
    const { recorded, target, tenant } = run;
    urns ??= new Set([...recorded.keys()].map(withoutAppComponent));
    const urn = await valueIfKnown(pulumi.createUrn(name, type, opts.parent));
    if (urn === undefined || urns.has(withoutAppComponent(urn))) return undefined;
    const inputs = await knownInputs(props);
    const whereabouts = whereaboutsOf(type, inputs, target.subscriptionId);
    if (whereabouts === undefined) return undefined;
    const importId = await tenant.importIdOf(whereabouts, target.callerObjectId);
    if (importId === undefined) return undefined;
    if ("isMadeAnew" in whereabouts) {
      void pulumi.log.info(`${name}: made by a run that was interrupted, and made anew: ${importId}`);
      if (!pulumi.runtime.isDryRun()) await tenant.remove(importId, whereabouts.apiVersion);
      return undefined;
    }
    void pulumi.log.info(`${name}: made by a run that was interrupted, and adopted: ${importId}`);
    return { props, opts: { ...options, import: importId } };
  };
}

/** The part of a URN that is not the same for the whole stack. */
function typesAndName(urn: string): string {
  return urn.split("::").slice(2).join("::");
}

/** Earlier, an app's resources lay directly under the stack. */
function withoutAppComponent(urn: string): string {
  return urn.replace(/copilot-token:infra:(?:Graph|Identity)App\$/, "");
}

async function knownInputs(props: KnownInputs): Promise<KnownInputs> {
  const known = await Promise.all(
    Object.entries(props).map(
      async ([key, value]) => [key, await valueIfKnown(pulumi.output(value))] as const,
    ),
  );
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}
