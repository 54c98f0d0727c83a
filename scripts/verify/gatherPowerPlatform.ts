import { secretTags } from "../../core/agent/powerPlatform";
import type { StackOutputs } from "../../core/outputs/stackOutputs";
import type { AzureClient } from "../../azure/azureClient";
import type { GraphApi } from "../../azure/graph";
import type { Identity } from "../../azure/signIn";
import { knowing } from "../shared/known";
import { fetchPowerPlatformRegistration, fetchPowerPlatformServices } from "../shared/powerPlatformServices";
import type { PowerPlatformEvidence } from "./evidence";

/** Looks at what Power Platform needs of tenant and subscription; asks nothing where it has no access. */
export async function gatherPowerPlatform(
  client: AzureClient,
  identity: Identity,
  graph: GraphApi,
  outputs: StackOutputs,
): Promise<PowerPlatformEvidence | undefined> {
  const { environmentId, agents, virtualAgentsServiceObjectId } = outputs.powerPlatform;
  if (environmentId === undefined) return undefined;
  const subscriptionId = outputs.vaultResourceId.split("/")[2] ?? "";
  const [services, registration] = await Promise.all([
    fetchPowerPlatformServices(graph, virtualAgentsServiceObjectId),
    knowing(fetchPowerPlatformRegistration(client, identity, subscriptionId)),
  ]);
  return { environmentId, tags: secretTags({ environmentId, agents }), services, registration };
}
