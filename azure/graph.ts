import * as z from "zod/mini";
import type { Cloud } from "../core/cloud/clouds";
import type { AzureClient, Reply, SendOptions } from "./azureClient";
import type { Credential } from "./credential";
import { readPages } from "./pages";
import { readBody } from "./serviceRefusal";
import { addressOf, microsoftGraph } from "./services";

/** Microsoft Graph's client ID, the same in every tenant. */
export const graphClientId = "00000003-0000-0000-c000-000000000000";

const service = microsoftGraph.name;

type Patience = Pick<SendOptions, "passesByItself" | "onAttempt">;

/** Microsoft Graph v1.0 with one token. */
export interface GraphApi {
  /** @throws {ServiceRefusal} for anything but 200 and the shape. */
  get<T>(path: string, shape: z.ZodMiniType<T>): Promise<T>;
  /** Reads all pages. */
  list<T>(path: string, item: z.ZodMiniType<T>): Promise<T[]>;
  /** For the reads that Graph wants as POST. */
  post<T>(path: string, body: unknown, shape: z.ZodMiniType<T>): Promise<T>;
  /** The bare answer, whatever its status. */
  ask(path: string, patience?: Patience): Promise<Reply>;
  /** Changes something; the bare answer, whatever its status. */
  write(
    method: "POST" | "PATCH" | "DELETE",
    path: string,
    body?: unknown,
    patience?: Patience,
  ): Promise<Reply>;
}

/** @param getToken Asked before each request, so that a token can be fetched when it is first needed. */
export function graphApi(client: AzureClient, getToken: () => Promise<Credential>): GraphApi {
  const send = async (
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string | URL,
    body?: unknown,
    patience: Patience = {},
  ): Promise<Reply> => {
    const url = typeof path === "string" ? graphAddress(client.cloud, path) : path;
    const token = await getToken();
    return client.send({ to: microsoftGraph, method, url, token, json: body }, patience);
  };
  return {
    ask: (path, patience) => send("GET", path, undefined, patience),
    write: send,
    get: async (path, shape) => readBody(service, await send("GET", path), shape),
    post: async (path, body, shape) => readBody(service, await send("POST", path, body), shape),
    list: async <T>(path: string, item: z.ZodMiniType<T>) => {
      const page = z.object({ value: z.array(item), "@odata.nextLink": z.optional(z.string()) });
      return readPages(client.cloud, microsoftGraph, graphAddress(client.cloud, path), async (url) => {
        const { value, "@odata.nextLink": nextLink } = readBody(service, await send("GET", url), page);
        return { items: value, nextLink };
      });
    },
  };
}

function graphAddress(cloud: Cloud, path: string): URL {
  return addressOf(cloud, microsoftGraph, `${cloud.graph}/v1.0${path}`);
}
