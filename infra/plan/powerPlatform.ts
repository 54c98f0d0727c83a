import type { Cloud } from "../../core/cloud/clouds";
import {
  chooseDataverse,
  chooseVirtualAgentsService,
  demandVirtualAgentsService,
  dataverseClientId,
  secretTags,
  virtualAgentsServiceName,
} from "../../core/agent/powerPlatform";
import type { Reader, Settings } from "../../core/settings/settings";
import type { Directory } from "./directory";

/** What Copilot Studio and Power Automate need of a vault secret before they can use it. */
export interface PowerPlatformAccess {
  /** Belong on every version of the secret. */
  readonly tags: Readonly<Record<string, string>>;
  /** Dataverse for flows, Microsoft's agent service for topics, and the people who import the solution. */
  readonly readers: readonly Reader[];
}

/** Without a Power Platform environment in the settings, Power Platform gets no access. */
export const noPowerPlatformAccess: PowerPlatformAccess = { tags: {}, readers: [] };

/**
 * @throws {OperatorError} `POWER_PLATFORM_…` when the tenant lacks one of the two services, or an application of someone
 *   else has its name.
 * @see https://learn.microsoft.com/power-apps/maker/data-platform/environmentvariables-azure-key-vault-secrets (read 2026-11)
 */
export async function findPowerPlatformAccess(
  cloud: Cloud,
  settings: Settings["powerPlatform"],
  directory: Directory,
): Promise<PowerPlatformAccess> {
  const { environmentId, agents, importers, virtualAgentsServiceObjectId } = settings;
  if (environmentId === undefined) return noPowerPlatformAccess;
  const [dataverse, virtualAgentsService] = await Promise.all([
    directory.servicePrincipalOf(dataverseClientId).then(chooseDataverse),
    virtualAgentsServiceObjectId ?? findVirtualAgentsService(cloud, directory),
  ]);
  return {
    tags: secretTags({ environmentId, agents }),
    readers: [
      { id: dataverse, type: "ServicePrincipal" },
      { id: virtualAgentsService, type: "ServicePrincipal" },
      ...importers,
    ],
  };
}

async function findVirtualAgentsService(cloud: Cloud, directory: Directory): Promise<string> {
  const { copilotStudioClientId: clientId } = cloud;
  return clientId === undefined
    ? chooseVirtualAgentsService(cloud, await directory.servicePrincipalsNamed(virtualAgentsServiceName))
    : demandVirtualAgentsService(clientId, await directory.servicePrincipalOf(clientId));
}
