import { frozenClock } from "../../../emulator/tenant/clock";
import type { FaultPlan } from "../../../emulator/server/faults";
import { graphObjectId } from "../../../emulator/tenant/seed";
import { createTenant, type Tenant } from "../../../emulator/tenant/tenant";
import type { SigningKey } from "../../../emulator/entra/tokens";
import { audiences, type Deploy } from "./deployerRequests";

/** Options of every trial tenant. */
export interface TrialTenantOptions {
  readonly appName: string;
  /** Microsoft Graph application permissions to grant. */
  readonly permissions: readonly string[];
  readonly faults?: FaultPlan;
  /** Default: a new one, which takes most of the time of a start. */
  readonly signingKey?: SigningKey;
  /** Default: the machine's time, standing still. */
  readonly startAt?: Date;
}

/** An empty tenant whose clock moves only when it is told to. */
export function trialTenant({ startAt, faults, signingKey }: TrialTenantOptions): Promise<Tenant> {
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
