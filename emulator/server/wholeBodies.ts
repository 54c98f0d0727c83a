/**
 * A `Request` whose body is here as a whole. Node's own turns a body into a stream, and reading that takes longer than
 * all else of an answer. Only a caller that reads neither text nor JSON gets Node's own.
 */
export class WholeRequest extends Request {
  override readonly text: () => Promise<string>;
  override readonly clone: () => Request;

  constructor(url: string, init: Pick<RequestInit, "method" | "headers">, body: Uint8Array<ArrayBuffer>) {
    super(url, init);
    this.text = () => Promise.resolve(new TextDecoder().decode(body));
    const hasNone = body.length === 0 || ["GET", "HEAD"].includes(this.method);
    this.clone = () => new Request(url, hasNone ? init : { ...init, body });
  }
}

/** A `Response` whose body is here as a whole, for the same reason. */
export class WholeResponse extends Response {
  override readonly text: () => Promise<string>;
  override readonly clone: () => Response;

  constructor(body: string, init: ResponseInit) {
    super(null, init);
    this.text = () => Promise.resolve(body);
    // With the headers as they are by then.
    this.clone = () => new Response(body, this);
  }
}

type Whole = WholeRequest | WholeResponse;

for (const { prototype } of [WholeRequest, WholeResponse]) {
  Object.defineProperties(prototype, {
    body: {
      get(this: Whole) {
        return this.clone().body;
      },
    },
    json: {
      async value(this: Whole): Promise<unknown> {
        return JSON.parse(await this.text());
      },
    },
    arrayBuffer: {
      value(this: Whole) {
        return this.clone().arrayBuffer();
      },
    },
    blob: {
      value(this: Whole) {
        return this.clone().blob();
      },
    },
  });
}
