import { z } from "zod";
import type { AzureClient } from "../../azure/azureClient";
import { readBody } from "../../azure/serviceRefusal";
import type { Identity } from "../../azure/signIn";

/** Base URL and audience of Azure Resource Manager. */
export const armResource = "https://management.azure.com";

const service = "Azure Resource Manager";
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

/**
 * Sends a GET to Azure Resource Manager and reads its answer.
 *
 * @param path From the first slash on, without `api-version`.
 */
export async function getArm<T>(
  client: AzureClient,
  identity: Identity,
  path: string,
  apiVersion: string,
  shape: z.ZodType<T>,
): Promise<T> {
  const url = new URL(path, armResource);
  url.searchParams.set("api-version", apiVersion);
  const headers = {
    Authorization: `Bearer ${await identity.getToken(armResource)}`,
    Accept: "application/json",
  };
  return readBody(service, await client.send({ method: "GET", url: url.href, headers }, { service }), shape);
}

/** @param vaultId ARM ID of the vault. */
export function fetchVault(client: AzureClient, identity: Identity, vaultId: string): Promise<VaultResource> {
  return getArm(client, identity, vaultId, "2024-11-01", vault);
}

/**
 * Role assignments that act at a scope: made there, below it, or inherited from above.
 *
 * @see https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope (read 2026-11)
 */
export async function fetchRoleAssignments(
  client: AzureClient,
  identity: Identity,
  scope: string,
): Promise<RoleAssignment[]> {
  const page = z.object({ value: z.array(roleAssignment), nextLink: z.string().nullish() });
  const assignments: RoleAssignment[] = [];
  let path: string | undefined = `${scope}/providers/Microsoft.Authorization/roleAssignments`;
  while (path !== undefined) {
    const { value, nextLink }: z.infer<typeof page> = await getArm(
      client,
      identity,
      path,
      "2022-04-01",
      page,
    );
    assignments.push(...value);
    // Only the path goes on: the token stays with Azure Resource Manager whatever the link says.
    path = nextLink == null || nextLink === "" ? undefined : pathOf(nextLink);
  }
  return assignments;
}

function pathOf(link: string): string {
  const { pathname, search } = new URL(link, armResource);
  return pathname + search;
}

/** Whether an assignment at a scope acts on a resource: it lies there or below; case does not matter. */
export function actsAt(scope: string, resourceId: string): boolean {
  const [above, below] = [scope.toLowerCase().replace(/\/$/, ""), resourceId.toLowerCase()];
  return below === above || below.startsWith(`${above}/`);
}
