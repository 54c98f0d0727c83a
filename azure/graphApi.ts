import { z } from "zod";
import type { AzureClient, Reply, SendOptions } from "./azureClient";
import { readBody } from "./serviceRefusal";

/** Base URL and audience of Microsoft Graph. */
export const graphResource = "https://graph.microsoft.com";

/** Microsoft Graph's client ID, the same in every tenant. */
export const graphClientId = "00000003-0000-0000-c000-000000000000";

const service = "Microsoft Graph";

type Patience = Pick<SendOptions, "passesByItself">;

/** Microsoft Graph v1.0 with one token. */
export interface GraphApi {
  /** @throws {ServiceRefusal} for anything but 200 and the shape. */
  get<T>(path: string, shape: z.ZodType<T>): Promise<T>;
  /** Reads all pages. */
  list<T>(path: string, item: z.ZodType<T>): Promise<T[]>;
  /** For the reads that Graph wants as POST. */
  post<T>(path: string, body: unknown, shape: z.ZodType<T>): Promise<T>;
  /** The bare answer, whatever its status. */
  ask(path: string, patience?: Patience): Promise<Reply>;
  /** Changes something; the bare answer, whatever its status. */
  write(method: "POST" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<Reply>;
}

/** @param getToken Asked before each request, so that a token can be fetched when it is first needed. */
export function graphApi(client: AzureClient, getToken: () => Promise<string>): GraphApi {
  const send = async (
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    body?: unknown,
    patience: Patience = {},
  ): Promise<Reply> => {
    const url = `${graphResource}/v1.0${path}`;
    const headers = { Authorization: `Bearer ${await getToken()}`, Accept: "application/json" };
    return client.send(
      body === undefined
        ? { method, url, headers }
        : {
            method,
            url,
            headers: { ...headers, "Content-Type": "application/json" },
            body: JSON.stringify(body),
          },
      { service, ...patience },
    );
  };
  const ask: GraphApi["ask"] = (path, patience) => send("GET", path, undefined, patience);
  return {
    ask,
    write: (method, path, body) => send(method, path, body),
    get: async (path, shape) => readBody(service, await ask(path), shape),
    post: async (path, body, shape) => readBody(service, await send("POST", path, body), shape),
    list: async <T>(path: string, item: z.ZodType<T>) => {
      const page = z.object({ value: z.array(item), "@odata.nextLink": z.string().optional() });
      const items: T[] = [];
      let next: string | undefined = path;
      while (next !== undefined) {
        const answer: z.infer<typeof page> = readBody(service, await ask(next), page);
        items.push(...answer.value);
        next = nextPath(answer["@odata.nextLink"]);
      }
      return items;
    },
  };
}

/** Only the path goes on: the token stays with Graph whatever the link says. */
function nextPath(link: string | undefined): string | undefined {
  if (link === undefined) return undefined;
  const { pathname, search } = new URL(link);
  return pathname.replace(/^\/v1\.0/, "") + search;
}
