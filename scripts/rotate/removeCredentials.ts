import type { AppOutputs } from "../../core/outputs/stackOutputs";
import { azureClient } from "../../azure/azureClient";
import { graphApi, type GraphApi } from "../../azure/graph";
import { serviceRefusal } from "../../azure/serviceRefusal";
import { microsoftGraph } from "../../azure/services";
import { signIn } from "../../azure/signIn";
import type { World } from "../shared/world";
import type { Removal } from "./removals";

const service = "Microsoft Graph";
const patienceSeconds = 120;

/** What became of one removal. */
export interface RemovalResult {
  readonly removal: Removal;
  /** Why it did not happen; undefined when the credential is gone. */
  readonly refusal: string | undefined;
}

/**
 * Removes credentials of one app through Microsoft Graph, one after the other; a refusal of one does not keep the
 * others.
 *
 * @see https://learn.microsoft.com/graph/api/application-removepassword (read 2026-11): Application.ReadWrite.OwnedBy
 *   for an app that the caller owns
 * @see https://learn.microsoft.com/graph/api/application-update (read 2026-11): keyCredentials, replaced as a whole
 */
export async function removeCredentials(
  world: World,
  tenantId: string,
  app: AppOutputs,
  removals: readonly Removal[],
): Promise<RemovalResult[]> {
  const client = azureClient(world, { waitSeconds: patienceSeconds });
  const identity = signIn(world.env, client, tenantId);
  const paths = {
    application: `/applications/${app.applicationObjectId}`,
    servicePrincipal: `/servicePrincipals/${app.servicePrincipalObjectId}`,
  };
  const graph = graphApi(client, () => identity.getToken(microsoftGraph));
  const send = (method: "POST" | "PATCH", path: string, body: unknown): Promise<string | undefined> =>
    write(graph, method, path, body);
  const results: RemovalResult[] = [];
  for (const removal of removals.filter(({ kind }) => kind === "client secret")) {
    const { holder, keyId } = removal;
    results.push({ removal, refusal: await send("POST", `${paths[holder]}/removePassword`, { keyId }) });
  }
  for (const holder of ["application", "servicePrincipal"] as const) {
    const certificates = removals.filter((one) => one.kind === "certificate" && one.holder === holder);
    if (certificates.length === 0) continue;
    const refusal = await send("PATCH", paths[holder], { keyCredentials: [] });
    results.push(...certificates.map((removal) => ({ removal, refusal })));
  }
  return results;
}

async function write(
  graph: GraphApi,
  method: "POST" | "PATCH",
  path: string,
  body: unknown,
): Promise<string | undefined> {
  const reply = await graph.write(method, path, body);
  if (reply.status === 204 || reply.status === 200) return undefined;
  const refusal = serviceRefusal(service, reply);
  // The first attempt was done and its answer lost, or somebody else was faster.
  return /No password credential found/i.test(refusal.detail) ? undefined : refusal.message;
}
