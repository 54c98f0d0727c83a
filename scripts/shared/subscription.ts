import * as z from "zod/mini";
import type { AzureClient } from "../../azure/azureClient";
import type { Environment } from "../../azure/proxy";
import type { Identity } from "../../azure/signIn";
import { OperatorError } from "../../core/errors";
import { listArm } from "../../azure/arm";
import type { Known } from "./known";

const subscription = z.object({ subscriptionId: z.string() });
const location = z.object({
  name: z.string(),
  metadata: z.optional(z.object({ regionType: z.optional(z.string()) })),
});

/**
 * Which subscription is meant: `ARM_SUBSCRIPTION_ID`, else the one that the settings name, else the only one that the
 * caller sees.
 *
 * @param configured What the settings name.
 * @throws {OperatorError} `SUBSCRIPTION_UNCLEAR`, or why the caller's could not be read.
 */
export async function findSubscription(
  env: Environment,
  client: AzureClient,
  identity: Known<Identity>,
  configured: string | undefined,
): Promise<string> {
  const given = env["ARM_SUBSCRIPTION_ID"];
  if (given !== undefined && given !== "") return given;
  if (configured !== undefined) return configured;
  if (!identity.known) throw identity.error;
  const seen = await listArm(client, identity.value, "/subscriptions", "2022-12-01", subscription);
  const [only, ...others] = seen;
  if (only !== undefined && others.length === 0) return only.subscriptionId;
  throw new OperatorError(
    "SUBSCRIPTION_UNCLEAR",
    `The identity sees ${seen.length} subscriptions. Say which: export ARM_SUBSCRIPTION_ID=<subscription>.`,
  );
}

/**
 * Names of the regions in which a subscription can have resources, such as `westeurope`.
 *
 * @see https://learn.microsoft.com/rest/api/resources/subscriptions/list-locations (read 2026-11): a logical region
 *   groups others and holds nothing.
 */
export async function fetchLocations(
  client: AzureClient,
  identity: Identity,
  subscriptionId: string,
): Promise<string[]> {
  const path = `/subscriptions/${subscriptionId}/locations`;
  const regions = await listArm(client, identity, path, "2022-12-01", location);
  return regions.filter(({ metadata }) => metadata?.regionType !== "Logical").map(({ name }) => name);
}
