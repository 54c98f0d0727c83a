import type { Cloud, CloudFeature } from "../../core/cloud/clouds";

/** What a cloud lacks of some features, as lines of a README's list of limits; empty where it lacks none. */
export function cloudLimits({ title, missing }: Cloud, ...features: readonly CloudFeature[]): string {
  return features
    .flatMap((feature) => missing[feature] ?? [])
    .map((reason) => `- In ${title}: ${reason}\n`)
    .join("");
}
