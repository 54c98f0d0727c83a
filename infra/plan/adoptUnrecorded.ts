import * as pulumi from "@pulumi/pulumi";
import { whereaboutsOf, type KnownInputs } from "../../core/adoption/whereabouts";
import { valueIfKnown } from "../known";
import type { Unrecorded } from "./unrecorded";
import type { Recorded, Target } from "./tenant";

/**
 * Continues a run that was killed: each resource that Azure has and the state lacks is imported and brought in line with
 * the program, instead of being created. Without an interrupted run nothing is looked up.
 */
export function adoptUnrecorded(
  recorded: Recorded,
  { subscriptionId, callerObjectId }: Pick<Target, "subscriptionId" | "callerObjectId">,
  tenant: Unrecorded,
): void {
  const urns = new Set([...recorded.keys()].map(withoutAppComponent));
  // Nothing was ever made: the first run draws the stack's ID before it sends a request.
  if (![...urns].some((urn) => urn.includes("::random:"))) return;
  pulumi.runtime.registerResourceTransform(async ({ custom, type, name, props, opts }) => {
    if (!custom) return undefined;
    const options: pulumi.CustomResourceOptions = opts;
    if ((options.import ?? "") !== "") return undefined;
    const urn = await valueIfKnown(pulumi.createUrn(name, type, opts.parent));
    if (urn === undefined || urns.has(withoutAppComponent(urn))) return undefined;
    const inputs = await knownInputs(props);
    const whereabouts = whereaboutsOf(type, inputs, subscriptionId);
    if (whereabouts === undefined) return undefined;
    const importId = await tenant.importIdOf(whereabouts, callerObjectId);
    if (importId === undefined) return undefined;
    if ("isMadeAnew" in whereabouts) {
      void pulumi.log.info(`${name}: made by a run that was interrupted, and made anew: ${importId}`);
      if (!pulumi.runtime.isDryRun()) await tenant.remove(importId, whereabouts.apiVersion);
      return undefined;
    }
    void pulumi.log.info(`${name}: made by a run that was interrupted, and adopted: ${importId}`);
    return { props: props, opts: { ...options, import: importId } };
  });
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
