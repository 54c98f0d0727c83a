/** One request, as plain data: nothing of it is sent until an {@link Exchange} gets it. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer whose body has arrived whole. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; of a repeated header the values are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends one request, once, and reads the whole answer. Never follows a redirect: requests carry tokens
 * and secrets, which go to the host that they were meant for and to no other.
 *
 * @param timeoutMilliseconds For the whole exchange, connection included.
 * @throws {ConnectionError} when no whole answer came.
 */
export type Exchange = (request: HttpRequest, timeoutMilliseconds: number) => Promise<HttpAnswer>;

/** The `Retry-After` header in seconds; undefined when absent or not understood. */
export function retryAfterSeconds(answer: HttpAnswer, now: Date): number | undefined {
  const text = answer.headers["retry-after"];
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text.trim())) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now.getTime()) / 1000));
}
