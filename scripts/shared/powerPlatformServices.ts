import type { Cloud } from "../../core/cloud/clouds";
import * as z from "zod/mini";
import {
  chooseDataverse,
  chooseVirtualAgentsService,
  dataverseClientId,
  demandVirtualAgentsService,
  virtualAgentsServiceName,
  type ServicePrincipalCandidate,
} from "../../core/agent/powerPlatform";
import type { AzureClient } from "../../azure/azureClient";
import type { GraphApi } from "../../azure/graph";
import type { Identity } from "../../azure/signIn";
import { getArm } from "../../azure/arm";
import { knowing, type Known } from "./known";

/** Namespace that a subscription must have registered before an environment takes a secret from its vaults. */
export const powerPlatformNamespace = "Microsoft.PowerPlatform";

/** Object IDs of the two services that read vault secrets for Copilot Studio, or why there is none to trust. */
export interface PowerPlatformServices {
  /** Reads for flows. */
  readonly dataverse: Known<string>;
  /** "Power Virtual Agents Service": reads for topics. */
  readonly virtualAgentsService: Known<string>;
}

const principal = z.object({
  id: z.string(),
  displayName: z.string(),
  appOwnerOrganizationId: z.nullish(z.string()),
});

/**
 * Looks both services up in the tenant, and judges them as the program does.
 *
 * @param override Object ID that the settings name instead of the agent service; then it is not looked up.
 */
export async function fetchPowerPlatformServices(
  cloud: Cloud,
  graph: GraphApi,
  override?: string,
): Promise<PowerPlatformServices> {
  const find = (filter: string) =>
    graph.list(
      `/servicePrincipals?$filter=${encodeURIComponent(filter)}&$select=id,displayName,appOwnerOrganizationId`,
      principal,
    );
  const { copilotStudioClientId: clientId } = cloud;
  const filter =
    clientId === undefined ? `displayName eq '${virtualAgentsServiceName}'` : `appId eq '${clientId}'`;
  const choose = (found: readonly ServicePrincipalCandidate[]): string =>
    clientId === undefined
      ? chooseVirtualAgentsService(cloud, found)
      : demandVirtualAgentsService(clientId, found[0]?.objectId);
  const [dataverse, virtualAgentsService] = await Promise.all([
    knowing(find(`appId eq '${dataverseClientId}'`).then(([found]) => chooseDataverse(found?.id))),
    knowing(
      override === undefined
        ? find(filter).then((found) =>
            choose(
              found.map(({ id, displayName, appOwnerOrganizationId }) => ({
                objectId: id,
                displayName,
                applicationTenantId: appOwnerOrganizationId ?? "",
              })),
            ),
          )
        : Promise.resolve(override),
    ),
  ]);
  return { dataverse, virtualAgentsService };
}

/** How far {@link powerPlatformNamespace} is registered in a subscription: `Registered` when all is well. */
export async function fetchPowerPlatformRegistration(
  client: AzureClient,
  identity: Identity,
  subscriptionId: string,
): Promise<string> {
  const { registrationState } = await getArm(
    client,
    identity,
    `/subscriptions/${subscriptionId}/providers/${powerPlatformNamespace}`,
    "2021-04-01",
    z.object({ registrationState: z.string() }),
  );
  return registrationState;
}
