import * as z from "zod/mini";
import type { Cloud } from "../core/cloud/clouds";
import { keyVaultApiVersion } from "../core/vault/keyVaultApi";
import type { AzureClient, Reply, SendOptions } from "./azureClient";
import type { HttpAnswer } from "./http";
import { readPages } from "./pages";
import { readJson } from "./json";
import { isNotFound, readBody, serviceRefusal, ServiceRefusal } from "./serviceRefusal";
import { addressOf, resourceManager } from "./services";
import type { Identity } from "./signIn";

/** As messages call it. */
export const armService = resourceManager.name;

/** One request to Azure Resource Manager. */
export interface ArmQuestion {
  /** Default GET. */
  readonly method?: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** From the first slash on, or an address that {@link addressOf} has checked. */
  readonly path: string | URL;
  /** Where the path has none of its own, as links of Azure's answers may. */
  readonly apiVersion: string;
  readonly body?: unknown;
}

type Patience = Pick<SendOptions, "passesByItself">;

/** The bare answer of Azure Resource Manager, whatever its status. */
export async function askArm(
  client: AzureClient,
  identity: Identity,
  { method = "GET", path, apiVersion, body }: ArmQuestion,
  patience: Patience = {},
): Promise<Reply> {
  const url = armAddress(client.cloud, path, apiVersion);
  const token = await identity.getToken(resourceManager);
  return client.send({ to: resourceManager, method, url, token, json: body }, patience);
}

function armAddress(cloud: Cloud, path: string | URL, apiVersion: string): URL {
  // Put together as text: a path that begins with two slashes would lead to another host as a relative address.
  const url = addressOf(
    cloud,
    resourceManager,
    typeof path === "string" ? cloud.resourceManager + path : new URL(path),
  );
  if (!url.searchParams.has("api-version")) url.searchParams.set("api-version", apiVersion);
  return url;
}

/**
 * Sends a GET to Azure Resource Manager and reads its answer.
 *
 * @param path From the first slash on.
 */
export async function getArm<T>(
  client: AzureClient,
  identity: Identity,
  path: string | URL,
  apiVersion: string,
  shape: z.ZodMiniType<T>,
): Promise<T> {
  return readBody(armService, await askArm(client, identity, { path, apiVersion }), shape);
}

/** Reads all pages of a list. */
export async function listArm<T>(
  client: AzureClient,
  identity: Identity,
  path: string,
  apiVersion: string,
  item: z.ZodMiniType<T>,
): Promise<T[]> {
  const page = z.object({ value: z.array(item), nextLink: z.nullish(z.string()) });
  return readPages(client.cloud, resourceManager, armAddress(client.cloud, path, apiVersion), async (url) => {
    const { value, nextLink } = await getArm(client, identity, url, apiVersion, page);
    return { items: value, nextLink };
  });
}

const progress = z.object({
  status: z.optional(z.string()),
  properties: z.optional(z.object({ provisioningState: z.optional(z.string()) })),
});

/**
 * Sends a PUT and waits until Azure has finished with it.
 *
 * @throws {ServiceRefusal} when it is refused, fails, or takes longer than the client waits.
 * @throws {OperatorError} `HOST_FOREIGN` when Azure names an operation on another host.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations (read 2026-11)
 */
export async function putArm(
  client: AzureClient,
  identity: Identity,
  question: Omit<ArmQuestion, "method">,
  reason: string,
): Promise<void> {
  const { path, apiVersion } = question;
  const first = await askArm(client, identity, { ...question, method: "PUT" });
  if (![200, 201, 202].includes(first.status)) throw serviceRefusal(armService, first);
  const operation = first.headers["azure-asyncoperation"] ?? first.headers["location"];
  const last = await askArm(
    client,
    identity,
    {
      path:
        operation === undefined
          ? path
          : addressOf(client.cloud, resourceManager, operation, armAddress(client.cloud, path, apiVersion)),
      apiVersion,
    },
    { passesByItself: (answer) => (isUnderWay(answer) ? { reason } : undefined) },
  );
  if (last.status !== 200) throw serviceRefusal(armService, last);
  const state = stateOf(last);
  if (state === undefined) throw serviceRefusal(armService, last);
  if (state !== "succeeded") {
    throw new ServiceRefusal(armService, 200, state, `${String(path)} is not finished`, undefined);
  }
}

