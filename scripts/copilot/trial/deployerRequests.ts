import { clouds } from "../../../core/cloud/clouds";
import { azure } from "../../../emulator/server/azure";
import { deployerGraphPermissions } from "../../../emulator/tenant/seed";
import type { Tenant } from "../../../emulator/tenant/tenant";
import { mintToken } from "../../../emulator/entra/tokens";

type Service = "graph" | "arm" | "vault";

/** Each service's own address, and the audience of its tokens but for vaults. */
export const audiences: Readonly<Record<Service, string>> = {
  graph: clouds.public.graph,
  arm: clouds.public.resourceManager,
  vault: `https://${clouds.public.vaultSuffix}`,
};

/** Sends a change and gives back what was answered; anything but success is an error. */
export type Deploy = (
  service: Service,
  method: string,
  url: string,
  body: object,
) => Promise<Record<string, unknown>>;

/**
 * Requests of the identity that deploys, as `pulumi up` would send them.
 *
 * @param permissions What it may do in Microsoft Graph beyond what every deployer may.
 */
export function deployerRequests(tenant: Tenant, permissions: readonly string[] = []): Deploy {
  const send = azure(tenant);
  const { clientId, objectId } = tenant.identities.deployer;
  return async (service, method, url, body) => {
    const token = mintToken(tenant, {
      clientId,
      objectId,
      audience: audiences[service],
      roles: service === "graph" ? [...deployerGraphPermissions, ...permissions] : [],
    });
    const response = await send(
      new Request(url, {
        method,
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
}
