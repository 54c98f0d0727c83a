import { cloudOf } from "../../tenant/clouds";
import type { ResourceType } from "../resourceType";

/**
 * `Microsoft.Storage/storageAccounts` as a scope for role assignments, with its containers: no blobs.
 *
 * @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/create (read 2026-11)
 */
export const storageAccount: ResourceType = {
  type: "Microsoft.Storage/storageAccounts",
  placement: "resourceGroup",
  location: "region",
  namePattern: /^[a-z0-9]{3,24}$/,
  nameRule: (name) =>
    `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length ` +
    "and use numbers and lower-case letters only.",
  build: ({ tenant, name, body, properties }) => ({
    kind: body["kind"] ?? "StorageV2",
    sku: body["sku"] ?? { name: "Standard_LRS", tier: "Standard" },
    properties: {
      ...properties,
      provisioningState: "Succeeded",
      primaryEndpoints: { blob: `https://${name}.blob.${cloudOf(tenant.state).storageSuffix}/` },
    },
  }),
};
