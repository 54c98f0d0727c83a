import { json } from "./http";

/**
 * `management.azure.com/metadata/endpoints`: where a cloud's services are. Open to anyone; the providers ask when a
 * metadata host is configured.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/endpoints (read 2026-11)
 */
export function cloudMetadata(): Response {
  return json(200, {
    name: "AzureCloud",
    portal: "https://portal.azure.com",
    authentication: {
      loginEndpoint: "https://login.microsoftonline.com",
      audiences: ["https://management.core.windows.net/", "https://management.azure.com/"],
      tenant: "common",
      identityProvider: "AAD",
    },
    resourceManager: "https://management.azure.com/",
    microsoftGraphResourceId: "https://graph.microsoft.com/",
    suffixes: { keyVaultDns: "vault.azure.net", storage: "core.windows.net" },
  });
}
