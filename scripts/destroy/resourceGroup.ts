/**
 * Where Azure Resource Manager has the resource group of something.
 *
 * @param resourceId ARM ID of what lies in it.
 */
export function resourceGroupOf(resourceId: string): { readonly path: string; readonly apiVersion: string } {
  return { path: resourceId.split("/").slice(0, 5).join("/"), apiVersion: "2024-03-01" };
}
