import { frozenClock } from "../../../emulator/tenant/clock";
import type { FaultPlan } from "../../../emulator/server/faults";
import { graphObjectId, deployerGraphPermissions } from "../../../emulator/tenant/seed";
import { createTenant, type Tenant } from "../../../emulator/tenant/tenant";
import { type SigningKey, mintToken } from "../../../emulator/entra/tokens";
import { clouds } from "../../../core/cloud/clouds";
import { azure } from "../../../emulator/server/azure";

/** Options of every trial tenant. */
export interface TrialTenantOptions {
  readonly appName: string;
  /** Microsoft Graph application permissions to grant. */
  readonly permissions: readonly string[];
  readonly faults?: FaultPlan;
  /** Default: a new one, which takes most of the time of a start. */
  readonly signingKey?: Promise<SigningKey>;
  /** Default: the machine's time, standing still. */
  readonly startAt?: Date;
}

/** An empty tenant whose clock moves only when it is told to. */
export function trialTenant({ startAt, faults, signingKey }: TrialTenantOptions): Tenant {
  return createTenant({
    clock: frozenClock(startAt ?? new Date()),
    ...(faults === undefined ? {} : { faults }),
    ...(signingKey === undefined ? {} : { signingKey }),
  });
}

/** Grants Microsoft Graph permissions to a service principal. */
export async function grantPermissions(
  deploy: Deploy,
  tenant: Tenant,
  principalId: string,
  permissions: readonly string[],
): Promise<void> {
  const appRoles = tenant.state.directory.servicePrincipals[graphObjectId]?.appRoles ?? [];
  for (const { id: appRoleId } of appRoles.filter(({ value }) => permissions.includes(value))) {
    const url = `${audiences.graph}/v1.0/servicePrincipals/${graphObjectId}/appRoleAssignedTo`;
    await deploy("graph", "POST", url, { principalId, resourceId: graphObjectId, appRoleId });
  }
}

/** Creates the resource group of a trial. @returns Its ARM ID. */
export async function makeGroup(deploy: Deploy, subscriptionId: string): Promise<string> {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/copilot-trial`;
  await deploy("arm", "PUT", `${audiences.arm}${group}?api-version=2024-11-01`, { location: "westeurope" });
  return group;
}

/** A mailbox of the emulated tenant. */
export const trialMailbox = "MeganB@contoso.onmicrosoft.com";

/** What a conversation gives each request of the table, so that the emulated tenant has an answer: by key, in the order of the parameters. */
export const trialValues: Readonly<Record<string, readonly string[]>> = {
  "find-person": ["Ad"],
  "list-groups": ["Co"],
  "list-group-members": ["92c5e7a1-4d38-4b0f-a6e9-1f7d8c3b5042"],
  "find-site": ["team"],
  "list-site-files": [
    `contoso.${clouds.public.sharePointSuffix},2f8b6c04-7e15-4a9d-83cb-d6e0f1a25b79,8e4a0b76-1c3d-4952-b6f8-e7d5a9c20f13`,
  ],
  "read-calendar": ["AlexW@contoso.onmicrosoft.com", "2026-11-27"],
  "read-shared-mailbox": [],
  "send-mail": ["adele@contoso.com", "A subject", "A text"],
};

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
    const token = await mintToken(tenant, {
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
