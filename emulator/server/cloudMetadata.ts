import type { Cloud } from "../tenant/clouds";
import { json } from "./http";

/**
 * `/metadata/endpoints` of Azure Resource Manager: where a cloud's services are. Open to anyone; the providers ask when a
 * metadata host is configured.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/endpoints (read 2026-11)
 */
export function cloudMetadata(cloud: Cloud): Response {
  return json(200, {
    name: cloud.azureName,
    portal: cloud.portal,
    authentication: {
      loginEndpoint: cloud.authority,
      audiences: [`${cloud.resourceManagerAudience}/`, `${cloud.resourceManager}/`],
      tenant: "common",
      identityProvider: "AAD",
    },
    resourceManager: `${cloud.resourceManager}/`,
    microsoftGraphResourceId: `${cloud.graph}/`,
    suffixes: { keyVaultDns: cloud.vaultSuffix, storage: cloud.storageSuffix },
  });
}