function isUnderWay(answer: HttpAnswer): boolean {
  // A replica may not know yet what was just accepted.
  if (answer.status === 202 || isNotFound(armService, answer)) return true;
  const state = answer.status === 200 ? stateOf(answer) : undefined;
  return state !== undefined && !["succeeded", "failed", "canceled"].includes(state);
}

/** Of an operation, or of the resource itself; what names none is finished. Undefined for no answer of Azure's. */
function stateOf({ body }: HttpAnswer): string | undefined {
  const found = readJson(progress, body);
  if (found === undefined) return undefined;
  const { status, properties } = found;
  return (status ?? properties?.provisioningState ?? "Succeeded").toLowerCase();
}

const networkRules = z.object({
  defaultAction: z.optional(z.string()),
  ipRules: z._default(z.array(z.object({ value: z.string() })), []),
});
const vault = z.object({
  id: z.string(),
  name: z.string(),
  properties: z.object({
    enableRbacAuthorization: z.nullish(z.boolean()),
    enableSoftDelete: z.nullish(z.boolean()),
    enablePurgeProtection: z.nullish(z.boolean()),
    softDeleteRetentionInDays: z.nullish(z.number()),
    publicNetworkAccess: z.nullish(z.string()),
    networkAcls: z.nullish(networkRules),
  }),
});
const roleAssignment = z.object({
  id: z.string(),
  properties: z.object({
    scope: z.string(),
    roleDefinitionId: z.string(),
    principalId: z.string(),
    principalType: z._default(z.string(), "Unknown"),
  }),
});

/** A vault as the control plane sees it. */
export type VaultResource = z.infer<typeof vault>;
export type RoleAssignment = z.infer<typeof roleAssignment>;

const workflow = z.pipe(
  z.object({
    properties: z.object({
      state: z.optional(z.string()),
      accessControl: z.unknown(),
      definition: z.unknown(),
    }),
  }),
  z.transform(({ properties }) => properties),
);

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

const deletedVaultShape = z.object({
  name: z.string(),
  properties: z.object({
    vaultId: z.string(),
    location: z.string(),
    deletionDate: z.nullish(z.string()),
    scheduledPurgeDate: z.nullish(z.string()),
    purgeProtectionEnabled: z.nullish(z.boolean()),
  }),
});

/** A vault that was deleted and can be recovered. */
export interface DeletedVault {
  readonly name: string;
  /** ARM ID that it had. */
  readonly vaultId: string;
  readonly location: string;
  /** ISO 8601: when Azure purges it. */
  readonly scheduledPurgeAt: string | undefined;
  /** Then no one, not even Microsoft, can purge it earlier. */
  readonly isPurgeProtected: boolean;
}

/**
 * Looks for a soft-deleted vault of one name in a subscription; case does not matter.
 *
 * @throws {ServiceRefusal} 403 without `Microsoft.KeyVault/deletedVaults/read` on the subscription.
 * @see https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted (read 2026-11)
 */
export async function findDeletedVault(
  client: AzureClient,
  identity: Identity,
  subscriptionId: string,
  name: string,
): Promise<DeletedVault | undefined> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/deletedVaults`;
  const found = await listArm(client, identity, path, keyVaultApiVersion, deletedVaultShape);
  const deleted = found.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (deleted === undefined) return undefined;
  const { vaultId, location, scheduledPurgeDate, purgeProtectionEnabled } = deleted.properties;
  return {
    name: deleted.name,
    vaultId,
    location,
    scheduledPurgeAt: scheduledPurgeDate ?? undefined,
    isPurgeProtected: purgeProtectionEnabled === true,
  };
}
