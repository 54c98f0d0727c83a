import * as z from "zod/mini";
import { ConnectionError } from "./connectionError";
import type { Exchange, HttpAnswer, HttpRequest } from "./http";
import { readJson } from "./json";

/** Requests in one batch, at most. */
const mostRequests = 20;

/** Batches under way at a time with one token. While they are, further requests gather for the next one. */
const mostBatches = 4;

const batchAnswer = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.int(),
      headers: z.nullish(z.record(z.string(), z.string())),
      body: z.unknown(),
    }),
  ),
});

interface Waiting {
  readonly request: HttpRequest;
  readonly timeoutMilliseconds: number;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests with the same token. */
interface Queue {
  readonly waiting: Waiting[];
  batches: number;
}

/**
 * Sends reads of Microsoft Graph that are asked for at the same time with the same token as one request, up to 20 together. Each
 * keeps an answer of its own: Graph grants, refuses and throttles each by itself. What fails as a whole fails for each.
 *
 * @param graph Origin of Microsoft Graph; requests to other services are sent as they are.
 * @see https://learn.microsoft.com/graph/json-batching (read 2026-11)
 */
export function batchingExchange(exchange: Exchange, graph: string): Exchange {
  const queues = new Map<string, Queue>();
  const flush = (key: string, queue: Queue): void => {
    while (queue.waiting.length > 0 && queue.batches < mostBatches) {
      queue.batches += 1;
      void answer(exchange, queue.waiting.splice(0, mostRequests)).then(() => {
        queue.batches -= 1;
        flush(key, queue);
      });
    }
    if (queue.batches === 0 && queues.get(key) === queue) queues.delete(key);
  };
  return (request, timeoutMilliseconds) => {
    if (request.method !== "GET" || !request.url.startsWith(`${graph}/v1.0/`)) {
      return exchange(request, timeoutMilliseconds);
    }
    const key = request.headers?.["Authorization"] ?? "";
    return new Promise((resolve, reject) => {
      const queue = queues.get(key) ?? { waiting: [], batches: 0 };
      queue.waiting.push({ request, timeoutMilliseconds, resolve, reject });
      queues.set(key, queue);
      // Once all that is asked for in this turn is there.
      setImmediate(flush, key, queue);
    });
  };
}

/** Sends requests together and answers each; never rejects. */
async function answer(exchange: Exchange, together: readonly Waiting[]): Promise<void> {
  try {
    const answers = await ask(exchange, together);
    for (const [index, { resolve }] of together.entries()) resolve(answers[index] as HttpAnswer);
  } catch (error) {
    for (const { reject } of together) reject(error);
  }
}

/** @returns As many answers as requests, in their order. */
async function ask(exchange: Exchange, together: readonly Waiting[]): Promise<HttpAnswer[]> {
  const [first] = together;
  if (first === undefined) return [];
  if (together.length === 1) return [await exchange(first.request, first.timeoutMilliseconds)];
  const { origin, host } = new URL(first.request.url);
  const root = `${origin}/v1.0`;
  const whole = await exchange(
    {
      method: "POST",
      url: `${root}/$batch`,
      headers: { ...first.request.headers, "Content-Type": "application/json" },
      body: JSON.stringify({
        requests: together.map(({ request }, index) => ({
          id: String(index),
          method: request.method,
          url: request.url.slice(root.length),
        })),
      }),
    },
    Math.max(...together.map(({ timeoutMilliseconds }) => timeoutMilliseconds)),
  );
  if (whole.status !== 200) return together.map(() => whole);
  // Graph gives the ID that support asks for to the batch, not to each of its answers.
  const requestId = whole.headers["request-id"];
  const answers = readJson(batchAnswer, whole.body)?.responses ?? [];
  const byId = new Map(answers.map((one) => [one.id, one]));
  return together.map((_, index): HttpAnswer => {
    const found = byId.get(String(index));
    if (found === undefined) throw unanswered(host);
    const { status, headers, body } = found;
    return {
      status,
      headers: {
        ...(requestId === undefined ? {} : { "request-id": requestId }),
        ...Object.fromEntries(
          Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
        ),
      },
      body: typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body),
    };
  });
}

function unanswered(host: string): ConnectionError {
  return new ConnectionError(
    "ANSWER_UNREADABLE",
    `${host} left requests of a batch without an answer, which Microsoft Graph does not do. Something between this machine and ` +
      "Azure answers in its place.",
  );
}
