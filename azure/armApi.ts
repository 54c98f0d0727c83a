import { z } from "zod";
import type { AzureClient, Reply, SendOptions } from "./azureClient";
import type { HttpAnswer } from "./http";
import { parseJson, readBody, serviceRefusal, ServiceRefusal } from "./serviceRefusal";
import type { Identity } from "./signIn";

/** Base URL and audience of Azure Resource Manager. */
export const armResource = "https://management.azure.com";

/** As messages call it. */
export const armService = "Azure Resource Manager";

/** One request to Azure Resource Manager. */
export interface ArmQuestion {
  /** Default GET. */
  readonly method?: "GET" | "PUT" | "POST" | "DELETE";
  /** From the first slash on. */
  readonly path: string;
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
  const url = new URL(path, armResource);
  if (!url.searchParams.has("api-version")) url.searchParams.set("api-version", apiVersion);
  const headers = {
    Authorization: `Bearer ${await identity.getToken(armResource)}`,
    Accept: "application/json",
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
  };
  return client.send(
    { method, url: url.href, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
    { service: armService, ...patience },
  );
}

/**
 * Sends a GET to Azure Resource Manager and reads its answer.
 *
 * @param path From the first slash on.
 */
export async function getArm<T>(
  client: AzureClient,
  identity: Identity,
  path: string,
  apiVersion: string,
  shape: z.ZodType<T>,
): Promise<T> {
  return readBody(armService, await askArm(client, identity, { path, apiVersion }), shape);
}

/** Reads all pages of a list. */
export async function listArm<T>(
  client: AzureClient,
  identity: Identity,
  path: string,
  apiVersion: string,
  item: z.ZodType<T>,
): Promise<T[]> {
  const page = z.object({ value: z.array(item), nextLink: z.string().nullish() });
  const items: T[] = [];
  let next: string | undefined = path;
  while (next !== undefined) {
    const { value, nextLink }: z.infer<typeof page> = await getArm(client, identity, next, apiVersion, page);
    items.push(...value);
    // Only the path goes on: the token stays with Azure Resource Manager whatever the link says.
    next = nextLink == null || nextLink === "" ? undefined : pathOf(nextLink);
  }
  return items;
}

const progress = z.object({
  status: z.string().optional(),
  properties: z.object({ provisioningState: z.string().optional() }).optional(),
});

/**
 * Sends a PUT and waits until Azure has finished with it.
 *
 * @throws {ServiceRefusal} when it is refused, fails, or takes longer than the client waits.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations (read 2026-11)
 */
export async function putArm(
  client: AzureClient,
  identity: Identity,
  question: Omit<ArmQuestion, "method">,
  reason: string,
): Promise<void> {
  const first = await askArm(client, identity, { ...question, method: "PUT" });
  if (![200, 201, 202].includes(first.status)) throw serviceRefusal(armService, first);
  const operation = first.headers["azure-asyncoperation"] ?? first.headers["location"];
  const path = operation === undefined ? question.path : pathOf(operation);
  const last = await askArm(
    client,
    identity,
    { path, apiVersion: question.apiVersion },
    { passesByItself: (answer) => (isUnderWay(answer) ? { reason } : undefined) },
  );
  const state = stateOf(last);
  if (last.status === 200 && state === "succeeded") return;
  if (last.status !== 200) throw serviceRefusal(armService, last);
  throw new ServiceRefusal(armService, 200, state, `${question.path} is not finished`, undefined);
}

function isUnderWay(answer: HttpAnswer): boolean {
  // A replica may not know yet what was just accepted.
  if (answer.status === 202 || answer.status === 404) return true;
  return answer.status === 200 && !["succeeded", "failed", "canceled"].includes(stateOf(answer));
}

/** Of an operation, or of the resource itself; what names none is finished. */
function stateOf({ body }: HttpAnswer): string {
  const { status, properties } = progress.safeParse(parseJson(body)).data ?? {};
  return (status ?? properties?.provisioningState ?? "Succeeded").toLowerCase();
}

function pathOf(link: string): string {
  const { pathname, search } = new URL(link, armResource);
  return pathname + search;
}
