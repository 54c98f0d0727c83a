import * as z from "zod/mini";
import { OperatorError } from "../../core/errors";
import { knowing } from "../shared/known";
import type { HttpAnswer } from "../../azure/http";
import type { AppOutputs } from "../../core/outputs/stackOutputs";
import { azureClient } from "../../azure/azureClient";
import { graphApi, type GraphApi } from "../../azure/graph";
import { keyCredentials } from "../../azure/keyCredentials";
import { readBody, serviceRefusal } from "../../azure/serviceRefusal";
import { microsoftGraph } from "../../azure/services";
import { signIn } from "../../azure/signIn";
import type { World } from "../shared/world";
import type { Removal } from "./removals";

const service = "Microsoft Graph";
const patienceSeconds = 120;

/** So many seconds from the first removal, a replica may still list what is gone. */
const lagSeconds = 60;

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
 * @see https://learn.microsoft.com/graph/api/application-update (read 2026-11): keyCredentials, replaced as a whole, so that
 *   the others are sent back as they were read
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
  const registered = keyCredentials(graph, () => world.sleep(1000));
  const results: RemovalResult[] = [];
  for (const removal of removals.filter(({ kind }) => kind === "client secret")) {
    const { holder, keyId } = removal;
    results.push({ removal, refusal: await removePassword(graph, paths[holder], keyId) });
  }
  for (const holder of ["application", "servicePrincipal"] as const) {
    const certificates = removals.filter((one) => one.kind === "certificate" && one.holder === holder);
    if (certificates.length === 0) continue;
    const keyIds = certificates.map(({ keyId }) => keyId);
    const removed = await knowing(registered.remove(paths[holder], keyIds));
    const refusal = removed.known ? undefined : removed.error.message;
    results.push(...certificates.map((removal) => ({ removal, refusal })));
  }
  return confirmed(graph, paths, results);
}

const credentials = z.object({
  passwordCredentials: z.array(z.object({ keyId: z.string() })),
  keyCredentials: z.array(z.object({ keyId: z.string() })),
});

/** Takes no removal for done that the directory does not confirm: a credential that leaked is dangerous until it is gone. */
async function confirmed(
  graph: GraphApi,
  paths: Readonly<Record<Removal["holder"], string>>,
  results: readonly RemovalResult[],
): Promise<RemovalResult[]> {
  const accepted = (holder: Removal["holder"]) =>
    results.filter(({ removal, refusal }) => removal.holder === holder && refusal === undefined);
  const left = {
    application: await stillListed(graph, paths.application, accepted("application")),
    servicePrincipal: await stillListed(graph, paths.servicePrincipal, accepted("servicePrincipal")),
  };
  return results.map(({ removal, refusal }) => ({
    removal,
    refusal: refusal ?? whyNotGone(left[removal.holder], removal.keyId),
  }));
}

function whyNotGone(left: readonly string[] | OperatorError, keyId: string): string | undefined {
  if (left instanceof OperatorError) {
    return `Microsoft Graph accepted it, and whether it is gone could not be read: ${left.message}`;
  }
  return left.includes(keyId)
    ? "Microsoft Graph accepted it, and still lists the credential. Run this again."
    : undefined;
}

/** Key IDs of those that the directory still lists, once it has had the time to reach every replica; or why it did not say. */
async function stillListed(
  graph: GraphApi,
  path: string,
  removed: readonly RemovalResult[],
): Promise<readonly string[] | OperatorError> {
  if (removed.length === 0) return [];
  const listedIn = (answer: HttpAnswer): readonly string[] => {
    const { passwordCredentials, keyCredentials } = readBody(service, answer, credentials);
    const listed = new Set([...passwordCredentials, ...keyCredentials].map(({ keyId }) => keyId));
    return removed.map(({ removal }) => removal.keyId).filter((keyId) => listed.has(keyId));
  };
  const passesByItself = (one: HttpAnswer) =>
    one.status === 200 && listedIn(one).length > 0
      ? { reason: "the removal does not show everywhere yet", waitSeconds: lagSeconds }
      : undefined;
  const left = await knowing(
    graph.ask(`${path}?$select=passwordCredentials,keyCredentials`, { passesByItself }).then(listedIn),
  );
  return left.known ? left.value : left.error;
}

async function removePassword(graph: GraphApi, path: string, keyId: string): Promise<string | undefined> {
  const reply = await graph.write("POST", `${path}/removePassword`, { keyId });
  if (reply.status === 204 || reply.status === 200) return undefined;
  const refusal = serviceRefusal(service, reply);
  // The first attempt succeeded and its answer was lost, or someone else removed it.
  return /No password credential found/i.test(refusal.detail) ? undefined : refusal.message;
}
