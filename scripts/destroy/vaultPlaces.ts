import * as z from "zod/mini";
import { keyVaultApiVersion } from "../../core/vault/keyVaultApi";
import { getArm } from "../../azure/arm";
import { isForbidden, isMissing } from "../../azure/serviceRefusal";
import type { AzureView } from "./azureView";
import type { RecordedVault } from "./destroyRecord";

const located = z.object({ location: z.string() });

/** Adds where a vault and its resource group lie: a recovery has to name both, when neither is there to be asked. */
export async function withPlace(view: AzureView, vault: RecordedVault): Promise<RecordedVault> {
  const group = resourceGroupOf(vault.vaultId);
  const [location, resourceGroupLocation] = await Promise.all([
    locationOf(view, vault.vaultId, keyVaultApiVersion),
    locationOf(view, group.path, group.apiVersion),
  ]);
  return {
    ...vault,
    ...(location === undefined ? {} : { location }),
    ...(resourceGroupLocation === undefined ? {} : { resourceGroupLocation }),
  };
}

async function locationOf(
  { client, identity }: AzureView,
  id: string,
  apiVersion: string,
): Promise<string | undefined> {
  try {
    return (await getArm(client, identity, id, apiVersion, located)).location;
  } catch (error) {
    // Gone already, or not the caller's to read: the deleted vault tells its own place later.
    if (isForbidden(error) || isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Where Azure Resource Manager has the resource group of something.
 *
 * @param resourceId ARM ID of what lies in it.
 */
export function resourceGroupOf(resourceId: string): { readonly path: string; readonly apiVersion: string } {
  return { path: resourceId.split("/").slice(0, 5).join("/"), apiVersion: "2024-03-01" };
}
