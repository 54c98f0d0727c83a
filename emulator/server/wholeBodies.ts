/**
 * A `Request` whose body is here as a whole. Node's own makes a stream of a body and a signal that could abort it, which
 * takes longer than the rest of an answer. A caller that needs more than this class has gets Node's own. Pass a clone to
 * `fetch` and `new Request`.
 */
class WholeRequest {
  readonly url: string;
  readonly headers: Headers;
  readonly #body: Uint8Array<ArrayBuffer>;

  constructor(
    url: string,
    readonly method: string,
    headers: [string, string][],
    body: Uint8Array<ArrayBuffer>,
  ) {
    this.url = new URL(url).href;
    this.headers = new Headers(headers);
    this.#body = body;
  }

  text(): Promise<string> {
    return Promise.resolve(new TextDecoder().decode(this.#body));
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  clone(): Request {
    const { url, method, headers } = this;
    const hasNone = this.#body.length === 0 || ["GET", "HEAD"].includes(method);
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
export class WholeResponse extends Response {
  override readonly text: () => Promise<string>;
  override readonly json: () => Promise<unknown>;
  override readonly clone: () => Response;

  constructor(body: string, init: ResponseInit) {
    super(null, init);
    this.text = () => Promise.resolve(body);
    this.json = async () => JSON.parse(await this.text()) as unknown;
    // With the headers as they are by then.
    this.clone = () => new Response(body, this);
  }
}

/** Adds the properties of Node's own class that a class lacks. They come from a clone, which is of Node's own class. */
function leaveToClone(whole: object, names: readonly string[]): void {
  for (const name of names) {
    Object.defineProperty(whole, name, {
      get(this: { clone(): Record<string, unknown> }) {
        const clone = this.clone();
        const value = clone[name];
        return typeof value === "function" ? (value as () => unknown).bind(clone) : value;
      },
    });
  }
}

const here = ["constructor", "url", "method", "headers", "text", "json", "clone"];
const ofRequest = Object.getOwnPropertyNames(Request.prototype);
leaveToClone(
  WholeRequest.prototype,
  ofRequest.filter((name) => !here.includes(name)),
);
leaveToClone(WholeResponse.prototype, ["body", "blob", "arrayBuffer", "formData", "bytes"]);
