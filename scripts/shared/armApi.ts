import { z } from "zod";
import { getArm, listArm } from "../../azure/armApi";
import type { AzureClient } from "../../azure/azureClient";
import { keyVaultApiVersion } from "../../core/vault/keyVaultApi";
import type { Identity } from "../../azure/signIn";

export { armResource, getArm } from "../../azure/armApi";

const networkRules = z.object({
  defaultAction: z.string().optional(),
  ipRules: z.array(z.object({ value: z.string() })).default([]),
});
const vault = z.object({
  id: z.string(),
  name: z.string(),
  properties: z.object({
    enableRbacAuthorization: z.boolean().nullish(),
    enableSoftDelete: z.boolean().nullish(),
    enablePurgeProtection: z.boolean().nullish(),
    softDeleteRetentionInDays: z.number().nullish(),
    publicNetworkAccess: z.string().nullish(),
    networkAcls: networkRules.nullish(),
  }),
});
const roleAssignment = z.object({
  id: z.string(),
  properties: z.object({
    scope: z.string(),
    roleDefinitionId: z.string(),
    principalId: z.string(),
    principalType: z.string().default("Unknown"),
  }),
});

/** A vault as the control plane sees it. */
export type VaultResource = z.infer<typeof vault>;
export type RoleAssignment = z.infer<typeof roleAssignment>;

const workflow = z
  .object({
    properties: z.object({
      state: z.string().optional(),
      accessControl: z.unknown(),
      definition: z.unknown(),
    }),
  })
  .transform(({ properties }) => properties);

/** A Logic App as the control plane sees it. */
export type WorkflowSeen = z.infer<typeof workflow>;

/** @param resourceId ARM ID of the Logic App. */
export function fetchWorkflow(
  client: AzureClient,
  identity: Identity,
  resourceId: string,
): Promise<WorkflowSeen> {
  return getArm(client, identity, resourceId, "2019-05-01", workflow);
}

/** @param vaultId ARM ID of the vault. */
export function fetchVault(client: AzureClient, identity: Identity, vaultId: string): Promise<VaultResource> {
  return getArm(client, identity, vaultId, keyVaultApiVersion, vault);
}

/**
 * Role assignments that act at a scope: made there, below it, or inherited from above.
 *
 * @see https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope (read 2026-11)
 */
export function fetchRoleAssignments(
  client: AzureClient,
  identity: Identity,
  scope: string,
): Promise<RoleAssignment[]> {
  const path = `${scope}/providers/Microsoft.Authorization/roleAssignments`;
  return listArm(client, identity, path, "2022-04-01", roleAssignment);
}

/** Whether an assignment at a scope acts on a resource: it lies there or below; case does not matter. */
export function actsAt(scope: string, resourceId: string): boolean {
  const [above, below] = [scope.toLowerCase().replace(/\/$/, ""), resourceId.toLowerCase()];
  return below === above || below.startsWith(`${above}/`);
}
