/**
 * The `Headers` of a message of the emulator. Node's own checks and sorts each name, which took a quarter of the time of
 * an answer; the server checks them once more when it writes them.
 */
class WholeHeaders {
  readonly #values = new Map<string, string>();

  constructor(headers: Iterable<[string, string]>) {
    for (const [name, value] of headers) this.append(name, value);
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), value);
  }

  append(name: string, value: string): void {
    const present = this.get(name);
    this.set(name, present === null ? value : `${present}, ${value}`);
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#values[Symbol.iterator]();
  }

  clone(): Headers {
    return new Headers([...this]);
  }
}

const utf8 = new TextDecoder();

/**
 * A `Request` whose body is here as a whole. Node's own makes a stream of a body and a signal that could abort it, which
 * takes longer than the rest of an answer. A caller that needs more than this class has gets Node's own. Pass a clone to
 * `fetch` and `new Request`.
 */
class WholeRequest {
  readonly url: string;
  readonly headers: WholeHeaders;
  readonly #body: Uint8Array<ArrayBuffer>;

  constructor(
    url: string,
    readonly method: string,
    headers: [string, string][],
    body: Uint8Array<ArrayBuffer>,
  ) {
    this.url = new URL(url).href;
    this.headers = new WholeHeaders(headers);
    this.#body = body;
  }

  text(): Promise<string> {
    return Promise.resolve(utf8.decode(this.#body));
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  clone(): Request {
    const { url, method } = this;
    const hasNone = this.#body.length === 0 || ["GET", "HEAD"].includes(method);
    const headers = this.headers.clone();
    return new Request(url, { method, headers, ...(hasNone ? {} : { body: this.#body }) });
  }
}

/** A request that has arrived whole. */
export function wholeRequest(
  url: string,
  method: string,
  headers: [string, string][],
  body: Uint8Array<ArrayBuffer>,
): Request {
  return new WholeRequest(url, method, headers, body) as unknown as Request;
}

/** A `Response` whose body is here as a whole, for the same reason. */
class WholeResponse {
  readonly headers: WholeHeaders;
  readonly #body: string;

  constructor(
    readonly status: number,
    headers: Readonly<Record<string, string>>,
    body: string,
  ) {
    this.headers = new WholeHeaders(Object.entries(headers));
    this.#body = body;
  }

  text(): Promise<string> {
    return Promise.resolve(this.#body);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  /** With the headers as they are by then. */
  clone(): Response {
    return new Response(this.#body, { status: this.status, headers: this.headers.clone() });
  }
}

/** An answer that is here as a whole. */
export function wholeResponse(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): Response {
  return new WholeResponse(status, headers, body) as unknown as Response;
}

/**
 * Adds the properties of Node's own class that a class lacks. They come from a clone, which is of Node's own class.
 *
 * @param present Those that each object has itself.
 */
function leaveToClone(
  { prototype: whole }: { readonly prototype: object },
  { prototype: own }: { readonly prototype: object },
  present: readonly string[],
): void {
  for (const name of Object.getOwnPropertyNames(own)) {
    if (Object.hasOwn(whole, name) || present.includes(name)) continue;
    Object.defineProperty(whole, name, {
      get(this: { clone(): Record<string, unknown> }) {
        const clone = this.clone();
        const value = clone[name];
        return typeof value === "function" ? (value as () => unknown).bind(clone) : value;
      },
    });
  }
}

leaveToClone(WholeHeaders, Headers, []);
leaveToClone(WholeRequest, Request, ["url", "method", "headers"]);
leaveToClone(WholeResponse, Response, ["status", "headers"]);
