import * as z from "zod/mini";
import type { ExistingApplication } from "../core/permissions/existingApps";
import { keyVaultApiVersion } from "../core/vault/keyVaultApi";
import type { PublishedSecret } from "../core/vault/vaultInUse";
import { fetchApplications, inFilter } from "./applications";
import { listArm } from "./arm";
import type { AzureClient } from "./azureClient";
import type { GraphApi } from "./graph";
import { isMissing } from "./serviceRefusal";
import type { Identity } from "./signIn";

const secretShape = z.object({
  name: z.string(),
  // A person who can write a secret can write its tags.
  tags: z.nullish(z.object({ clientId: z.catch(z.optional(z.guid()), undefined) })),
});

/**
 * Which applications' client secrets a vault holds, by the tags of its secrets; no value is read. None for a vault that is
 * not there.
 */
export async function fetchVaultUse(
  client: AzureClient,
  identity: Identity,
  graph: GraphApi,
  vaultId: string,
): Promise<PublishedSecret[]> {
  let secrets: z.infer<typeof secretShape>[];
  try {
    secrets = await listArm(client, identity, `${vaultId}/secrets`, keyVaultApiVersion, secretShape);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  const found = new Map<string, ExistingApplication | undefined>();
  for (const clientId of secrets.flatMap(({ tags }) => tags?.clientId ?? [])) {
    if (found.has(clientId)) continue;
    const [application] = await fetchApplications(graph, `appId eq ${inFilter(clientId)}`);
    found.set(clientId, application);
  }
  return secrets.map(({ name, tags }) => ({
    secretName: name,
    hasClientTag: tags?.clientId !== undefined,
    application: tags?.clientId === undefined ? undefined : found.get(tags.clientId),
  }));
}
