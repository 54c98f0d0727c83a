import { addManagedIdentity } from "../../emulator/arm/types/userAssignedIdentity";
import { managedIdentityEndpoint } from "../../emulator/entra/managedIdentity";
import type { Tenant } from "../../emulator/tenant/tenant";
import type { Answer } from "./directory";

/** A user-assigned identity as ARM knows it. */
export interface UserAssignedIdentity {
  readonly resourceId: string;
  readonly clientId: string;
  readonly principalId: string;
}

/** Puts a user-assigned identity into a tenant, as a stack would make it. */
export function addUserAssignedIdentity(tenant: Tenant, name: string): UserAssignedIdentity {
  const { subscriptionId, tenantId } = tenant.state;
  const resourceId = `/subscriptions/${subscriptionId}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
  const ids = addManagedIdentity(tenant, name, resourceId, tenant.clock.now());
  tenant.state.arm.resources[resourceId.toLowerCase()] = {
    id: resourceId,
    name,
    type: "Microsoft.ManagedIdentity/userAssignedIdentities",
    location: "westeurope",
    properties: { tenantId, ...ids },
  };
  return { resourceId, ...ids };
}

/** What {@link askIdentityEndpoint} shows by default. */
export const identityHeader = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a";

/** Asks a tenant's endpoint of managed identities without a socket; undefined leaves a parameter out. */
export async function askIdentityEndpoint(
  tenant: Tenant,
  parameters: Readonly<Record<string, string | undefined>>,
  headers: Readonly<Record<string, string>> = { "X-IDENTITY-HEADER": identityHeader },
): Promise<Answer> {
  const url = new URL("http://127.0.0.1:4711/msi/token?api-version=2019-08-01");
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  const response = await managedIdentityEndpoint(tenant, identityHeader)(new Request(url, { headers }));
  return { status: response.status, headers: response.headers, body: await response.json() };
}
